// haproxy_bind: what HAProxy's `bind` takes, as values of -listen, for policies that emulate
// programs which are HAProxy with a configuration. No I/O.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>

#define HAPROXY_BIND_URL 400

struct haproxy_bind {
    struct span addresses; // those that are left, with commas between; borrowed
    char parameters[128];  // "?mode=0660&group=docker" of sockets; "" for none
};

// ":2375", "[::]:2375 v4v6", "127.0.0.1:2375,unix@/run/x.sock mode 660". The error names what
// -listen has no word for. The text stays the caller's.
MUST_USE int haproxy_bind_read(const char *text, struct haproxy_bind *out, struct err *err);

// The next one, as -listen takes it; whether it is an address at all, that says. False: no more.
bool haproxy_bind_next(struct haproxy_bind *bind, char url[HAPROXY_BIND_URL]);
