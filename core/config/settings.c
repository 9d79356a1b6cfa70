#include "config/settings.h"

#include "config/address.h"
#include "config/file_mode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int two_ways(const struct options *o, const char *a, const char *b, const char *what,
                    struct err *err)
{
    char first[OPTION_ORIGIN], second[OPTION_ORIGIN];

    options_origin(o, a, first);
    options_origin(o, b, second);
    return err_set(err, "%s and %s both say %s; keep one of them", first, second, what);
}

// --- wollomatic's listener -----------------------------------------------------------------------

// The four options that make one listener when there is no -listen.
static const char *const old_listener[] = { "listenip", "proxyport", "proxysocketendpoint",
                                            "proxysocketendpointfilemode" };

// Which of the older options somebody gave; NULL: none.
static const char *old_listener_given(const struct options *o)
{
    for (size_t i = 0; i < ARRAY_LEN(old_listener); i++) {
        if (options_source(o, old_listener[i]) != OPTION_DEFAULT)
            return old_listener[i];
    }
    return NULL;
}

// Somebody who writes 600 means 0600, and a decimal 600 is 0o1130.
static int check_mode(const struct options *o, struct err *err)
{
    uint64_t mode = options_number(o, "proxysocketendpointfilemode");
    bool is_flag = options_source(o, "proxysocketendpointfilemode") == OPTION_FLAG;

    if (mode <= 0777) {
        const char *text = is_flag ? "" : options_text(o, "proxysocketendpointfilemode");
        char origin[OPTION_ORIGIN];
        struct err why;

        if (file_mode_check(mode, span_of(text), &why) == 0)
            return 0;
        options_origin(o, "proxysocketendpointfilemode", origin);
        return err_set(err, "%s: %.400s", origin, why.text);
    }
    return err_set(err, "file mode has to be between 0 and 0o777, got 0o%" PRIo64 "%s", mode,
                   is_flag ? "; on the command line octal has a leading 0, as in 0600" : "");
}

// In that program's order and words, since people search for them; what came is said behind.
static int check_old_options(struct settings *s, const struct options *o, struct err *err)
{
    uint64_t port = options_number(o, "proxyport");
    const char *ip = options_text(o, "listenip");
    const char *level = options_text(o, "loglevel");

    if (port < 1 || port > 65535)
        return err_set(err, "port number has to be between 1 and 65535, got %" PRIu64, port);
    if (!address_is_ip(ip))
        return err_set(err, "invalid IP \"%.200s\" for listenip", ip);
    if (log_level_read(level, &s->log_level) != 0)
        return err_set(
            err, "invalid log level %.200s: Supported levels are DEBUG, INFO, WARN, ERROR", level);
    return check_mode(o, err);
}

static int make_old_listener(struct settings *s, const struct options *o, struct err *err)
{
    const char *path = options_text(o, "proxysocketendpoint");
    const char *ip = options_text(o, "listenip");
    char url[sizeof(s->upstream.host) + 32];
    struct listener_setting *listener = &s->listeners[0];

    if (path[0] == '\0') {
        (void)snprintf(url, sizeof(url), strchr(ip, ':') ? "tcp://[%s]:%u" : "tcp://%s:%u", ip,
                       (unsigned)options_number(o, "proxyport"));
    } else {
        int len = snprintf(url, sizeof(url), "unix://%s", path);

        if (path[0] != '/' || (size_t)len >= sizeof(url) || strchr(path, '?'))
            return err_set(err, "-proxysocketendpoint: expected an absolute path, got \"%.200s\"",
                           path);
    }
    if (address_read_listener(url, listener, err) != 0) {
        struct err why = *err;

        return err_set(err, "-%s: %.400s", path[0] ? "proxysocketendpoint" : "listenip", why.text);
    }
    listener->mode = (mode_t)options_number(o, "proxysocketendpointfilemode");
    s->listener_count = 1;
    return 0;
}

// --- listeners -----------------------------------------------------------------------------------

static bool same_place(const struct endpoint *a, const struct endpoint *b)
{
    if (a->is_unix != b->is_unix)
        return false;
    if (a->is_unix)
        return strcmp(a->path, b->path) == 0;
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

// The next one, which counts once listener_count does.
static struct listener_setting *read_listener(struct settings *s, const char *url, struct err *err)
{
    struct listener_setting *listener = &s->listeners[s->listener_count];
    struct err why;

    if (s->listener_count == SETTINGS_LISTENERS) {
        err_set(err, "listen: at most %d listeners", SETTINGS_LISTENERS);
        return NULL;
    }
    if (address_read_listener(url, listener, &why) != 0) {
        err_set(err, "listen \"%.150s\": %.300s", url, why.text);
        return NULL;
    }
    for (size_t i = 0; i < s->listener_count; i++) {
        if (same_place(&s->listeners[i].at, &listener->at)) {
            err_set(err, "listen \"%.150s\": given twice", url);
            return NULL;
        }
    }
    return listener;
}

static int add_listener(struct settings *s, const char *url, struct err *err)
{
    struct err why;
    const struct listener_setting *listener = read_listener(s, url, &why);

    if (!listener)
        return err_set(err, "-%s", why.text);
    for (size_t i = 0; i < s->listener_count; i++) {
        if (strcmp(s->listeners[i].name, listener->name) == 0)
            return err_set(err, "-listen \"%.150s\": another listener is called \"%s\" already",
                           url, listener->name);
    }
    s->listener_count++;
    return 0;
}

void settings_drop_listeners(struct settings *s)
{
    s->listener_count = 0;
}

int settings_add_listener(struct settings *s, const char *name, const char *url, struct err *err)
{
    struct listener_setting *listener = read_listener(s, url, err);

    if (!listener)
        return -1;
    if (strstr(url, "name="))
        return err_set(err,
                       "listen \"%.150s\": the listener is called \"%s\" already; leave name= "
                       "out",
                       url, name);
    (void)snprintf(listener->name, sizeof(listener->name), "%s", name);
    s->listener_count++;
    return 0;
}

const char *settings_beside_config(const struct options *o)
{
    static const char *const names[] = { "policy", "selectable", "listen" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (options_source(o, names[i]) != OPTION_DEFAULT)
            return names[i];
    }
    return old_listener_given(o);
}

static int read_listeners(struct settings *s, const struct options *o, struct err *err)
{
    size_t count = options_list_count(o, "listen");
    bool by_default = options_source(o, "listen") == OPTION_DEFAULT;
    const char *old = old_listener_given(o);

    // A policy may bring a -listen of its own as the default; what somebody wrote goes before it.
    if (count == 0 || (by_default && old))
        return make_old_listener(s, o, err);
    if (old)
        return two_ways(o, "listen", old, "where to listen", err);
    for (size_t i = 0; i < count; i++) {
        if (add_listener(s, options_list(o, "listen", i), err) != 0)
            return -1;
    }
    return 0;
}

bool settings_same_listeners(const struct settings *a, const struct settings *b)
{
    bool same = a->listener_count == b->listener_count;

    for (size_t i = 0; same && i < a->listener_count; i++) {
        const struct listener_setting *l = &a->listeners[i], *m = &b->listeners[i];

        same = same_place(&l->at, &m->at) && strcmp(l->name, m->name) == 0 && l->mode == m->mode &&
               l->owner == m->owner && l->group == m->group;
    }
    return same;
}

void settings_write_listeners(const struct settings *s, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < s->listener_count && used + 2 < size; i++) {
        if (i > 0)
            out[used++] = ',';
        address_write(&s->listeners[i].at, out + used, size - used);
        used += strlen(out + used);
    }
}

// --- the rest ------------------------------------------------------------------------------------

// "-upstream" and "-socketpath" are two ways to say one thing.
static bool is_said(const struct options *o, const char *name)
{
    bool is_engine = strcmp(name, "upstream") == 0 || strcmp(name, "socketpath") == 0;

    if (is_engine && (options_source(o, "upstream") != OPTION_DEFAULT ||
                      options_source(o, "socketpath") != OPTION_DEFAULT))
        return true;
    return options_source(o, name) != OPTION_DEFAULT;
}

int settings_check_required(const struct options *o, struct err *err)
{
    for (size_t i = 0; i < options_count(o); i++) {
        const struct option *entry = options_entry(o, i);
        bool has_flag = entry->name[0] != '\0';
        const char *name = has_flag ? entry->name : entry->env;

        if (entry->required && !is_said(o, entry->sets ? entry->sets : name))
            return err_set(err, "%s%s is needed by policy %s: %s", has_flag ? "-" : "", name,
                           entry->owner, entry->help ? entry->help : "");
    }
    return 0;
}

static int read_upstream(struct settings *s, const struct options *o, struct err *err)
{
    const char *url = options_text(o, "upstream");
    const char *path = options_text(o, "socketpath");
    bool url_given = options_source(o, "upstream") != OPTION_DEFAULT;
    bool path_given = options_source(o, "socketpath") != OPTION_DEFAULT;

    if (url_given && path_given)
        return two_ways(o, "upstream", "socketpath", "where the engine is", err);

    const char *used = url[0] == '\0' || path_given ? path : url;

    if (used == path && path[0] != '/')
        return err_set(err, "-socketpath: expected an absolute path, got \"%.200s\"", path);
    if (address_read_upstream(used, &s->upstream, err) != 0) {
        struct err why = *err;

        return err_set(err, "-%s \"%.150s\": %.300s", used == path ? "socketpath" : "upstream",
                       used, why.text);
    }
    return 0;
}

// What the first engine with a version to ask for had.
#define LOWEST_API ((struct api_version){ 1, 12 })

static int read_least_api(struct settings *s, const struct options *o, struct err *err)
{
    const char *text = options_text(o, "minapi");

    if (api_version_read(span_of(text), &s->least_api) != 0)
        return err_set(err,
                       "-minapi: expected a version of the Engine API such as 1.24, got \"%.100s\"",
                       text);
    if (api_version_compare(s->least_api, LOWEST_API) < 0)
        return err_set(err,
                       "-minapi: no engine has versions below 1.12, got \"%.100s\"; YAML makes 1.3 "
                       "of 1.30: quote it",
                       text);
    return 0;
}

static unsigned number_of(const struct options *o, const char *name)
{
    return (unsigned)options_number(o, name);
}

static void read_limits(struct settings *s, const struct options *o)
{
    s->max_head = options_number(o, "maxhead");
    s->max_headers = options_number(o, "maxheaders");
    s->max_body = options_number(o, "maxbody");
    s->max_bodies = options_number(o, "maxbodies");
    s->max_buffer = options_number(o, "maxbuffer");
    s->max_connections = number_of(o, "maxconnections");
    s->max_per_client = number_of(o, "maxperclient");
    s->max_denials = number_of(o, "maxdenials");
    s->head_timeout_s = number_of(o, "headtimeout");
    s->body_timeout_s = number_of(o, "bodytimeout");
    s->connect_timeout_s = number_of(o, "connecttimeout");
    s->idle_timeout_s = number_of(o, "idletimeout");
    s->response_timeout_s = number_of(o, "responsetimeout");
    s->stall_timeout_s = number_of(o, "stalltimeout");
    s->policy_memory = options_number(o, "policymemory");
    s->policy_instructions = options_number(o, "policyinstructions");
    s->policy_ms = number_of(o, "policytime");
    s->policy_hang_ms = number_of(o, "policyhang");
}

static int check_policy_times(const struct settings *s, struct err *err)
{
    if (s->policy_hang_ms > s->policy_ms)
        return 0;
    return err_set(err,
                   "-policyhang: expected more than -policytime (%u ms), got %u ms; it is for what "
                   "that limit cannot stop",
                   s->policy_ms, s->policy_hang_ms);
}

int settings_read(struct settings *settings, const struct options *options, struct err *err)
{
    struct settings s = { .log_json = options_switch(options, "logjson") };

    s.workers = number_of(options, "workers");
    s.grace_s = number_of(options, "shutdowngracetime");
    s.watchdog_s = number_of(options, "watchdoginterval");
    s.stop_on_watchdog = options_switch(options, "stoponwatchdog");
    s.health_server = options_switch(options, "allowhealthcheck");
    s.health_port = number_of(options, "healthport");
    read_limits(&s, options);
    if (settings_check_required(options, err) != 0 || check_old_options(&s, options, err) != 0 ||
        read_listeners(&s, options, err) != 0 || read_upstream(&s, options, err) != 0 ||
        read_least_api(&s, options, err) != 0 || check_policy_times(&s, err) != 0)
        return -1;
    *settings = s;
    return 0;
}
