#include "command/commands.h"
#include "command/greeting.h"
#include "command/prepare.h"
#include "proxy/supervisor.h"

#include <unistd.h>

int serve_run(const struct launch *launch)
{
    struct log log = { .fd = STDOUT_FILENO, .least = LOG_INFO };
    struct setup_command command = { .ready = greeting_write };
    struct setup *setup = NULL;
    int status = prepare_setup(launch, &log, &command, &setup);

    if (status != PREPARE_OK)
        return status;
    log = setup->log;
    return supervisor_run(setup, launch, &log);
}
