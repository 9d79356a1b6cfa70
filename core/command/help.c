#include "command/commands.h"
#include "command/prepare.h"
#include "config/usage.h"
#include "lua/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_MAX (256u << 10)

// "## core" and its table, then each policy's with what it is for.
static void write_markdown(const struct setup *setup, struct buffer *out)
{
    buffer_add_string(out, "## core\n\n");
    usage_markdown(setup->options, "core", out);
    for (size_t i = 0; i < host_policy_count(setup->host); i++) {
        const char *name = host_policy_name(setup->host, i);
        const char *summary = host_policy_summary(setup->host, i);

        buffer_printf(out, "\n## %s\n\n", name);
        if (summary)
            buffer_printf(out, "%s\n\n", summary);
        usage_markdown(setup->options, name, out);
    }
}

static int print(struct setup *setup, bool markdown)
{
    struct buffer text;
    int status = 1;

    buffer_init(&text, HELP_MAX);
    if (markdown)
        write_markdown(setup, &text);
    else
        prepare_usage(setup, &text);
    if (!text.failed && fwrite(text.data, 1, text.len, stdout) == text.len)
        status = 0;
    buffer_clear(&text);
    setup_free(setup);
    return status;
}

// With -help in front nothing but the policies is read, so that what keeps the program from
// starting does not keep anybody from reading up on it.
static int read_options(const struct launch *launch, struct setup **out, struct err *err)
{
    static char first[] = "-help";
    struct log silent = { .fd = -1, .least = LOG_ERROR };
    char **argv = calloc((size_t)launch->argc + 2, sizeof(*argv));
    enum setup_status status = SETUP_BAD_VALUE;

    if (!argv)
        return err_set(err, "no memory for the arguments");
    argv[0] = first;
    memcpy(argv + 1, launch->argv, (size_t)launch->argc * sizeof(*argv));
    status = setup_new(&(struct launch){ launch->argc + 1, argv, launch->environ },
                       &(struct setup_means){ NULL, &prepare_hang }, &silent, NULL, out, err);
    free(argv);
    return status == SETUP_HELP ? 0 : -1;
}

int help_run(const struct launch *launch)
{
    struct launch rest = *launch;
    struct setup *setup = NULL;
    struct err err = { "" };
    bool markdown = rest.argc > 0 && strcmp(rest.argv[0], "markdown") == 0;

    rest.argc -= markdown;
    rest.argv += markdown;
    if (rest.argc > 0 && rest.argv[0][0] != '-') {
        err_set(&err, "help %.100s: expected options, or markdown and options", rest.argv[0]);
        return prepare_complain(&err, 2);
    }
    if (read_options(&rest, &setup, &err) != 0)
        return prepare_complain(&err, 1);
    return print(setup, markdown);
}
