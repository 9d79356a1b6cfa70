#include "base/log_output.h"
#include "command/commands.h"
#include "command/complaint.h"
#include "command/greeting.h"
#include "command/prepare.h"
#include "proxy/supervisor.h"

#include <unistd.h>

static int prepare(const struct launch *launch, struct file_set *files, const struct log *log,
                   struct setup **out)
{
    struct setup_command command = { .ready = greeting_write };

    return prepare_setup(launch, files, log, &command, out);
}

int serve_run(const struct launch *launch)
{
    struct err err = { "" };
    struct log log = { .output = log_output_new(STDOUT_FILENO, &err), .least = LOG_INFO };
    int status = log.output ? supervisor_run(launch, prepare, &log) : complaint_say(&err, 1);

    log_output_free(log.output);
    return status;
}
