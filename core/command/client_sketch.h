// client_sketch: a client that never connected, as the options of `explain` paint it.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"
#include "lua/decision.h"
#include "lua/setup.h"

#include <netinet/in.h>

struct client_sketch {
    struct client_view view; // its spans point into the sketch and the setup
    struct query_pair labels[64];
    char address[INET6_ADDRSTRLEN];
    struct buffer container; // the engine's answer about it
};

// Asks the engine if -container is given. To be cleared also on failure.
MUST_USE int client_sketch_read(struct client_sketch *client, struct setup *setup, struct err *err);
void client_sketch_clear(struct client_sketch *client);
