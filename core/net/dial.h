// dial: starts a connection to a Unix socket or an address, and puts a failure into words that say
// what to do about it.
#pragma once

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/socket.h>

// Returns a non-blocking, close-on-exec descriptor, or -1 with errno set. *connecting: the
// connection is still being made. EAGAIN means that a Unix listener's queue is full: try again.
MUST_USE int dial_unix(const char *path, bool *connecting);
MUST_USE int dial_address(const struct sockaddr *addr, socklen_t len, bool *connecting);

// Why connecting to the engine's socket failed and what helps; looks at the file.
void dial_explain_unix(const char *path, int error, struct err *err);
void dial_explain_tcp(const char *host, unsigned port, int error, struct err *err);
