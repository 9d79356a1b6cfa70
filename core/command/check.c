// check: is this set-up good, and what does it say? lualib/moonward/command/check.lua.
#include "command/commands.h"
#include "command/script.h"

#include <sys/mman.h>
#include <unistd.h>

int check_run(const struct launch *launch)
{
    const struct log log = { .fd = memfd_create("log", MFD_CLOEXEC), .least = LOG_INFO };
    int status = script_run(&(struct script){ .name = "check", .log = &log, .launch = launch });

    close(log.fd);
    return status;
}
