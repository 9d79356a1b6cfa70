// client_sketch: a client that never connected, as the options of a command paint it.
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

// What a command has in its table for it.
#define CLIENT_SKETCH_OPTIONS(command)                                                             \
    { .name = "from",                                                                              \
      .kind = OPTION_TEXT,                                                                         \
      .initial = "127.0.0.1",                                                                      \
      .help = "Address of the client, for a TCP listener.",                                        \
      .owner = (command) },                                                                        \
        { .name = "listener",                                                                      \
          .kind = OPTION_TEXT,                                                                     \
          .help = "Name of the listener that the client connects to; the first one if not given.", \
          .owner = (command) },                                                                    \
        { .name = "label",                                                                         \
          .kind = OPTION_LIST,                                                                     \
          .help = "Label of the client's container, as in -label app=web.",                        \
          .owner = (command) },                                                                    \
    {                                                                                              \
        .name = "container", .kind = OPTION_TEXT,                                                  \
        .help =                                                                                    \
            "The client's container, by name or id; the engine is asked for its labels and its "   \
            "address.",                                                                            \
        .owner = (command)                                                                         \
    }

// 'o' has the options above. Asks the engine if -container is given. To be cleared also on failure.
MUST_USE int client_sketch_read(struct client_sketch *client, struct setup *setup,
                                const struct options *o, struct err *err);
void client_sketch_clear(struct client_sketch *client);
