// client_options: what a command has in its table of options to say who asks; read by
// lualib/moonward/command/client.lua.
#pragma once

#include "config/option.h"

#define CLIENT_OPTIONS(command)                                                                    \
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
