#include "command/greeting.h"

#include "command/commands.h"
#include "config/address.h"
#include "lua/host.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define ADDRESS_MAX 300

static void say_start(const struct log *log)
{
    struct utsname name = { .machine = "" };

    (void)uname(&name);
    log_line(log, LOG_INFO, "starting moonward", LOG_TEXT("version", version_text),
             LOG_TEXT("os", "linux"), LOG_TEXT("arch", name.machine),
             LOG_TEXT("runtime", "Lua 5.4"));
}

// An option of a policy that may not be loaded.
static const char *text_if_declared(const struct options *o, const char *name)
{
    return options_declared(o, name) ? options_text(o, name) : "";
}

// The same fields that wollomatic/socket-proxy writes, since dashboards look for them.
static void say_configuration(const struct setup *setup)
{
    const struct settings *s = &setup->settings;
    const struct options *o = setup->options;
    const char *endpoint = options_text(o, "proxysocketendpoint");
    bool is_endpoint = endpoint[0] != '\0' && options_list_count(o, "listen") == 0;
    char listeners[SETTINGS_LISTENERS * 64], upstream[ADDRESS_MAX], mode[16];

    settings_write_listeners(s, listeners, sizeof(listeners));
    address_write(&s->upstream, upstream, sizeof(upstream));
    (void)snprintf(mode, sizeof(mode), "%04o", (unsigned)s->listeners[0].mode);
    log_line(&setup->log, LOG_INFO, "configuration info", LOG_TEXT("socketpath", upstream),
             LOG_TEXT("listenaddress", is_endpoint ? "" : listeners),
             LOG_TEXT("proxysocketendpoint", is_endpoint ? endpoint : ""),
             LOG_TEXT("proxysocketendpointfilemode", is_endpoint ? mode : ""),
             LOG_TEXT("loglevel", options_text(o, "loglevel")),
             LOG_TEXT("logjson", s->log_json ? "true" : "false"),
             LOG_TEXT("allowfrom", is_endpoint ? "" : text_if_declared(o, "allowfrom")),
             LOG_NUMBER("shutdowngracetime", s->grace_s));
    if (is_endpoint)
        log_plain(&setup->log, LOG_INFO,
                  "proxysocketendpoint is set, so the TCP listener is deactivated");
}

// With -config its policies have listeners of their own, and -policy says nothing.
static void say_policies(const struct setup *setup)
{
    const struct options *o = setup->options;
    bool by_listener = options_text(o, "config")[0] != '\0';

    for (size_t i = 0; by_listener && i < host_policy_count(setup->host); i++)
        log_line(&setup->log, LOG_INFO, "policy loaded",
                 LOG_TEXT("policy", host_policy_name(setup->host, i)),
                 LOG_TEXT("listener", host_policy_listener(setup->host, i)));
    for (size_t i = 0; !by_listener && i < options_list_count(o, "policy"); i++)
        log_line(&setup->log, LOG_INFO, "policy loaded",
                 LOG_TEXT("policy", options_list(o, "policy", i)));
}

static void warn_of_unread(const struct setup *setup)
{
    const char *variable = NULL;

    for (size_t i = 0; (variable = options_unread(setup->options, i)) != NULL; i++)
        log_line(&setup->log, LOG_WARN,
                 "a variable that looks like a switch, and no policy in use reads it: "
                 "MOONWARD_POLICY says which are used",
                 LOG_TEXT("variable", variable));
}

static void say_watchdog(const struct setup *setup)
{
    const struct settings *s = &setup->settings;

    if (s->watchdog_s == 0)
        log_plain(&setup->log, LOG_INFO, "watchdog disabled");
    else
        log_line(&setup->log, LOG_INFO, "watchdog enabled", LOG_NUMBER("interval", s->watchdog_s),
                 LOG_TEXT("stoponwatchdog", s->stop_on_watchdog ? "true" : "false"));
}

static bool is_loopback(const struct endpoint *at)
{
    return !at->is_unix && (strncmp(at->host, "127.", 4) == 0 || strcmp(at->host, "::1") == 0);
}

// The first process of a container is what an image starts; its loopback is nobody else's. We are
// the child of it that tries the policies.
static void warn_of_loopback(const struct setup *setup)
{
    const struct settings *s = &setup->settings;

    if (getppid() != 1)
        return;
    for (size_t i = 0; i < s->listener_count; i++) {
        if (!is_loopback(&s->listeners[i].at))
            return;
    }
    log_plain(&setup->log, LOG_WARN,
              "listening on loopback only, which nobody outside this container can reach; "
              "-listen=tcp://0.0.0.0:2375 or MOONWARD_LISTEN listens for its networks");
}

void greeting_write(const struct setup *setup)
{
    say_start(&setup->log);
    say_configuration(setup);
    warn_of_loopback(setup);
    warn_of_unread(setup);
    say_watchdog(setup);
    say_policies(setup);
}
