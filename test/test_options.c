// options: Go's way to write them, precedence, and what they are then.
#include "declared_options.h"

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

// Every option of the core has a help sentence and, whatever else it is called, a variable that
// begins with MOONWARD_.
static void test_core(void)
{
    for (size_t i = 0; i < core_option_count; i++) {
        const struct option *entry = &core_options[i];
        const char *last = option_variable(entry, entry->env_also ? 1 : 0);

        EXPECT(entry->help && entry->env);
        EXPECT(last && strncmp(last, "MOONWARD_", 9) == 0);
        EXPECT(!option_variable(entry, entry->env_also ? 2 : 1));
        EXPECT(strcasecmp(last + 9, entry->name) == 0);
    }
}

int main(void)
{
    RUN(test_values);
    RUN(test_numbers);
    RUN(test_words_may_stand_anywhere);
    RUN(test_own_options);
    RUN(test_scan);
    RUN(test_core);
    return 0;
}
