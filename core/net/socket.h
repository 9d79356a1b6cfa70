// socket: what the kernel says of a connected socket.
#pragma once

#include "base/attr.h"

#include <stdbool.h>

MUST_USE int socket_error(int fd); // errno of what went wrong since the last call; 0: nothing

// A Unix socket whose peer closed has hung up; a TCP one once both sides have ended.
MUST_USE bool socket_hung_up(int fd);

MUST_USE bool socket_is_silent(int fd); // no bytes, and no end

// Bytes that were written and that the peer has not taken.
MUST_USE int socket_queued(int fd);
