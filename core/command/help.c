// help: what -help prints: lualib/moonward/command/help.lua.
#include "command/commands.h"
#include "command/script.h"

int help_run(const struct launch *launch)
{
    return script_run(&(struct script){ .name = "help", .launch = launch });
}
