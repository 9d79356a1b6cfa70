// compare: which requests two set-ups decide differently: lualib/moonward/command/compare.lua.
#include "command/client_options.h"
#include "command/commands.h"
#include "command/script.h"

static const struct option own[] = {
    { .name = "requests",
      .kind = OPTION_FILE,
      .help = "Requests to compare, one per line: METHOD PATH, and the body if there is one; - for "
              "standard input. Without it, all routes of the API.",
      .owner = "compare" },
    CLIENT_OPTIONS("compare"),
};

int compare_run(const struct launch *launch)
{
    return script_run(&(struct script){
        .name = "compare", .own = own, .own_count = ARRAY_LEN(own), .launch = launch });
}
