#include "command/prepare.h"

#include "config/option_value.h"
#include "config/usage.h"
#include "lua/host.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USAGE_MAX (256u << 10)

int prepare_complain(const struct err *err, int status)
{
    fprintf(stderr, "moonward: %s\n", err->text);
    return status;
}

static void print(FILE *to, struct buffer *text)
{
    if (!text->failed)
        (void)fwrite(text->data, 1, text->len, to);
    buffer_clear(text);
}

void prepare_usage(const struct setup *setup, struct buffer *out)
{
    usage_write(setup->options, setup->own, out);
    buffer_add_string(out, "\nPolicies:\n");
    for (size_t i = 0; i < host_policy_count(setup->host); i++) {
        const char *summary = host_policy_summary(setup->host, i);

        buffer_printf(out, "  %s\n", host_policy_name(setup->host, i));
        if (summary)
            usage_add_wrapped(out, summary);
    }
}

void prepare_help(const struct setup *setup)
{
    struct buffer text;

    buffer_init(&text, USAGE_MAX);
    prepare_usage(setup, &text);
    print(stdout, &text);
}

// --- a policy that hangs -------------------------------------------------------------------------

// It runs in a signal handler.
static void tell(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; // nobody reads it
}

static void report_hang(void *arg, const char *policy, const char *where)
{
    (void)arg;
    tell("moonward: policy ");
    tell(policy);
    tell(" hangs");
    tell(where[0] != '\0' ? " at " : "");
    tell(where);
    tell(": it spent -policyhang in one call of a C function, and no policy can be stopped in "
         "there otherwise\n");
}

const struct hang_hooks prepare_hang = { .report = report_hang, .status = 1 };

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
    struct buffer text;

    prepare_complain(err, 2);
    buffer_init(&text, USAGE_MAX);
    usage_short(&text);
    print(stderr, &text);
    return 2;
}

int prepare_setup(const struct launch *launch, struct file_set *files, const struct log *log,
                  struct setup_command *command, struct setup **out)
{
    struct setup_means means = { files, &prepare_hang };
    struct err err = { "" };

    switch (setup_new(launch, &means, log, command, out, &err)) {
    case SETUP_OK:
        return PREPARE_OK;
    case SETUP_HELP:
        prepare_help(*out);
        setup_free(*out);
        return 0;
    case SETUP_BAD_FLAG:
        return log_instead(launch, command, &err) ? 2 : bad_flag(&err);
    case SETUP_BAD_VALUE:
        break;
    }
    return log_instead(launch, command, &err) ? 1 : prepare_complain(&err, 1);
}
