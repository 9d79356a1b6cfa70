// policies: which there are, or the text of one: lualib/moonward/command/policies.lua.
#include "command/commands.h"
#include "command/script.h"

int policies_run(const struct launch *launch)
{
    return script_run(&(struct script){ .name = "policies", .words = 1, .launch = launch });
}
