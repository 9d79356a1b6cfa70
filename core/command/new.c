// new: a policy to begin with: lualib/moonward/command/new.lua.
#include "command/commands.h"
#include "command/script.h"

static const struct option own[] = {
    { .name = "client",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "The policy of a program that uses the engine, put together from what it calls.",
      .owner = "new" },
    { .name = "filter",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "One that shows some containers, and not all of them.",
      .owner = "new" },
    { .name = "create",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "One that lets containers be created, and looks into their bodies.",
      .owner = "new" },
    { .name = "owner",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "One where each client has what it has created.",
      .owner = "new" },
};

int new_run(const struct launch *launch)
{
    return script_run(&(struct script){
        .name = "new", .own = own, .own_count = ARRAY_LEN(own), .words = 1, .launch = launch });
}
