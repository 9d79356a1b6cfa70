// check: is this set-up good, and what does it say? lualib/moonward/command/check.lua.
#include "command/commands.h"
#include "command/script.h"

#include <sys/mman.h>
#include <unistd.h>

static const struct option own[] = {
    { .name = "listener",
      .kind = OPTION_TEXT,
      .help = "With -matrix: whose policies are asked; by default those of the first listener.",
      .owner = "check" },
    { .name = "matrix",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "Write what is said to every operation as a table in Markdown, for review: it is the "
              "same as long as the policies say the same, so it can be committed and compared.",
      .owner = "check" },
    { .name = "json",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "The matrix as JSON, a request on each line.",
      .owner = "check" },
    { .name = "against",
      .kind = OPTION_TEXT,
      .help =
          "With -matrix: only what another set-up says differently; all behind it is that one's: "
          "the name of a policy, or options with variables in front. Exit code 4 if anything is.",
      .owner = "check" },
    { .name = "strict",
      .kind = OPTION_SWITCH,
      .initial = "0",
      .help = "Fail on warnings as well.",
      .owner = "check" },
};

int check_run(const struct launch *launch)
{
    const struct log log = { .fd = memfd_create("log", MFD_CLOEXEC), .least = LOG_INFO };
    int status = script_run(&(struct script){
        .name = "check", .own = own, .own_count = ARRAY_LEN(own), .log = &log, .launch = launch });

    close(log.fd);
    return status;
}
