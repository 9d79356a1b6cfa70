#include "command/side.h"

#include "command/prepare.h"
#include "command/sketch.h"
#include "proxy/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_among(const char *line, char *const *words, size_t count)
{
    size_t len = strcspn(line, "=") + 1;

    for (size_t i = 0; i < count; i++) {
        if (strncmp(line, words[i], len) == 0)
            return true;
    }
    return false;
}

// The words in front of the options, then what else the command was started with.
static char **new_environ(struct launch *rest, char *const *inherited)
{
    size_t count = 0, words = 0;
    char **all = NULL;

    while (inherited && inherited[count])
        count++;
    while (words < (size_t)rest->argc && option_is_variable(rest->argv[words]))
        words++;
    all = calloc(words + count + 1, sizeof(*all));
    if (!all)
        return NULL;
    memcpy(all, rest->argv, words * sizeof(*all));
    for (size_t i = 0, at = words; i < count; i++) {
        if (!is_among(inherited[i], rest->argv, words))
            all[at++] = inherited[i];
    }
    rest->argc -= (int)words;
    rest->argv += words;
    return all;
}

static int complain(const struct side *side, const struct err *err, int status)
{
    fprintf(stderr, "moonward: compare: %s: %s\n", side->where, err->text);
    return status;
}

int side_open(struct side *side, struct launch rest, const struct option *own, size_t own_count)
{
    struct log silent = { .fd = -1, .least = LOG_ERROR };
    struct setup_command command = { .own = own, .own_count = own_count, .words = { .max = 1 } };
    struct err err = { "" };

    side->environ = new_environ(&rest, rest.environ);
    if (!side->environ) {
        err_set(&err, "no memory for the variables");
        return complain(side, &err, 1);
    }
    rest.environ = side->environ;
    switch (setup_new(&rest, &(struct setup_means){ NULL, &prepare_hang }, &silent, &command,
                      &side->setup, &err)) {
    case SETUP_OK:
        if (command.words.count == 0)
            return PREPARE_OK;
        err_set(&err, "unexpected argument \"%.200s\": options begin with a dash",
                command.words.at[0]);
        return complain(side, &err, 2);
    case SETUP_HELP:
        prepare_help(side->setup);
        return 0;
    case SETUP_BAD_FLAG:
        return complain(side, &err, 2);
    case SETUP_BAD_VALUE:
        break;
    }
    return complain(side, &err, 1);
}

void side_close(struct side *side)
{
    if (side->has_client)
        client_sketch_clear(&side->client);
    setup_free(side->setup);
    free(side->environ);
}

int side_open_client(struct side *side, const struct options *o)
{
    struct err err = { "" };

    side->has_client = true;
    if (client_sketch_read(&side->client, side->setup, o, &err) != 0)
        return complain(side, &err, 2);
    return PREPARE_OK;
}

// --- one request ---------------------------------------------------------------------------------

static void set_outcome(struct outcome *out, const struct verdict *v)
{
    out->status = v->status;
    (void)snprintf(out->why, sizeof(out->why), "%s", v->reason);
    if (v->failed)
        out->kind = OUTCOME_UNKNOWN;
    else if (v->allowed)
        out->kind = v->filters ? OUTCOME_FILTERED : OUTCOME_ALLOWED;
}

static int judge_sketch(struct side *side, const struct sketch *sketch, struct outcome *out,
                        struct err *err)
{
    struct rehearsal rehearsal;
    struct request_view request = {
        .method = sketch->head.method,
        .target = &sketch->target,
        .headers = sketch->head.headers,
        .header_count = sketch->head.header_count,
        .has_body = sketch->body.len > 0,
    };

    if (rehearsal_run(side->setup, &request, &side->client.view, buffer_span(&sketch->body),
                      &rehearsal, err) != 0)
        return -1;
    set_outcome(out, &rehearsal.verdict);
    return 0;
}

int side_judge(struct side *side, const char *method, const char *path, struct span body,
               struct outcome *out, struct err *err)
{
    struct sketch sketch;
    struct head_error refusal = { 0, "" };
    int result = -1;

    *out = (struct outcome){ .kind = OUTCOME_DENIED };
    switch (sketch_read(&sketch, side->setup, method, path, body, &refusal, err)) {
    case SKETCH_OK:
        result = judge_sketch(side, &sketch, out, err);
        break;
    case SKETCH_REFUSED:
        out->status = refusal.status;
        (void)snprintf(out->why, sizeof(out->why), "%s", refusal.text);
        result = 0;
        break;
    case SKETCH_FAILED:
        break;
    }
    sketch_clear(&sketch);
    return result;
}
