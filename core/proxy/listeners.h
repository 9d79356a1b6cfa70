// listeners: the sockets that clients and the health check connect to. The supervisor holds them
// open for as long as it runs, so that no connection is refused while workers come and go.
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "config/settings.h"

struct listeners {
    int at[SETTINGS_LISTENERS]; // in the order of the settings
    size_t count;
    int health; // -1: not wanted, or not possible
};

// Opens all or none; what goes wrong is in the log.
MUST_USE int listeners_open(struct listeners *l, const struct settings *settings,
                            const struct log *log);
void listeners_close(struct listeners *l, const struct settings *settings);

// Whether the engine's socket is there; if not, the log says why. An engine elsewhere may start
// later than we do; a socket that is not there was not mounted.
MUST_USE int listeners_check_engine(const struct settings *settings, const struct log *log);

// A client and its engine take a descriptor each.
void listeners_raise_file_limit(const struct settings *settings);
