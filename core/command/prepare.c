#include "command/prepare.h"

#include "config/usage.h"
#include "lua/host.h"

#include <stdio.h>

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

static int bad_flag(const struct err *err)
{
    struct buffer text;

    prepare_complain(err, 2);
    buffer_init(&text, USAGE_MAX);
    usage_short(&text);
    print(stderr, &text);
    return 2;
}

int prepare_setup(const struct launch *launch, const struct log *log, struct setup_command *command,
                  struct setup **out)
{
    struct err err = { "" };

    switch (setup_new(launch->argc, launch->argv, launch->environ, log, command, out, &err)) {
    case SETUP_OK:
        return PREPARE_OK;
    case SETUP_HELP:
        prepare_help(*out);
        setup_free(*out);
        return 0;
    case SETUP_BAD_FLAG:
        return bad_flag(&err);
    case SETUP_BAD_VALUE:
        break;
    }
    return prepare_complain(&err, 1);
}
