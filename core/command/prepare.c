#include "command/prepare.h"

#include "command/complaint.h"
#include "command/script.h"
#include "config/option_value.h"

#include <string.h>
#include <unistd.h>

// What -help prints, of a set-up that was made for it.
static int help(struct setup *setup, const struct launch *launch)
{
    int status =
        script_run(&(struct script){ .name = "help_of", .setup = setup, .launch = launch });

    setup_free(setup);
    return status;
}

// --- why there is no set-up ----------------------------------------------------------------------

static bool is_true(const char *text)
{
    static const struct option logjson = { .kind = OPTION_SWITCH };
    struct err err = { "" };
    uint64_t value = 0;

    return option_value_read(&logjson, OPTION_FLAG, text, &value, &err) == OPTION_VALUE_OK && value;
}

// Whether the log would be JSON: nothing is parsed if there is no set-up, so this looks for the
// words.
static bool asks_for_json(const struct launch *launch)
{
    static const char flag[] = "-logjson", variable[] = "SP_LOGJSON=";
    bool asks = false;

    for (char *const *e = launch->environ; *e; e++) {
        if (strncmp(*e, variable, strlen(variable)) == 0)
            asks = is_true(*e + strlen(variable));
    }
    for (int i = 0; i < launch->argc; i++) {
        const char *word = launch->argv[i] + (strncmp(launch->argv[i], "--", 2) == 0);
        const char *rest = word + strlen(flag);

        if (strncmp(word, flag, strlen(flag)) == 0 && (*rest == '\0' || *rest == '='))
            asks = *rest == '\0' || is_true(rest + 1);
    }
    return asks;
}

// Only serve has a log; what other commands say is for people.
static bool log_instead(const struct launch *launch, const struct setup_command *command,
                        const struct err *err)
{
    struct log log = { .fd = STDERR_FILENO, .least = LOG_ERROR, .json = true };

    if (!command || !command->ready || !asks_for_json(launch))
        return false;
    log_line(&log, LOG_ERROR, "moonward does not start", LOG_TEXT("error", err->text));
    return true;
}

static int bad_flag(const struct err *err)
{
    (void)complaint_say(err, 2);
    complaint_usage();
    return 2;
}

int prepare_setup(const struct launch *launch, struct file_set *files, const struct log *log,
                  struct setup_command *command, struct setup **out)
{
    struct setup_means means = { files, &complaint_hang };
    struct err err = { "" };

    switch (setup_new(launch, &means, log, command, out, &err)) {
    case SETUP_OK:
        return PREPARE_OK;
    case SETUP_HELP:
        return help(*out, launch);
    case SETUP_BAD_FLAG:
        return log_instead(launch, command, &err) ? 2 : bad_flag(&err);
    case SETUP_BAD_VALUE:
        break;
    }
    return log_instead(launch, command, &err) ? 1 : complaint_say(&err, 1);
}
