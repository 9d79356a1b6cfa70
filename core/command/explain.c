// explain: what would happen to a request, and why: lualib/moonward/command/explain.lua.
#include "command/client_sketch.h"
#include "command/commands.h"
#include "command/prepare.h"
#include "command/script.h"

#include <unistd.h>

static const struct option own[] = {
    CLIENT_SKETCH_OPTIONS("explain"),
    { .name = "body",
      .kind = OPTION_TEXT,
      .help = "File with the body of the request, JSON; - for standard input.",
      .owner = "explain" },
};

int explain_run(const struct launch *launch)
{
    // What policies log while they decide is not part of the answer.
    struct log log = { .fd = STDERR_FILENO, .least = LOG_WARN };
    struct setup_command command = { .own = own,
                                     .own_count = ARRAY_LEN(own),
                                     .words = { .max = 2 } };
    struct setup *setup = NULL;
    int status = prepare_setup(launch, NULL, &log, &command, &setup);

    if (status != PREPARE_OK)
        return status;
    status = script_run(&(struct script){ .name = "explain",
                                          .setup = setup,
                                          .words = command.words.at,
                                          .word_count = command.words.count });
    setup_free(setup);
    return status;
}
