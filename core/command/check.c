// check: is this set-up good, and what does it say? Opens no listener and serves nobody. Asks the
// policies about every operation, since one that errs denies.
#include "command/check_policies.h"
#include "command/commands.h"
#include "command/prepare.h"
#include "config/address.h"
#include "net/dial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ADDRESS_MAX 300
#define VALUE_MAX   (64u << 10)

static void say_listeners(const struct settings *s)
{
    printf("listeners\n");
    for (size_t i = 0; i < s->listener_count; i++) {
        const struct listener_setting *l = &s->listeners[i];
        char address[ADDRESS_MAX];

        address_write(&l->at, address, sizeof(address));
        printf("  %s %s", l->at.is_unix ? "unix" : "tcp", address);
        if (l->at.is_unix)
            printf(", mode %04o", (unsigned)l->mode);
        if (l->owner != (uid_t)-1)
            printf(", owner %u", (unsigned)l->owner);
        if (l->group != (gid_t)-1)
            printf(", group %u", (unsigned)l->group);
        printf("%s%s\n", strcmp(l->name, address) == 0 ? "" : ", called ",
               strcmp(l->name, address) == 0 ? "" : l->name);
    }
}

static void say_upstream(const struct settings *s)
{
    char address[ADDRESS_MAX];

    address_write(&s->upstream, address, sizeof(address));
    printf("\nengine\n  %s %s\n", s->upstream.is_unix ? "unix" : "tcp", address);
}

// Only what somebody chose, of the core; all of a policy's, since the defaults are its rules too.
static bool is_worth_saying(const struct options *o, const struct option *entry, const char *key)
{
    if (entry->sets)
        return false;
    return strcmp(entry->owner, "core") != 0 || options_source(o, key) != OPTION_DEFAULT;
}

// A list as it would be given, one entry a line.
static void say_list(const struct options *o, const char *key, const char *dash)
{
    char origin[OPTION_ORIGIN];

    options_origin(o, key, origin);
    for (size_t i = 0; i < options_list_count(o, key); i++)
        printf("  %s%s = %s  (%s)\n", dash, key, options_list(o, key, i), origin);
}

static void say_value(const struct options *o, const struct option *entry, const char *key,
                      const char *dash)
{
    struct buffer value;
    char origin[OPTION_ORIGIN];

    buffer_init(&value, VALUE_MAX);
    options_show(o, key, &value);
    options_origin(o, key, origin);
    if (value.failed)
        printf("  %s%s is longer than is shown here  (%s)\n", dash, key, origin);
    else if (value.len == 0)
        printf("  %s%s is empty  (%s)\n", dash, key, origin);
    else if (entry->secret)
        printf("  %s%s is secret, and set  (%s)\n", dash, key, origin);
    else
        printf("  %s%s = %.*s  (%s)\n", dash, key, (int)value.len, value.data, origin);
    buffer_clear(&value);
}

static void say_option(const struct options *o, const struct option *entry, const char *key)
{
    const char *dash = entry->name[0] != '\0' ? "-" : "";

    if (entry->kind == OPTION_LIST && !entry->secret && options_list_count(o, key) > 0)
        say_list(o, key, dash);
    else
        say_value(o, entry, key, dash);
}

static void say_options(const struct options *o)
{
    const char *owner = "";

    for (size_t i = 0; i < options_count(o); i++) {
        const struct option *entry = options_entry(o, i);
        const char *key = entry->name[0] != '\0' ? entry->name : entry->env;
        bool is_core = strcmp(entry->owner, "core") == 0;

        if (!is_worth_saying(o, entry, key))
            continue;
        if (strcmp(owner, entry->owner) != 0)
            printf("\n%s%s\n", is_core ? "options" : "policy ", is_core ? "" : entry->owner);
        owner = entry->owner;
        say_option(o, entry, key);
    }
}

// --- warnings ------------------------------------------------------------------------------------

static size_t warn(size_t so_far, const char *text)
{
    printf("%s  %s\n", so_far == 0 ? "\nwarnings\n" : "", text);
    return so_far + 1;
}

static bool is_loopback(const struct endpoint *at)
{
    return strncmp(at->host, "127.", 4) == 0 || strcmp(at->host, "::1") == 0;
}

static size_t warn_engine(const struct settings *s, size_t so_far)
{
    bool connecting = false;
    struct err err = { "" };
    int fd = -1;

    if (!s->upstream.is_unix)
        return so_far;
    fd = dial_unix(s->upstream.path, &connecting);
    if (fd >= 0) {
        close(fd);
        return so_far;
    }
    if (errno == EAGAIN)
        return so_far; // its queue is full, so somebody listens
    dial_explain_unix(s->upstream.path, errno, &err);
    return warn(so_far, err.text);
}

static size_t warn_unused(const struct setup *setup, size_t so_far)
{
    const struct options *o = setup->options;
    bool has_endpoint = options_text(o, "proxysocketendpoint")[0] != '\0';

    if (!has_endpoint && options_source(o, "proxysocketendpointfilemode") != OPTION_DEFAULT)
        so_far = warn(so_far, "-proxysocketendpointfilemode does nothing without "
                              "-proxysocketendpoint");
    if (has_endpoint && (options_source(o, "listenip") != OPTION_DEFAULT ||
                         options_source(o, "proxyport") != OPTION_DEFAULT))
        so_far = warn(so_far, "-listenip and -proxyport do nothing with -proxysocketendpoint");
    for (size_t i = 0; options_unread(o, i); i++) {
        char text[160];

        (void)snprintf(text, sizeof(text),
                       "%s looks like a switch, and no policy in use reads it; MOONWARD_POLICY "
                       "says which are used",
                       options_unread(o, i));
        so_far = warn(so_far, text);
    }
    if (options_switch(o, "stoponwatchdog") && options_number(o, "watchdoginterval") == 0)
        so_far = warn(so_far, "-stoponwatchdog does nothing without -watchdoginterval");
    return so_far;
}

// A listener that more than this machine reaches, and the default of an option that lets in nobody
// else: everybody is denied, and the log is the first to say so.
static size_t warn_nobody(const struct setup *setup, size_t so_far)
{
    const struct settings *s = &setup->settings;
    const struct options *o = setup->options;
    char address[ADDRESS_MAX], text[2 * ADDRESS_MAX];

    if (!options_declared(o, "allowfrom") || options_source(o, "allowfrom") != OPTION_DEFAULT)
        return so_far;
    for (size_t i = 0; i < s->listener_count; i++) {
        if (s->listeners[i].at.is_unix || is_loopback(&s->listeners[i].at))
            continue;
        address_write(&s->listeners[i].at, address, sizeof(address));
        (void)snprintf(text, sizeof(text),
                       "%s can be reached from elsewhere, and -allowfrom=%s, the default, denies "
                       "whoever comes from there; -allowfrom says who may ask",
                       address, options_text(o, "allowfrom"));
        so_far = warn(so_far, text);
    }
    return so_far;
}

static size_t warn_worst(const struct check_policies *found, size_t so_far)
{
    char text[640];

    return check_policies_warning(found, text, sizeof(text)) ? warn(so_far, text) : so_far;
}

// What the policies logged while they started, which is warnings. Returns how many lines.
static size_t say_log(int fd)
{
    char chunk[4096];
    ssize_t n = 0;
    size_t lines = 0;
    bool any = false;

    (void)lseek(fd, 0, SEEK_SET);
    while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
        printf("%s%.*s", any ? "" : "\nlog of the policies\n", (int)n, chunk);
        any = true;
        for (ssize_t i = 0; i < n; i++)
            lines += chunk[i] == '\n';
    }
    return lines;
}

// Returns the exit status.
static int report(const struct setup *setup, int log_fd)
{
    struct check_policies found;
    struct err err = { "" };
    size_t warnings = 0;

    say_listeners(&setup->settings);
    say_upstream(&setup->settings);
    say_options(setup->options);
    warnings = say_log(log_fd);
    if (check_policies_ask(&found, setup, &err) != 0) {
        (void)fflush(stdout);
        return prepare_complain(&err, 1);
    }
    warnings += warn_worst(
        &found, warn_nobody(setup, warn_unused(setup, warn_engine(&setup->settings, 0))));
    check_policies_say(&found);
    if (found.error_count > 0) {
        printf("\nnot ok: a policy errs\n");
        return 1;
    }
    if (warnings == 0)
        printf("\nok\n");
    else
        printf("\nok, with %zu warning%s\n", warnings, warnings == 1 ? "" : "s");
    return 0;
}

int check_run(const struct launch *launch)
{
    struct log log = { .fd = memfd_create("log", MFD_CLOEXEC), .least = LOG_INFO };
    struct setup *setup = NULL;
    int status = prepare_setup(launch, NULL, &log, NULL, &setup);

    if (status == PREPARE_OK) {
        status = report(setup, log.fd);
        setup_free(setup);
    } else {
        (void)say_log(log.fd);
    }
    close(log.fd);
    return status;
}
