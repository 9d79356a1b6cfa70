// options: what is refused, and with which words.
#include "declared_options.h"

// Each with the whole message, since it is all that a user sees.
static void test_refusals(void)
{
    static const struct {
        const char *argv[MAX_ARGS], *environ[MAX_ARGS];
        enum options_status status;
        const char *text;
    } cases[] = {
        { { "-h" }, { NULL }, OPTIONS_HELP, "" },
        { { "--help" }, { "SP_NONSENSE=1" }, OPTIONS_HELP, "" },
        // flags
        { { "-allowget=x" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unknown option -allowget; did you mean -allowGET?" },
        { { "-proxyprot", "1" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unknown option -proxyprot; did you mean -proxyport?" },
        { { "-zzzzzzzz" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unknown option -zzzzzzzz; neither the core nor a loaded policy has one of that name" },
        { { "-CONTAINERS=1" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unknown option -CONTAINERS; neither the core nor a loaded policy has one of that name" },
        { { "-listenip" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-listenip needs a value, as in -listenip=..." },
        { { "---x" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "\"---x\" is no option: expected -name, -name=value or --name" },
        { { "-=x" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "\"-=x\" is no option: expected -name, -name=value or --name" },
        { { "-logjson=yes" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-logjson: expected true or false (or 1, t, 0, f), got \"yes\"" },
        { { "-logjson=" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-logjson: expected true or false (or 1, t, 0, f), got \"\"" },
        { { "-proxyport=http" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-proxyport: expected a whole number, got \"http\"" },
        { { "-proxyport=-1" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-proxyport: expected a whole number, got \"-1\"" },
        { { "-proxyport=_1" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-proxyport: expected a whole number, got \"_1\"" },
        { { "-proxyport=1__0" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-proxyport: expected a whole number, got \"1__0\"" },
        { { "-proxyport=0x" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-proxyport: expected a whole number, got \"0x\"" },
        { { "-proxyport=18446744073709551616" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-proxyport: expected a whole number, got \"18446744073709551616\"" },
        { { "-maxbody=4mb" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-maxbody: expected a size such as 4096, 64k or 1m, got \"4mb\"" },
        { { "-maxbody=17179869184g" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-maxbody: expected a size such as 4096, 64k or 1m, got \"17179869184g\"" },
        { { "-maxbody=2g" },
          { NULL },
          OPTIONS_BAD_VALUE,
          "-maxbody: expected 1024 to 1073741824 bytes, got \"2g\"" },
        { { "-workers=0" }, { NULL }, OPTIONS_BAD_VALUE, "-workers: expected 1 to 64, got \"0\"" },
        { { "-mode=01000" },
          { NULL },
          OPTIONS_BAD_VALUE,
          "-mode: expected 0 to 511, got \"01000\"" },
        // words
        { { "-logjson", "false" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unexpected argument \"false\": -logjson is a switch and takes a value only with =, as "
          "in "
          "-logjson=false" },
        { { "serve" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unexpected argument \"serve\": options begin with a dash" },
        { { "-" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unexpected argument \"-\": options begin with a dash" },
        { { "--", "-logjson" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "unexpected argument \"-logjson\": options begin with a dash" },
        // variables
        { { NULL },
          { "SP_ALLOW_get=x" },
          OPTIONS_BAD_VALUE,
          "unknown variable SP_ALLOW_get; did you mean SP_ALLOW_GET?" },
        { { NULL },
          { "SP_ALLOW_FOOBARBAZ=x" },
          OPTIONS_BAD_VALUE,
          "unknown variable SP_ALLOW_FOOBARBAZ; neither the core nor a loaded policy has one of "
          "that "
          "name" },
        { { NULL },
          { "MOONWARD_POLICIES=x" },
          OPTIONS_BAD_VALUE,
          "unknown variable MOONWARD_POLICIES; did you mean MOONWARD_POLICY?" },
        { { NULL },
          { "SP_PORT_X=1" },
          OPTIONS_BAD_VALUE,
          "unknown variable SP_PORT_X; neither the core nor a loaded policy has one of that name" },
        { { NULL },
          { "SP_LOGJSON=yes" },
          OPTIONS_BAD_VALUE,
          "SP_LOGJSON: expected true or false (or 1, t, 0, f), got \"yes\"" },
        { { NULL },
          { "CONTAINERS=yes" },
          OPTIONS_BAD_VALUE,
          "CONTAINERS: expected true or false (or 1, t, 0, f), got \"yes\"" },
        { { NULL },
          { "LOG_LEVEL=verbose" },
          OPTIONS_BAD_VALUE,
          "LOG_LEVEL: expected one of debug, err; got \"verbose\"" },
        { { NULL },
          { "GOPROXY_POST=banana", "POST=1" },
          OPTIONS_BAD_VALUE,
          "GOPROXY_POST: expected true or false (or 1, t, 0, f), got \"banana\"" },
        { { NULL },
          { "POSTS=1" },
          OPTIONS_BAD_VALUE,
          "unknown variable POSTS; did you mean POST?" },
        { { NULL },
          { "post=Yes" },
          OPTIONS_BAD_VALUE,
          "unknown variable post; did you mean POST?" },
        { { NULL },
          { "GODOXI_POTS=0" },
          OPTIONS_BAD_VALUE,
          "unknown variable GODOXI_POTS; did you mean GODOXY_POST?" },
        { { NULL },
          { "CONTAINER_NAME=web" },
          OPTIONS_BAD_VALUE,
          "unknown variable CONTAINER_NAME; did you mean CONTAINER_NAMES?" },
        { { NULL },
          { "Container_Names=web" },
          OPTIONS_BAD_VALUE,
          "unknown variable Container_Names; did you mean CONTAINER_NAMES?" },
        { { NULL },
          { "ALLOW_LOGS=0" },
          OPTIONS_BAD_VALUE,
          "unknown variable ALLOW_LOGS; neither the core nor a loaded policy has one of that "
          "name" },
        { { NULL },
          { "SP_PROXYPORT=0x10" },
          OPTIONS_BAD_VALUE,
          "SP_PROXYPORT: expected a whole number, got \"0x10\"" },
        { { NULL },
          { "SP_PROXYSOCKETENDPOINTFILEMODE=0o600" },
          OPTIONS_BAD_VALUE,
          "SP_PROXYSOCKETENDPOINTFILEMODE: expected a file mode in octal digits, such as 0660, got "
          "\"0o600\"" },
        // what YAML makes of an unquoted mode
        { { NULL },
          { "SP_PROXYSOCKETENDPOINTFILEMODE=384" },
          OPTIONS_BAD_VALUE,
          "SP_PROXYSOCKETENDPOINTFILEMODE: expected a file mode in octal digits, such as 0660, got "
          "\"384\"; 384 is 0600 in decimal, which YAML makes of it: quote it, as in \"0600\"" },
        { { NULL },
          { "SP_PROXYSOCKETENDPOINTFILEMODE=999" },
          OPTIONS_BAD_VALUE,
          "SP_PROXYSOCKETENDPOINTFILEMODE: expected a file mode in octal digits, such as 0660, got "
          "\"999\"" },
        // what a list in compose and an env file keep
        { { NULL },
          { "MOONWARD_POLICY=\"traefik\"" },
          OPTIONS_BAD_VALUE,
          "MOONWARD_POLICY: the quotes are part of the value, \"traefik\": in a list of compose or "
          "an env file they stay; write it without, traefik" },
        { { NULL },
          { "MOONWARD_POLICY=a, 'b'" },
          OPTIONS_BAD_VALUE,
          "MOONWARD_POLICY: the quotes are part of the value, 'b': in a list of compose or an env "
          "file they stay; write it without, b" },
        { { "-loglevel='debug'" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-loglevel: the quotes are part of the value, 'debug': in a list of compose or an env "
          "file they stay; write it without, debug" },
        { { NULL },
          { "SP_LOGJSON=\"true\"" },
          OPTIONS_BAD_VALUE,
          "SP_LOGJSON: the quotes are part of the value, \"true\": in a list of compose or an env "
          "file they stay; write it without, true" },
        { { NULL },
          { "SP_SOCKETPATH=/run/docker.sock\r" },
          OPTIONS_BAD_VALUE,
          "SP_SOCKETPATH: the blanks around the value \"/run/docker.sock\" are part of it; write "
          "it "
          "without" },
        { { "-socketpath=${XDG_RUNTIME_DIR}/docker.sock" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-socketpath: \"${XDG_RUNTIME_DIR}/docker.sock\" has a variable that nobody expands: a "
          "shell or compose does, moonward does not" },
        { { "-allowGET=/version -allowPOST=/x" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-allowGET: \"/version -allowPOST=/x\" holds two options; make an argument of its own of "
          "-allowPOST=/x" },
        { { "-loglevel", "debug --logjson" },
          { NULL },
          OPTIONS_BAD_FLAG,
          "-loglevel: \"debug --logjson\" holds two options; make an argument of its own of "
          "--logjson" },
        // names that are nearly known
        { { NULL },
          { "sp_listenip=0.0.0.0" },
          OPTIONS_BAD_VALUE,
          "unknown variable sp_listenip; did you mean SP_LISTENIP?" },
        { { NULL },
          { "MOONWARD_ALLOWGET=/x" },
          OPTIONS_BAD_VALUE,
          "unknown variable MOONWARD_ALLOWGET; did you mean SP_ALLOW_GET?" },
        { { NULL },
          { "MONWARD_POLICY=traefik" },
          OPTIONS_BAD_VALUE,
          "unknown variable MONWARD_POLICY; did you mean MOONWARD_POLICY?" },
        { { NULL },
          { "PORTS=1" },
          OPTIONS_BAD_VALUE,
          "unknown variable PORTS; did you mean POST?" },
        { { NULL },
          { "ALLOWED_PATHS=/x" },
          OPTIONS_BAD_VALUE,
          "unknown variable ALLOWED_PATHS; it sounds like a rule, and nothing reads it: what is "
          "allowed a policy says (MOONWARD_POLICY; `moonward -help` lists its variables)" },
        { { NULL },
          { "SP_LOGLEVEL=info", "MOONWARD_LOGLEVEL=debug" },
          OPTIONS_BAD_VALUE,
          "MOONWARD_LOGLEVEL: SP_LOGLEVEL is set as well and means the same option; keep one of "
          "them" },
        { { NULL },
          { "SP_SOCKETPATH=/a", "SOCKET_FILE=/b" },
          OPTIONS_BAD_VALUE,
          "SOCKET_FILE: SP_SOCKETPATH is set as well and means the same option; keep one of them" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct given given = give(cases[i].argv, cases[i].environ);
        struct options *o = declare();
        struct err err = { "" };
        enum options_status status =
            options_parse(o, given.argc, given.argv, given.environ, NULL, &err);

        if (status != cases[i].status || strcmp(err.text, cases[i].text) != 0)
            fprintf(stderr, "case %zu: status %d, %s\n", i, (int)status, err.text);
        EXPECT(status == cases[i].status);
        EXPECT(strcmp(err.text, cases[i].text) == 0);
        options_free(o);
    }
}

static void test_declarations(void)
{
    static const struct {
        struct option entry;
        const char *text;
    } cases[] = {
        { { .name = "listen", .owner = "x" },
          "the option -listen is declared twice: by core and by x" },
        { { .name = "a", .env = "SP_LISTENIP", .owner = "x" },
          "the variable SP_LISTENIP is declared twice: by core and by x" },
        { { .name = "a", .env = "A", .env_also = weaker, .owner = "x" },
          "the variable GOPROXY_POST is declared twice: by default and by x" },
        { { .name = "a", .words = levels, .sets = "loglevel", .initial = "INFO", .owner = "x" },
          "x declares -a with a default it does not take: expected one of debug, err; got "
          "\"INFO\"" },
        { { .name = "", .owner = "x" },
          "x declares an option without a name and without a variable" },
        { { .name = "a", .sets = "b", .owner = "x" },
          "x declares -a as another name of -b, which does not exist" },
        { { .name = "a", .kind = OPTION_SWITCH, .initial = "maybe", .owner = "x" },
          "x declares -a with a default it does not take: expected true or false (or 1, t, 0, f), "
          "got \"maybe\"" },
        { { .name = "a", .sets = "proxyport", .initial = "http", .owner = "x" },
          "x declares -a with a default it does not take: expected a whole number, got \"http\"" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct options *o = declare();
        struct err err = { "" };

        EXPECT(options_declare(o, &cases[i].entry, &err) == -1);
        if (strcmp(err.text, cases[i].text) != 0)
            fprintf(stderr, "case %zu: %s\n", i, err.text);
        EXPECT(strcmp(err.text, cases[i].text) == 0);
        options_free(o);
    }
}

int main(void)
{
    RUN(test_refusals);
    RUN(test_declarations);
    return 0;
}
