// explain: what would happen to a request, and why: lualib/moonward/command/explain.lua.
#include "command/client_options.h"
#include "command/commands.h"
#include "command/script.h"

#include <unistd.h>

static const struct option own[] = {
    CLIENT_OPTIONS("explain"),
    { .name = "body",
      .kind = OPTION_TEXT,
      .help = "File with the body of the request, JSON; - for standard input.",
      .owner = "explain" },
    { .name = "header",
      .kind = OPTION_LIST,
      .help = "A header of the request, as in -header 'X-Registry-Auth: e30='.",
      .owner = "explain" },
    { .name = "answer",
      .kind = OPTION_TEXT,
      .help = "File with what the engine would answer, JSON; - for standard input. Shown is what "
              "the client sees of it.",
      .owner = "explain" },
    { .name = "json",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "All of it as JSON.",
      .owner = "explain" },
};

int explain_run(const struct launch *launch)
{
    // What policies log while they decide is not part of the answer.
    const struct log log = { .fd = STDERR_FILENO, .least = LOG_WARN };

    return script_run(&(struct script){ .name = "explain",
                                        .own = own,
                                        .own_count = ARRAY_LEN(own),
                                        .words = 2,
                                        .log = &log,
                                        .launch = launch });
}
