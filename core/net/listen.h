// listen: opens listening sockets. A Unix socket has its mode, owner and group before anyone can
// connect to it; a stale socket file is replaced, any other file is left alone and refused.
#pragma once

#include "base/attr.h"
#include "base/err.h"

#include <sys/types.h>

struct listen_unix {
    const char *path;
    mode_t mode;
    uid_t owner; // (uid_t)-1: leave as it is
    gid_t group; // (gid_t)-1: leave as it is
};

// Both return a non-blocking, close-on-exec descriptor that the caller owns, or -1 with err set.
MUST_USE int listen_unix_open(const struct listen_unix *wanted, struct err *err);

// 'ip' is an IPv4 or IPv6 address; "::" takes IPv4 peers too where the kernel can.
MUST_USE int listen_tcp_open(const char *ip, unsigned port, struct err *err);
