// options: Go's way to write them, precedence, and what is refused with which words.
#include "config/option.h"
#include "config/usage.h"
#include "test.h"

#include <string.h>

#define MAX_ARGS 8

static const char *const weaker[] = { "GOPROXY_POST", "POST", NULL };
static const struct option_word levels[] = { { "debug", "DEBUG" },
                                             { "err", "ERROR" },
                                             { NULL, NULL } };

static const struct option_word verbosity[] = { { "true", "DEBUG" },
                                                { "false", "INFO" },
                                                { NULL, NULL } };

// A policy's options, one of each sort.
static const struct option extra[] = {
    { .name = "allowGET",
      .env = "SP_ALLOW_GET",
      .env_family = true,
      .kind = OPTION_LIST,
      .owner = "default",
      .help = "Paths that GET may ask for." },
    { .name = "allowPOST",
      .env = "SP_ALLOW_POST",
      .env_family = true,
      .kind = OPTION_LIST,
      .owner = "default" },
    { .name = "mode",
      .env = "A_MODE",
      .kind = OPTION_OCTAL,
      .initial = "0600",
      .max = 0777,
      .owner = "default" },
    { .name = "socket-file",
      .env = "SOCKET_FILE",
      .sets = "socketpath",
      .initial = "/s",
      .owner = "default" },
    { .name = "", .env = "CONTAINERS", .kind = OPTION_SWITCH, .initial = "0", .owner = "default" },
    { .name = "",
      .env = "GODOXY_POST",
      .env_also = weaker,
      .env_strict = true,
      .kind = OPTION_SWITCH,
      .initial = "0",
      .owner = "default" },
    { .name = "",
      .env = "ALLOW_RESTARTS",
      .env_empty = true,
      .env_strict = true,
      .initial = "1",
      .owner = "default" },
    { .name = "", .env = "CONTAINER_NAMES", .env_near = true, .owner = "default" },
    { .name = "verbose",
      .env = "VERBOSE",
      .words = verbosity,
      .sets = "loglevel",
      .owner = "default" },
    { .name = "",
      .env = "LOG_LEVEL",
      .words = levels,
      .sets = "loglevel",
      .initial = "err",
      .owner = "default" },
};

static struct options *declare(void)
{
    struct err err;
    struct options *o = options_new();

    EXPECT(o);
    for (size_t i = 0; i < core_option_count; i++)
        EXPECT(options_declare(o, &core_options[i], &err) == 0);
    for (size_t i = 0; i < ARRAY_LEN(extra); i++)
        EXPECT(options_declare(o, &extra[i], &err) == 0);
    return o;
}

// Arguments and environment as main() gets them; the texts stay where they are.
struct given {
    int argc;
    char *argv[MAX_ARGS], *environ[MAX_ARGS];
};

static struct given give(const char *const *argv, const char *const *environ)
{
    struct given given = { 0 };

    memcpy(given.argv, argv, sizeof(given.argv));
    memcpy(given.environ, environ, sizeof(given.environ));
    while (given.argv[given.argc])
        given.argc++;
    return given;
}

static const char *const nothing[MAX_ARGS];

// What an option is after parsing, as text, and the status.
static void test_values(void)
{
    static const struct {
        const char *argv[MAX_ARGS], *environ[MAX_ARGS];
        const char *name, *value, *origin;
    } cases[] = {
        // defaults
        { { NULL }, { NULL }, "proxyport", "2375", "default" },
        { { NULL }, { NULL }, "policy", "default", "default" },
        { { NULL }, { NULL }, "listen", "", "default" },
        { { NULL }, { NULL }, "socketpath", "/s", "default" },
        { { NULL }, { NULL }, "CONTAINERS", "false", "default" },
        // the four ways to write a flag
        { { "-proxyport=1" }, { NULL }, "proxyport", "1", "-proxyport" },
        { { "-proxyport", "2" }, { NULL }, "proxyport", "2", "-proxyport" },
        { { "--proxyport=3" }, { NULL }, "proxyport", "3", "-proxyport" },
        { { "--proxyport", "4" }, { NULL }, "proxyport", "4", "-proxyport" },
        { { "-listenip", "-x" }, { NULL }, "listenip", "-x", "-listenip" },
        { { "-listenip=a=b" }, { NULL }, "listenip", "a=b", "-listenip" },
        { { "-listenip=" }, { NULL }, "listenip", "", "-listenip" },
        { { "-proxyport=1", "-proxyport=2" }, { NULL }, "proxyport", "2", "-proxyport" },
        { { "-logjson", "--" }, { NULL }, "logjson", "true", "-logjson" },
        // switches
        { { "-logjson" }, { NULL }, "logjson", "true", "-logjson" },
        { { "-logjson=0" }, { "SP_LOGJSON=1" }, "logjson", "false", "-logjson" },
        { { NULL }, { "SP_LOGJSON=T" }, "logjson", "true", "SP_LOGJSON" },
        { { NULL }, { "CONTAINERS=1" }, "CONTAINERS", "true", "CONTAINERS" },
        // numbers and sizes
        { { "-mode=0o17" }, { NULL }, "mode", "0o17", "-mode" },
        { { "-maxbody=1M" }, { NULL }, "maxbody", "1M", "-maxbody" },
        // variables
        { { NULL }, { "SP_PROXYPORT=5" }, "proxyport", "5", "SP_PROXYPORT" },
        { { NULL }, { "SP_PROXYPORT=" }, "proxyport", "2375", "default" },
        { { NULL }, { "SP_PROXYPORT=5", "SP_PROXYPORT=6" }, "proxyport", "5", "SP_PROXYPORT" },
        { { "-proxyport=7" }, { "SP_PROXYPORT=5" }, "proxyport", "7", "-proxyport" },
        { { NULL }, { "MOONWARD_LISTEN=/a,,/b," }, "listen", "/a, /b", "MOONWARD_LISTEN" },
        { { NULL }, { "MOONWARD_POLICY=a" }, "policy", "a", "MOONWARD_POLICY" },
        { { "-policy=a", "-policy=b" }, { "MOONWARD_POLICY=c" }, "policy", "a, b", "-policy" },
        // families, in the order of the environment
        { { NULL },
          { "SP_ALLOW_GET_z=1", "SP_ALLOW_GET=2", "SP_ALLOW_GET_=3", "SP_ALLOW_POST_a=4" },
          "allowGET",
          "1, 2, 3",
          "SP_ALLOW_GET" },
        { { NULL }, { "SP_ALLOW_GET=a,b" }, "allowGET", "a,b", "SP_ALLOW_GET" },
        { { "-allowGET=x", "-allowGET", "y" },
          { "SP_ALLOW_GET=1" },
          "allowGET",
          "x, y",
          "-allowGET" },
        { { "-allowGET=" }, { "SP_ALLOW_GET=1" }, "allowGET", "", "-allowGET" },
        { { "-allowGET=" }, { "SP_ALLOW_POST=1" }, "allowPOST", "1", "SP_ALLOW_POST" },
        // other names of a core option
        { { NULL }, { "SOCKET_FILE=/f" }, "socketpath", "/f", "SOCKET_FILE" },
        { { "-socket-file", "/f" }, { "SP_SOCKETPATH=/g" }, "socketpath", "/f", "-socket-file" },
        { { NULL }, { "SP_SOCKETPATH=/g" }, "socket-file", "/g", "SP_SOCKETPATH" },
        { { NULL }, { "SP_SOCKETPATH=/g", "SOCKET_FILE=/g" }, "socketpath", "/g", "SP_SOCKETPATH" },
        // words
        { { NULL }, { NULL }, "loglevel", "ERROR", "default" },
        { { NULL }, { "LOG_LEVEL=Debug" }, "loglevel", "DEBUG", "LOG_LEVEL" },
        { { "-verbose" }, { "LOG_LEVEL=err" }, "loglevel", "DEBUG", "-verbose" },
        { { "-verbose", "-proxyport=1" }, { NULL }, "loglevel", "DEBUG", "-verbose" },
        { { "-verbose=false" }, { "VERBOSE=true" }, "loglevel", "INFO", "-verbose" },
        { { NULL }, { "VERBOSE=TRUE" }, "loglevel", "DEBUG", "VERBOSE" },
        { { "-loglevel=WARN" }, { "LOG_LEVEL=debug" }, "loglevel", "WARN", "-loglevel" },
        { { NULL }, { "LOG_LEVEL=debug", "SP_LOGLEVEL=DEBUG" }, "loglevel", "DEBUG", "LOG_LEVEL" },
        // several names of one variable: the order of the names counts, and not the environment's
        { { NULL }, { NULL }, "GODOXY_POST", "false", "default" },
        { { NULL }, { "POST=1" }, "GODOXY_POST", "true", "POST" },
        { { NULL }, { "GOPROXY_POST=1", "POST=0" }, "GODOXY_POST", "true", "GOPROXY_POST" },
        { { NULL },
          { "POST=0", "GOPROXY_POST=0", "GODOXY_POST=1" },
          "GODOXY_POST",
          "true",
          "GODOXY_POST" },
        { { NULL }, { "GODOXY_POST=", "POST=1" }, "GODOXY_POST", "true", "POST" },
        { { NULL },
          { "GODOXY_POST=1", "POST=banana", "GOPROXY_POST=x" },
          "GODOXY_POST",
          "true",
          "GODOXY_POST" },
        // set to nothing
        { { NULL }, { NULL }, "ALLOW_RESTARTS", "1", "default" },
        { { NULL }, { "ALLOW_RESTARTS=" }, "ALLOW_RESTARTS", "", "ALLOW_RESTARTS" },
        { { NULL }, { "ALLOW_RESTARTS=0" }, "ALLOW_RESTARTS", "0", "ALLOW_RESTARTS" },
        // near a strict name, but no switch; or no name of a strict one
        { { NULL },
          { "HOST=web", "PORT=2375", "ALLOW_FROM=10.0.0.0/8", "CONTAINER=1", "GODOXY_DEBUG=true" },
          "GODOXY_POST",
          "false",
          "default" },
        // not so near
        { { NULL },
          { "CONTAINER_ID=x", "CONTAINER_HOST=x", "NAMES=x", "CONTAINER_NAME=" },
          "CONTAINER_NAMES",
          "",
          "default" },
        { { NULL }, { "CONTAINER_NAME=x", "CONTAINER_NAMES=" }, "CONTAINER_NAMES", "", "default" },
        // variables that are nobody's business, or that no person wrote
        { { NULL },
          { "PATH=/bin", "DOCKER_HOST=x", "A_MODES=1", "SOCKET_FILES=1", "odd" },
          "mode",
          "0600",
          "default" },
        { { NULL },
          { "MOONWARD_PORT=tcp://10.0.0.1:2375", "SP_SERVICE_HOST=10.0.0.1", "SP_SERVICE_PORT=1",
            "SP_PORT_2375_TCP_ADDR=x", "SP_SERVICE_PORT_HTTP=1" },
          "proxyport",
          "2375",
          "default" },
        { { NULL }, { "SP_ALLOW_FOO=" }, "allowGET", "", "default" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct given given = give(cases[i].argv, cases[i].environ);
        struct options *o = declare();
        struct err err;
        struct buffer shown;
        char origin[OPTION_ORIGIN];
        enum options_status status =
            options_parse(o, given.argc, given.argv, given.environ, NULL, &err);

        if (status != OPTIONS_OK)
            fprintf(stderr, "case %zu: %s\n", i, err.text);
        EXPECT(status == OPTIONS_OK);
        buffer_init(&shown, 4096);
        options_show(o, cases[i].name, &shown);
        if (!span_is(buffer_span(&shown), span_of(cases[i].value)))
            fprintf(stderr, "case %zu: -%s is \"%.*s\"\n", i, cases[i].name, (int)shown.len,
                    shown.data);
        EXPECT(span_is(buffer_span(&shown), span_of(cases[i].value)));
        options_origin(o, cases[i].name, origin);
        EXPECT(strcmp(origin, cases[i].origin) == 0);
        buffer_clear(&shown);
        options_free(o);
    }
}

static void test_numbers(void)
{
    static const struct {
        const char *flag, *env, *name;
        uint64_t value;
    } cases[] = {
        { "-proxyport=0x10", NULL, "proxyport", 16 },
        { "-proxyport=0b11", NULL, "proxyport", 3 },
        { "-proxyport=010", NULL, "proxyport", 8 },
        { "-proxyport=0", NULL, "proxyport", 0 },
        { "-proxyport=1_000", NULL, "proxyport", 1000 },
        { "-proxyport=0x_f", NULL, "proxyport", 15 },
        { NULL, "SP_PROXYPORT=010", "proxyport", 10 },
        { "-proxysocketendpointfilemode=0600", NULL, "proxysocketendpointfilemode", 0600 },
        { "-proxysocketendpointfilemode=0o600", NULL, "proxysocketendpointfilemode", 0600 },
        { "-proxysocketendpointfilemode=600", NULL, "proxysocketendpointfilemode", 600 },
        { "-proxysocketendpointfilemode=0x180", NULL, "proxysocketendpointfilemode", 0600 },
        { NULL, "SP_PROXYSOCKETENDPOINTFILEMODE=600", "proxysocketendpointfilemode", 0600 },
        { NULL, "SP_PROXYSOCKETENDPOINTFILEMODE=0600", "proxysocketendpointfilemode", 0600 },
        { NULL, NULL, "proxysocketendpointfilemode", 0600 },
        { "-maxbody=8192", NULL, "maxbody", 8192 },
        { "-maxbody=64k", NULL, "maxbody", 65536 },
        { NULL, "MOONWARD_MAXBODY=2M", "maxbody", 2 << 20 },
        { "-policymemory=1g", NULL, "policymemory", 1 << 30 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct options *o = declare();
        struct err err;
        char flag[100] = "", env[100] = "";
        char *argv[] = { flag, NULL }, *environ[] = { env, NULL };

        if (cases[i].flag)
            snprintf(flag, sizeof(flag), "%s", cases[i].flag);
        if (cases[i].env)
            snprintf(env, sizeof(env), "%s", cases[i].env);
        EXPECT(options_parse(o, cases[i].flag != NULL, argv, cases[i].env ? environ : NULL, NULL,
                             &err) == OPTIONS_OK);
        EXPECT(options_number(o, cases[i].name) == cases[i].value);
        options_free(o);
    }
}

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

static void test_words_may_stand_anywhere(void)
{
    static const struct {
        const char *argv[MAX_ARGS];
        enum options_status status;
        size_t words;
    } cases[] = {
        { { "GET", "/x" }, OPTIONS_OK, 2 },
        { { "-logjson", "GET", "-proxyport", "1", "/x" }, OPTIONS_OK, 2 },
        { { "GET", "--", "-x" }, OPTIONS_OK, 2 },
        { { "GET" }, OPTIONS_OK, 1 },
        { { "GET", "/x", "/y" }, OPTIONS_BAD_FLAG, 2 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct given given = give(cases[i].argv, nothing);
        struct options *o = declare();
        struct err err;
        struct option_words words = { .max = 2 };

        EXPECT(options_parse(o, given.argc, given.argv, given.environ, &words, &err) ==
               cases[i].status);
        EXPECT(words.count == cases[i].words);
        EXPECT(strcmp(words.at[0], "GET") == 0);
        options_free(o);
    }
}

// A command's option and a policy's of the same name: the place decides.
static void test_own_options(void)
{
    static const struct option own_entries[] = {
        { .name = "mode", .kind = OPTION_TEXT, .initial = "none", .owner = "explain" },
        { .name = "only-own", .kind = OPTION_SWITCH, .owner = "explain" },
    };
    static const struct {
        const char *argv[MAX_ARGS];
        const char *own;
        uint64_t policy;
        bool only_own;
    } cases[] = {
        { { "GET", "/x" }, "none", 0600, false },
        { { "-mode=07", "GET", "/x" }, "none", 07, false },
        { { "GET", "/x", "-mode=07" }, "07", 0600, false },
        { { "GET", "-mode=05", "/x", "-mode=07", "-only-own" }, "07", 05, true },
        { { "-only-own", "GET", "/x", "-proxyport=1" }, "none", 0600, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct given given = give(cases[i].argv, nothing);
        struct options *o = declare();
        struct option_words words = { .max = 2, .own = options_new() };
        struct err err;

        EXPECT(words.own);
        for (size_t n = 0; n < ARRAY_LEN(own_entries); n++)
            EXPECT(options_declare(words.own, &own_entries[n], &err) == 0);
        EXPECT(options_parse(o, given.argc, given.argv, given.environ, &words, &err) == OPTIONS_OK);
        EXPECT(strcmp(options_text(words.own, "mode"), cases[i].own) == 0);
        EXPECT(options_number(o, "mode") == cases[i].policy);
        EXPECT(options_switch(words.own, "only-own") == cases[i].only_own);
        options_free(words.own);
        options_free(o);
    }
}

// The scan sees what it knows and passes over the rest, wrong or not.
static void test_scan(void)
{
    static const struct {
        const char *argv[MAX_ARGS], *environ[MAX_ARGS];
        const char *policies;
    } cases[] = {
        { { "-policy=a", "-allowGET", "/x", "-policy", "b" }, { NULL }, "a, b" },
        { { "-strange", "-policy", "a" }, { NULL }, "a" },
        { { "explain", "GET", "-policy", "a" }, { NULL }, "a" },
        { { "-workers=x", "-h", "---", "-policy=a" }, { NULL }, "a" },
        { { "-strange" }, { "MOONWARD_POLICY=a,b", "SP_NONSENSE=1" }, "a, b" },
        { { "-policy" }, { NULL }, "default" },
        { { NULL }, { NULL }, "default" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct given given = give(cases[i].argv, cases[i].environ);
        struct options *o = options_new();
        struct err err;
        struct buffer shown;

        EXPECT(o);
        for (size_t n = 0; n < core_option_count; n++)
            EXPECT(options_declare(o, &core_options[n], &err) == 0);
        EXPECT(options_scan(o, given.argc, given.argv, given.environ, &err) == 0);
        buffer_init(&shown, 1024);
        options_show(o, "policy", &shown);
        EXPECT(span_is(buffer_span(&shown), span_of(cases[i].policies)));
        buffer_clear(&shown);
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

// Every option of the core has a help sentence, and the pages name each.
static void test_usage(void)
{
    struct options *o = declare();
    struct options *own = options_new();
    struct buffer text, markdown, theirs;

    EXPECT(own);

    buffer_init(&text, 64 << 10);
    buffer_init(&markdown, 64 << 10);
    usage_write(o, own, &text);
    usage_markdown(o, "core", &markdown);
    usage_markdown(o, "nobody", &markdown);
    buffer_init(&theirs, 64 << 10);
    usage_markdown(o, "default", &theirs);
    EXPECT(buffer_text(&text) && buffer_text(&markdown) && buffer_text(&theirs));
    for (size_t i = 0; i < core_option_count; i++) {
        char flag[80];

        EXPECT(core_options[i].help && core_options[i].env);
        snprintf(flag, sizeof(flag), "\n  -%s ", core_options[i].name);
        EXPECT(strstr(buffer_text(&text), flag));
        snprintf(flag, sizeof(flag), "| `-%s` | `%s` |", core_options[i].name, core_options[i].env);
        EXPECT(strstr(buffer_text(&markdown), flag));
    }
    EXPECT(strstr(buffer_text(&text), "Options of default:\n  -allowGET"));
    EXPECT(strstr(buffer_text(&text), "SP_ALLOW_GET[_...]"));
    EXPECT(strstr(buffer_text(&text), "Another name of -socketpath."));
    EXPECT(strstr(buffer_text(&text), "\n  GODOXY_POST, GOPROXY_POST, POST   (default 0)\n"));
    EXPECT(strstr(buffer_text(&text), "      Takes debug, err.\n      Sets -loglevel.\n"));
    EXPECT(strstr(buffer_text(&theirs),
                  "|  | `GODOXY_POST`, `GOPROXY_POST`, `POST` | `0` | switch |"));
    EXPECT(strstr(buffer_text(&theirs), "|  | `LOG_LEVEL` | `err` | debug, err |"));
    buffer_clear(&text);
    buffer_clear(&markdown);
    buffer_clear(&theirs);
    options_free(own);
    options_free(o);
}

int main(void)
{
    RUN(test_values);
    RUN(test_numbers);
    RUN(test_refusals);
    RUN(test_words_may_stand_anywhere);
    RUN(test_own_options);
    RUN(test_scan);
    RUN(test_declarations);
    RUN(test_usage);
    return 0;
}
