// explain: what would happen to a request, and why. The request goes through the same parser and
// the same policies as one from a client; only the listener's part is played by options.
#include "base/api_version.h"
#include "command/client_sketch.h"
#include "command/commands.h"
#include "command/prepare.h"
#include "command/sketch.h"
#include "proxy/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POWER_HOST 4 // with the right fields it takes over the host

static const struct option own[] = {
    CLIENT_SKETCH_OPTIONS("explain"),
    { .name = "body",
      .kind = OPTION_TEXT,
      .help = "File with the body of the request, JSON; - for standard input.",
      .owner = "explain" },
};

// --- what is printed -----------------------------------------------------------------------------

static void say(const char *what, const char *text)
{
    if (text[0] != '\0')
        printf("%-10s %s\n", what, text);
}

static void say_request(const struct sketch *sketch, const struct client_view *client,
                        const struct route *route)
{
    printf("%-10s %s %.*s\n", "request", method_name(sketch->head.method),
           (int)sketch->target.canonical.len, sketch->target.canonical.at);
    say("operation", route->operation[0] ? route->operation : "none: the route is unknown");
    printf("%-10s %.*s%s%.*s\n", "client", (int)client->address.len, client->address.at,
           client->address.len > 0 ? " on " : "on ", (int)client->listener.len,
           client->listener.at);
}

static void say_query(const struct verdict *v)
{
    struct query_pair set[VERDICT_PAIRS];
    size_t count = verdict_query(v, set);

    for (size_t i = 0; i < count; i++)
        printf("%-10s %.*s=%.*s\n", "sent on as", (int)set[i].key.len, set[i].key.at,
               (int)set[i].value.len, set[i].value.at);
}

// What allowing it means, where no policy has looked at what it asks for.
static void say_power(const struct rehearsal *r)
{
    bool is_about_allowing = r->verdict.allowed || r->verdict.hint[0] != '\0';

    if (r->route.power >= POWER_HOST && is_about_allowing && !r->body_looked_at)
        printf("%-10s this can take over the host: %s\n", "beware", r->route.text);
}

static bool takes_body(enum method method)
{
    return method == METHOD_POST || method == METHOD_PUT;
}

static int say_verdict(const struct rehearsal *r, const struct sketch *sketch)
{
    const struct verdict *v = &r->verdict;

    if (v->allowed)
        printf("\nallowed\n");
    else
        printf("\ndenied with %d%s\n", v->status, v->failed ? ", since the policy failed" : "");
    say("policy", v->policy);
    say("rule", v->rule);
    say("where", v->where);
    if (!v->allowed) {
        say("reason", v->reason);
        say("to allow", v->hint);
    }
    say_power(r);
    say("sent on as", v->path);
    say_query(v);
    if (v->edits)
        say("body", "is sent on as the policy has edited it");
    if (v->filters)
        say("answer", "is filtered");
    if (r->body_looked_at)
        say("body", "is held back until the policy has seen all of it");
    else if ((v->allowed || v->failed) && sketch->body.len == 0 && takes_body(sketch->head.method))
        say("body", "none was judged; -body FILE gives one");
    return v->allowed ? 0 : COMMAND_DENIED;
}

static int say_refusal(const struct head_error *error)
{
    printf("refused with %d before any policy\n", error->status);
    say("reason", error->text);
    return COMMAND_DENIED;
}

// -------------------------------------------------------------------------------------------------

static int rehearse(struct setup *setup, const struct sketch *sketch, struct err *err)
{
    struct client_sketch client;
    struct rehearsal rehearsal;
    int status = 2;
    struct request_view request = {
        .method = sketch->head.method,
        .target = &sketch->target,
        .headers = sketch->head.headers,
        .header_count = sketch->head.header_count,
        .has_body = sketch->body.len > 0,
    };

    if (client_sketch_read(&client, setup, setup->own, err) != 0) {
        status = prepare_complain(err, 2);
    } else if (rehearsal_run(setup, &request, &client.view, buffer_span(&sketch->body), &rehearsal,
                             err) != 0) {
        status = prepare_complain(err, 1);
    } else {
        say_request(sketch, &client.view, &rehearsal.route);
        status = say_verdict(&rehearsal, sketch);
    }
    client_sketch_clear(&client);
    return status;
}

static int explain_with(struct setup *setup, const struct option_words *words, struct span body)
{
    struct sketch sketch;
    struct head_error refusal = { 0, "" };
    struct err err = { "" };
    int status = 1;

    switch (sketch_read(&sketch, setup, words->at[0], words->at[1], body, &refusal, &err)) {
    case SKETCH_OK:
        status = rehearse(setup, &sketch, &err);
        break;
    case SKETCH_REFUSED:
        status = say_refusal(&refusal);
        break;
    case SKETCH_FAILED:
        status = prepare_complain(&err, 1);
        break;
    }
    sketch_clear(&sketch);
    return status;
}

static int explain(struct setup *setup, const struct option_words *words)
{
    const char *file = options_text(setup->own, "body");
    struct head_error too_long = { 413, "the body is longer than -maxbody, if a policy looks into "
                                        "it" };
    struct buffer body;
    struct err err = { "" };
    int status = 0;

    buffer_init(&body, setup->settings.max_body);
    if (file[0] != '\0' && sketch_read_file("-body", file, &body, &err) != 0)
        status = prepare_complain(&err, 2);
    else if (body.failed)
        status = say_refusal(&too_long);
    else
        status = explain_with(setup, words, buffer_span(&body));
    buffer_clear(&body);
    return status;
}

int explain_run(const struct launch *launch)
{
    // What policies log while they decide is not part of the answer.
    struct log log = { .fd = STDERR_FILENO, .least = LOG_WARN };
    struct setup_command command = { .own = own,
                                     .own_count = ARRAY_LEN(own),
                                     .words = { .max = 2 } };
    struct setup *setup = NULL;
    int status = prepare_setup(launch, NULL, &log, &command, &setup);

    if (status != PREPARE_OK)
        return status;
    if (command.words.count == 2) {
        status = explain(setup, &command.words);
    } else {
        fprintf(stderr, "moonward: explain: expected METHOD PATH, as in\n"
                        "    moonward explain GET /containers/json -from 10.0.0.5\n");
        status = 2;
    }
    setup_free(setup);
    return status;
}
