// settings: the core options' values in the form the daemon uses: addresses read, limits as
// numbers. Made once from struct options at start; nothing here changes while the daemon runs.
#pragma once

#include "base/api_version.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "config/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SETTINGS_LISTENERS 16

struct endpoint {
    bool is_unix;
    char path[108]; // Unix
    char host[256]; // TCP: an address, or for the upstream a name too
    unsigned port;
};

struct listener_setting {
    char name[64]; // what policies see as client.listener
    struct endpoint at;
    mode_t mode; // Unix only, like the next two
    uid_t owner; // (uid_t)-1: leave as it is
    gid_t group; // (gid_t)-1: leave as it is
};

struct settings {
    struct listener_setting listeners[SETTINGS_LISTENERS];
    size_t listener_count;
    struct endpoint upstream;

    enum log_level log_level;
    bool log_json;
    unsigned workers;
    unsigned grace_s;    // -shutdowngracetime
    unsigned watchdog_s; // -watchdoginterval; 0: off
    bool stop_on_watchdog;
    bool health_server; // -allowhealthcheck
    unsigned health_port;
    struct api_version least_api;

    size_t max_head;          // bytes
    size_t max_headers;       // fields
    size_t max_body;          // bytes of a body that a policy looks at
    size_t max_bodies;        // bytes of all of those at a time, per worker
    size_t max_buffer;        // bytes held per direction
    unsigned max_connections; // in all, per worker
    unsigned max_per_client;  // per client, per worker; 0: a share of what fits
    unsigned max_denials;     // lines about refused requests per client and second; 0: all
    unsigned head_timeout_s;
    unsigned body_timeout_s; // for a body that a policy waits for
    unsigned connect_timeout_s;
    unsigned idle_timeout_s;     // between two requests of a connection; 0: none
    unsigned response_timeout_s; // first byte of a response; 0: none, since docker wait is quiet
                                 // for days
    unsigned stall_timeout_s;    // output of which a peer takes nothing; 0: none
    size_t policy_memory;
    uint64_t policy_instructions;
    unsigned policy_ms;      // CPU time without a pause
    unsigned policy_hang_ms; // CPU time; then the worker ends
};

// The error names the option, what it takes and what it got.
MUST_USE int settings_read(struct settings *settings, const struct options *options,
                           struct err *err);

// The listeners that a file describes take the place of those that options make: first none, then
// each URL with the listener's name, which several may share. The error names the URL and says what
// was expected.
void settings_drop_listeners(struct settings *settings);
MUST_USE int settings_add_listener(struct settings *settings, const char *name, const char *url,
                                   struct err *err);

// Whether somebody has said all that an option says it needs.
MUST_USE int settings_check_required(const struct options *options, struct err *err);

// Which option says what a file of listeners says already, if one was given; NULL: none.
const char *settings_beside_config(const struct options *options);

// Whether both have the same listeners, with the same names, modes and owners, in the same order.
bool settings_same_listeners(const struct settings *a, const struct settings *b);
// The addresses of all listeners with commas between, as far as they fit.
void settings_write_listeners(const struct settings *s, char *out, size_t size);
