// host_config: the file of -config, as lualib/moonward/host/config.lua has read it: what it says of
// the core, and listeners with policies of their own. A policy that stands in it twice is loaded
// twice, with options of its own each time.
//
// Life: host_config_read(), then host_config_load() for each listener's policies, each followed by
// host_use_values() with what options_take() made of its values; then host_start().
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "config/settings.h"

#include <stddef.h>

struct host;
struct options;

// A value of an option: for options_take(), with words for what is wrong with it.
struct host_value {
    char *name, *text;
    char *where; // "moonward.lua:12: listeners.ci.policy[2].agentdir"
};

struct host_values {
    struct host_value *at;
    size_t count;
};

struct host_config_listener {
    char name[64];
    char where[200]; // "moonward.lua:12: listeners.ci"
    char **urls;
    size_t url_count;
    size_t policy_count;
};

struct host_config {
    struct host_values core;
    struct host_config_listener listeners[SETTINGS_LISTENERS];
    size_t listener_count;
};

// Reads and checks the file; it runs as a policy does, with the same limits. The error names file,
// line and key. Whatever comes out, host_config_clear() frees it.
MUST_USE int host_config_read(struct host *host, const char *path, struct host_config *out,
                              struct err *err);
void host_config_clear(struct host_config *config);

// Loads policy 'policy' of listener 'listener', both from 0: the next one that host_policy_count()
// counts. 'values' is what the file sets its options to; whatever comes out,
// host_values_clear() frees them.
MUST_USE int host_config_load(struct host *host, size_t listener, size_t policy,
                              const char *policydir, struct host_values *values, struct err *err);
void host_values_clear(struct host_values *values);
