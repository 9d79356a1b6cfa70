#include "base/log_output.h"
#include "command/commands.h"
#include "command/greeting.h"
#include "command/prepare.h"
#include "proxy/supervisor.h"

#include <unistd.h>

int serve_run(const struct launch *launch)
{
    struct err err = { "" };
    struct log log = { .output = log_output_new(STDOUT_FILENO, &err), .least = LOG_INFO };
    struct setup_command command = { .ready = greeting_write };
    struct setup *setup = NULL;
    int status =
        log.output ? prepare_setup(launch, &log, &command, &setup) : prepare_complain(&err, 1);

    if (status == PREPARE_OK) {
        log = setup->log;
        status = supervisor_run(setup, launch, &log);
    }
    log_output_free(log.output);
    return status;
}
