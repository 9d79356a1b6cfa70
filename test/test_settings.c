// settings: options as the daemon uses them, and the words for those it cannot use.
#include "config/address.h"
#include "config/settings.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define MAX_ARGS 24

static int read_settings(const char *const *given, const char *const *variables,
                         struct settings *out, struct err *err)
{
    char *argv[MAX_ARGS], *environ[MAX_ARGS];
    struct options *o = options_new();
    int argc = 0;
    int result = -1;

    EXPECT(o);
    memcpy(argv, given, sizeof(argv));
    memcpy(environ, variables, sizeof(environ));
    for (size_t i = 0; i < core_option_count; i++)
        EXPECT(options_declare(o, &core_options[i], err) == 0);
    while (argv[argc])
        argc++;
    EXPECT(options_parse(o, argc, argv, environ, NULL, err) == OPTIONS_OK);
    result = settings_read(out, o, err);
    options_free(o);
    return result;
}

// As read_settings(), with an option that has to be said.
static int read_required(const char *argument, struct err *err)
{
    static const struct option needed = { .name = "",
                                          .env = "PROXY_URL",
                                          .sets = "upstream",
                                          .required = true,
                                          .help = "the next proxy.",
                                          .owner = "filter" };
    char *argv[] = { NULL, NULL }, *none[] = { NULL }, copy[40];
    struct options *o = options_new();
    struct settings s;
    int result;

    EXPECT(o);
    (void)snprintf(copy, sizeof(copy), "%s", argument);
    argv[0] = argument[0] == '-' ? copy : NULL;
    for (size_t i = 0; i < core_option_count; i++)
        EXPECT(options_declare(o, &core_options[i], err) == 0);
    EXPECT(options_declare(o, &needed, err) == 0);

    char *variables[] = { argument[0] != '-' && argument[0] ? copy : NULL, NULL };

    EXPECT(options_parse(o, argv[0] ? 1 : 0, argv, argv[0] ? none : variables, NULL, err) ==
           OPTIONS_OK);
    result = settings_read(&s, o, err);
    options_free(o);
    return result;
}

static void test_required(void)
{
    static const char *const enough[] = { "PROXY_URL=tcp://x:1", "-upstream=tcp://x:1",
                                          "-socketpath=/x" };
    struct err err;

    for (size_t i = 0; i < ARRAY_LEN(enough); i++)
        EXPECT(read_required(enough[i], &err) == 0);
    EXPECT(read_required("", &err) != 0);
    EXPECT(strcmp(err.text, "PROXY_URL is needed by policy filter: the next proxy.") == 0);
}

static void test_defaults(void)
{
    const char *none[MAX_ARGS] = { NULL };
    struct settings s;
    struct err err;

    EXPECT(read_settings(none, none, &s, &err) == 0);
    EXPECT(s.listener_count == 1 && !s.listeners[0].at.is_unix);
    EXPECT(strcmp(s.listeners[0].at.host, "127.0.0.1") == 0 && s.listeners[0].at.port == 2375);
    EXPECT(strcmp(s.listeners[0].name, "127.0.0.1:2375") == 0);
    EXPECT(s.upstream.is_unix && strcmp(s.upstream.path, "/var/run/docker.sock") == 0);
    EXPECT(s.log_level == LOG_INFO && !s.log_json);
    EXPECT(s.workers == 1 && s.grace_s == 10 && s.watchdog_s == 0);
    EXPECT(!s.stop_on_watchdog && !s.health_server);
    EXPECT(s.least_api.major == 1 && s.least_api.minor == 24);
    EXPECT(s.max_head == 1 << 20 && s.max_headers == 128 && s.max_body == 1 << 20);
    EXPECT(s.max_bodies == 64 << 20);
    EXPECT(s.max_buffer == 256 << 10 && s.max_connections == 4096 && s.max_per_client == 0 &&
           s.max_denials == 200);
    EXPECT(s.head_timeout_s == 10 && s.body_timeout_s == 60 && s.connect_timeout_s == 5);
    EXPECT(s.idle_timeout_s == 600 && s.response_timeout_s == 0 && s.stall_timeout_s == 3600);
    EXPECT(s.policy_memory == 64 << 20 && s.policy_instructions == 4000000);
    EXPECT(s.policy_ms == 1000 && s.policy_hang_ms == 5000);
}

static void test_every_option_arrives(void)
{
    const char *none[MAX_ARGS] = { NULL };
    const char *argv[MAX_ARGS] = {
        "-loglevel=debug",      "-logjson",           "-shutdowngracetime=11",
        "-watchdoginterval=12", "-stoponwatchdog",    "-allowhealthcheck",
        "-workers=3",           "-minapi=1.41",       "-maxhead=2k",
        "-maxheaders=9",        "-maxbody=3k",        "-maxbuffer=5k",
        "-maxconnections=13",   "-maxperclient=14",   "-headtimeout=15",
        "-bodytimeout=16",      "-connecttimeout=17", "-idletimeout=0",
        "-responsetimeout=19",  "-policymemory=2m",   "-policyinstructions=2000",
        "-policytime=20",       "-policyhang=210",    NULL
    };
    struct settings s;
    struct err err;

    EXPECT(read_settings(argv, none, &s, &err) == 0);
    EXPECT(s.log_level == LOG_DEBUG && s.log_json && s.grace_s == 11 && s.watchdog_s == 12);
    EXPECT(s.stop_on_watchdog && s.health_server && s.workers == 3 && s.least_api.minor == 41);
    EXPECT(s.max_head == 2048 && s.max_headers == 9 && s.max_body == 3072 && s.max_buffer == 5120);
    EXPECT(s.max_connections == 13 && s.max_per_client == 14 && s.head_timeout_s == 15);
    EXPECT(s.body_timeout_s == 16 && s.connect_timeout_s == 17 && s.idle_timeout_s == 0);
    EXPECT(s.response_timeout_s == 19 && s.policy_memory == 2 << 20);
    EXPECT(s.policy_instructions == 2000 && s.policy_ms == 20 && s.policy_hang_ms == 210);
}

// Listeners as "address name mode", one a line.
static void test_listeners(void)
{
    static const struct {
        const char *argv[MAX_ARGS], *environ[MAX_ARGS];
        const char *text;
    } cases[] = {
        { { "-listenip=0.0.0.0", "-proxyport=80" }, { NULL }, "0.0.0.0:80 0.0.0.0:80 600\n" },
        { { "-listenip=::" }, { NULL }, "[::]:2375 [::]:2375 600\n" },
        { { "-proxysocketendpoint=/run/p.sock" }, { NULL }, "/run/p.sock /run/p.sock 600\n" },
        { { NULL },
          { "SP_PROXYSOCKETENDPOINT=/p", "SP_PROXYSOCKETENDPOINTFILEMODE=666", "SP_LISTENIP=::1" },
          "/p /p 666\n" },
        { { "-listen=tcp://10.0.0.1:1" }, { NULL }, "10.0.0.1:1 10.0.0.1:1 600\n" },
        { { "-listen=tcp://[::1]:1?name=six" }, { NULL }, "[::1]:1 six 600\n" },
        { { "-listen=tcp://127.0.0.1" }, { NULL }, "127.0.0.1:2375 127.0.0.1:2375 600\n" },
        { { "-listen=0.0.0.0:2375" }, { NULL }, "0.0.0.0:2375 0.0.0.0:2375 600\n" },
        { { "-listen=:99" }, { NULL }, "[::]:99 [::]:99 600\n" },
        { { "-listen=/run/a.sock" }, { NULL }, "/run/a.sock /run/a.sock 600\n" },
        { { "-listen=unix:///a?mode=0660&owner=1&group=2&name=ci", "-listen=tcp://127.0.0.1:1" },
          { NULL },
          "/a ci 660\n127.0.0.1:1 127.0.0.1:1 600\n" },
        { { NULL }, { "MOONWARD_LISTEN=/a,/b" }, "/a /a 600\n/b /b 600\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s;
        struct err err;
        char text[1024] = "";
        size_t used = 0;

        EXPECT(read_settings(cases[i].argv, cases[i].environ, &s, &err) == 0);
        for (size_t n = 0; n < s.listener_count; n++) {
            char address[300];

            address_write(&s.listeners[n].at, address, sizeof(address));
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %o\n", address,
                                     s.listeners[n].name, (unsigned)s.listeners[n].mode);
        }
        if (strcmp(text, cases[i].text) != 0)
            fprintf(stderr, "case %zu: %s", i, text);
        EXPECT(strcmp(text, cases[i].text) == 0);
    }
}

static void test_owner_and_group(void)
{
    static const struct {
        const char *url;
        uid_t owner;
        gid_t group;
    } cases[] = {
        { "/a", (uid_t)-1, (gid_t)-1 },
        { "/a?owner=7", 7, (gid_t)-1 },
        { "/a?owner=root&group=root", 0, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct listener_setting listener;
        struct err err;

        EXPECT(address_read_listener(cases[i].url, &listener, &err) == 0);
        EXPECT(listener.owner == cases[i].owner && listener.group == cases[i].group);
    }
}

static void test_long_path_is_named_by_its_end(void)
{
    struct listener_setting listener;
    struct err err;

    EXPECT(address_read_listener("/run/0123456789/0123456789/0123456789/0123456789/0123456789/"
                                 "0123456789.sock",
                                 &listener, &err) == 0);
    EXPECT(strlen(listener.name) == sizeof(listener.name) - 1);
    EXPECT(strcmp(listener.name + strlen(listener.name) - 16, "/0123456789.sock") == 0);
}

static void test_upstream(void)
{
    static const struct {
        const char *argv[MAX_ARGS], *environ[MAX_ARGS];
        const char *text;
    } cases[] = {
        { { "-socketpath=/x" }, { NULL }, "/x" },
        { { NULL }, { "SP_SOCKETPATH=/x" }, "/x" },
        { { "-upstream=unix:///y" }, { NULL }, "/y" },
        { { "-upstream=/y" }, { NULL }, "/y" },
        { { "-upstream=tcp://engine" }, { NULL }, "engine:2375" },
        { { "-upstream=tcp://engine:1" }, { NULL }, "engine:1" },
        { { "-upstream=http://engine:2375/" }, { NULL }, "engine:2375" },
        { { "-upstream=http://[fe80::1]" }, { NULL }, "[fe80::1]:80" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s;
        struct err err;
        char text[300];

        EXPECT(read_settings(cases[i].argv, cases[i].environ, &s, &err) == 0);
        address_write(&s.upstream, text, sizeof(text));
        EXPECT(strcmp(text, cases[i].text) == 0);
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *argv[MAX_ARGS], *environ[MAX_ARGS];
        const char *text;
    } cases[] = {
        // wollomatic's words, and its order when several are wrong
        { { "-proxyport=0" }, { NULL }, "port number has to be between 1 and 65535, got 0" },
        { { NULL },
          { "SP_PROXYPORT=65536" },
          "port number has to be between 1 and 65535, got 65536" },
        { { "-listenip=localhost" }, { NULL }, "invalid IP \"localhost\" for listenip" },
        { { "-listenip=" }, { NULL }, "invalid IP \"\" for listenip" },
        { { "-listenip=fe80::1%eth0" }, { NULL }, "invalid IP \"fe80::1%eth0\" for listenip" },
        { { "-listenip= 1.2.3.4" }, { NULL }, "invalid IP \" 1.2.3.4\" for listenip" },
        { { "-loglevel=loud" },
          { NULL },
          "invalid log level loud: Supported levels are DEBUG, INFO, WARN, ERROR" },
        { { "-proxysocketendpointfilemode=600" },
          { NULL },
          "file mode has to be between 0 and 0o777, got 0o1130; on the command line octal has a "
          "leading 0, as in 0600" },
        { { NULL },
          { "SP_PROXYSOCKETENDPOINTFILEMODE=1777" },
          "file mode has to be between 0 and 0o777, got 0o1777" },
        { { "-proxysocketendpointfilemode=600", "-loglevel=x", "-listenip=x", "-proxyport=0" },
          { NULL },
          "port number has to be between 1 and 65535, got 0" },
        { { "-proxysocketendpointfilemode=600", "-loglevel=x", "-listenip=x" },
          { NULL },
          "invalid IP \"x\" for listenip" },
        // two ways to say the same thing
        { { "-listen=/a", "-listenip=127.0.0.1" },
          { NULL },
          "-listen and -listenip both say where to listen; keep one of them" },
        { { "-listen=/a" },
          { "SP_PROXYPORT=1" },
          "-listen and SP_PROXYPORT both say where to listen; keep one of them" },
        { { "-upstream=/a", "-socketpath=/a" },
          { NULL },
          "-upstream and -socketpath both say where the engine is; keep one of them" },
        // listeners
        { { "-listen=/a", "-listen=unix:///a?name=x" },
          { NULL },
          "-listen \"unix:///a?name=x\": given twice" },
        { { "-listen=/a?name=x", "-listen=/b?name=x" },
          { NULL },
          "-listen \"/b?name=x\": another listener is called \"x\" already" },
        { { "-listen=tcp://localhost:1" },
          { NULL },
          "-listen \"tcp://localhost:1\": expected an IP address, as in tcp://127.0.0.1:2375, got "
          "\"localhost\"" },
        { { "-listen=tcp://127.0.0.1:0" },
          { NULL },
          "-listen \"tcp://127.0.0.1:0\": expected a port from 1 to 65535, got \"0\"" },
        { { "-listen=tcp://127.0.0.1:" },
          { NULL },
          "-listen \"tcp://127.0.0.1:\": expected a port behind the colon" },
        { { "-listen=tcp://::1:1" },
          { NULL },
          "-listen \"tcp://::1:1\": expected host:port, with an IPv6 address in brackets" },
        { { "-listen=tcp://[::1" },
          { NULL },
          "-listen \"tcp://[::1\": expected ] behind the IPv6 address" },
        { { "-listen=https://127.0.0.1" },
          { NULL },
          "-listen \"https://127.0.0.1\": expected tcp://address:port or unix:///path" },
        { { "-listen=unix:/run/a" },
          { NULL },
          "-listen \"unix:/run/a\": expected tcp://address:port or unix:///path" },
        { { "-listen=tcp:127.0.0.1:1" },
          { NULL },
          "-listen \"tcp:127.0.0.1:1\": expected tcp://address:port or unix:///path" },
        { { "-listen=unix://run/a" },
          { NULL },
          "-listen \"unix://run/a\": expected an absolute path, as in unix:///run/docker.sock" },
        { { "-listen=/a?mode=999" },
          { NULL },
          "-listen \"/a?mode=999\": expected mode= with octal digits up to 0777, as in mode=0660" },
        { { "-listen=/a?colour=red" },
          { NULL },
          "-listen \"/a?colour=red\": unknown parameter \"colour=red\"; expected mode=, owner=, "
          "group= or name=" },
        { { "-listen=tcp://127.0.0.1:1?mode=0600" },
          { NULL },
          "-listen \"tcp://127.0.0.1:1?mode=0600\": unknown parameter \"mode=0600\"; expected "
          "name=" },
        { { "-listen=/a?name=" },
          { NULL },
          "-listen \"/a?name=\": expected name= with 1 to 63 characters" },
        { { "-listen=/a?group=nobody-has-this" },
          { NULL },
          "-listen \"/a?group=nobody-has-this\": group \"nobody-has-this\" is not in /etc/group "
          "here; "
          "give its number (stat -c %g /var/run/docker.sock prints the one of Docker's socket)" },
        { { "-proxysocketendpoint=p.sock" },
          { NULL },
          "-proxysocketendpoint: expected an absolute path, got \"p.sock\"" },
        // the engine
        { { "-socketpath=docker.sock" },
          { NULL },
          "-socketpath: expected an absolute path, got \"docker.sock\"" },
        { { "-socketpath=" }, { NULL }, "-socketpath: expected an absolute path, got \"\"" },
        { { "-upstream=https://engine" },
          { NULL },
          "-upstream \"https://engine\": expected unix:///path, tcp://host:port or "
          "http://host:port; TLS is not supported" },
        { { "-upstream=tcp://:2375" },
          { NULL },
          "-upstream \"tcp://:2375\": expected a host before the port" },
        { { "-upstream=http://engine/docker" },
          { NULL },
          "-upstream \"http://engine/docker\": expected no path behind the host" },
        { { "-minapi=1" },
          { NULL },
          "-minapi: expected a version of the Engine API such as 1.24, got \"1\"" },
        { { NULL },
          { "MOONWARD_MINAPI=1.3" },
          "-minapi: no engine has versions below 1.12, got \"1.3\"; YAML makes 1.3 of 1.30: quote "
          "it" },
        // modes
        { { NULL },
          { "SP_PROXYSOCKETENDPOINTFILEMODE=432" },
          "SP_PROXYSOCKETENDPOINTFILEMODE: mode 0432 gives group or others what the owner has not; "
          "432 is 0660 in decimal, which YAML makes of it: quote it, as in \"0660\"" },
        { { NULL },
          { "SP_PROXYSOCKETENDPOINTFILEMODE=511" },
          "SP_PROXYSOCKETENDPOINTFILEMODE: mode 0511 does not let the owner write, and so nobody "
          "can connect; 511 is 0777 in decimal, which YAML makes of it: quote it, as in \"0777\"" },
        { { "-proxysocketendpointfilemode=0062" },
          { NULL },
          "-proxysocketendpointfilemode: mode 0062 gives group or others what the owner has not" },
        { { "-listen=/a?mode=416" },
          { NULL },
          "-listen \"/a?mode=416\": mode 0416 gives group or others what the owner has not; 416 is "
          "0640 in decimal, which YAML makes of it: quote it, as in \"0640\"" },
        { { "-listen=/a?mode=438" },
          { NULL },
          "-listen \"/a?mode=438\": expected mode= with octal digits up to 0777, as in mode=0660; "
          "438 is 0666 in decimal, which YAML makes of it: quote it, as in \"0666\"" },
        { { "-policytime=5000" },
          { NULL },
          "-policyhang: expected more than -policytime (5000 ms), got 5000 ms; it is for what that "
          "limit cannot stop" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s;
        struct err err = { "" };
        int result = read_settings(cases[i].argv, cases[i].environ, &s, &err);

        if (result == 0 || strcmp(err.text, cases[i].text) != 0)
            fprintf(stderr, "case %zu: %d %s\n", i, result, err.text);
        EXPECT(result == -1);
        EXPECT(strcmp(err.text, cases[i].text) == 0);
    }
}

static void test_most_listeners(void)
{
    char text[SETTINGS_LISTENERS + 1][24];
    const char *argv[MAX_ARGS] = { NULL };
    const char *none[MAX_ARGS] = { NULL };
    struct settings s;
    struct err err;

    for (int i = 0; i < SETTINGS_LISTENERS; i++) {
        snprintf(text[i], sizeof(text[i]), "-listen=/%d", i);
        argv[i] = text[i];
    }
    EXPECT(read_settings(argv, none, &s, &err) == 0);
    EXPECT(s.listener_count == SETTINGS_LISTENERS);
    snprintf(text[SETTINGS_LISTENERS], sizeof(text[0]), "-listen=/last");
    argv[SETTINGS_LISTENERS] = text[SETTINGS_LISTENERS];
    EXPECT(read_settings(argv, none, &s, &err) == -1);
    EXPECT(strcmp(err.text, "-listen: at most 16 listeners") == 0);
}

// The mode that a listener has after one text in one place; -1: the text is refused.
static long mode_of(const char *format, const char *text)
{
    char value[64], copy[80], *argv[] = { NULL, NULL }, *environ[] = { NULL, NULL, NULL };
    char endpoint[] = "SP_PROXYSOCKETENDPOINT=/x";
    bool is_flag = format[0] == '-';
    struct options *o = options_new();
    struct settings s;
    struct err err = { "" };
    long mode = -1;

    EXPECT(o);
    for (size_t i = 0; i < core_option_count; i++)
        EXPECT(options_declare(o, &core_options[i], &err) == 0);
    snprintf(value, sizeof(value), "%s", format);
    snprintf(copy, sizeof(copy), "%s%s", value, text);
    (is_flag ? argv : environ)[0] = copy;
    if (!is_flag)
        environ[1] = endpoint;
    if (options_parse(o, is_flag ? 1 : 0, argv, environ, NULL, &err) == OPTIONS_OK &&
        settings_read(&s, o, &err) == 0)
        mode = (long)s.listeners[0].mode;
    EXPECT(mode >= 0 || err.text[0]);
    options_free(o);
    return mode;
}

// Nothing is a mode that gives strangers more than the owner, and no decimal form of a mode that
// the owner may read and write is taken for another one.
static void test_every_mode(void)
{
    static const char *const places[] = { "SP_PROXYSOCKETENDPOINTFILEMODE=",
                                          "MOONWARD_PROXYSOCKETENDPOINTFILEMODE=",
                                          "-listen=/x?mode=" };

    for (unsigned mode = 0; mode <= 0777; mode++) {
        unsigned owner = mode >> 6, rest = (mode >> 3 & 7) | (mode & 7);
        bool is_meant = (rest & ~owner) == 0 && (owner & 2) != 0;
        char octal[8], decimal[8];

        snprintf(octal, sizeof(octal), "0%03o", mode);
        snprintf(decimal, sizeof(decimal), "%u", mode);
        for (size_t i = 0; i < ARRAY_LEN(places); i++) {
            EXPECT(mode_of(places[i], octal) == (is_meant ? (long)mode : -1));
            EXPECT(mode_of(places[i], octal + 1) == (is_meant ? (long)mode : -1));
            if (is_meant && (owner & 6) == 6)
                EXPECT(mode_of(places[i], decimal) == -1);
        }
    }
}

int main(void)
{
    RUN(test_defaults);
    RUN(test_required);
    RUN(test_every_option_arrives);
    RUN(test_listeners);
    RUN(test_owner_and_group);
    RUN(test_long_path_is_named_by_its_end);
    RUN(test_upstream);
    RUN(test_refusals);
    RUN(test_most_listeners);
    RUN(test_every_mode);
    return 0;
}
