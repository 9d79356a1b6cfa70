// test: runs specs of policies: lualib/moonward/command/test.lua.
#include "command/commands.h"
#include "command/script.h"

static const struct option own[] = {
    { .name = "watch",
      .kind = OPTION_SWITCH,
      .help = "Run them again whenever a file of Lua changes, until it is stopped.",
      .owner = "test" },
    { .name = "coverage",
      .kind = OPTION_SWITCH,
      .help = "Say which verdicts of the policies no spec has reached, by file and line, and which "
              "operations.",
      .owner = "test" },
    { .name = "min",
      .kind = OPTION_NUMBER,
      .max = 100,
      .initial = "0",
      .help = "With -coverage: fail if fewer verdicts of a policy were reached, in percent.",
      .owner = "test" },
};

int test_run(const struct launch *launch)
{
    return script_run(&(struct script){ .name = "test",
                                        .own = own,
                                        .own_count = ARRAY_LEN(own),
                                        .words = OPTION_WORDS,
                                        .launch = launch });
}
