// explain: what would happen to a request, and why. The request goes through the same parser and
// the same policies as one from a client; only the listener's part is played by options.
#include "base/api_version.h"
#include "command/commands.h"
#include "command/prepare.h"
#include "command/sketch.h"
#include "config/address.h"
#include "proxy/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option own[] = {
    { .name = "from",
      .kind = OPTION_TEXT,
      .initial = "127.0.0.1",
      .help = "Address of the client, for a TCP listener.",
      .owner = "explain" },
    { .name = "listener",
      .kind = OPTION_TEXT,
      .help = "Name of the listener that the client connects to; the first one if not given.",
      .owner = "explain" },
    { .name = "label",
      .kind = OPTION_LIST,
      .help = "Label of the client's container, as in -label app=web.",
      .owner = "explain" },
    { .name = "body",
      .kind = OPTION_TEXT,
      .help = "File with the body of the request, JSON; - for standard input.",
      .owner = "explain" },
};

// The client as the options paint it. Spans point into the setup.
struct client_sketch {
    struct client_view view;
    struct query_pair labels[64];
};

static int find_listener(const struct setup *setup, const struct listener_setting **out,
                         struct err *err)
{
    const char *name = options_text(setup->own, "listener");
    const struct settings *s = &setup->settings;

    for (size_t i = 0; i < s->listener_count; i++) {
        if (name[0] == '\0' || strcmp(s->listeners[i].name, name) == 0) {
            *out = &s->listeners[i];
            return 0;
        }
    }
    return err_set(err, "-listener: no listener is called \"%.100s\"; the first one is \"%s\"",
                   name, s->listeners[0].name);
}

static int read_labels(const struct options *o, struct client_sketch *client, struct err *err)
{
    size_t count = options_list_count(o, "label");

    if (count > ARRAY_LEN(client->labels))
        return err_set(err, "-label: at most %zu labels", ARRAY_LEN(client->labels));
    for (size_t i = 0; i < count; i++) {
        const char *label = options_list(o, "label", i);
        const char *equals = strchr(label, '=');

        if (!equals || equals == label)
            return err_set(err, "-label: expected name=value, got \"%.200s\"", label);
        client->labels[i].key = (struct span){ label, (size_t)(equals - label) };
        client->labels[i].value = span_of(equals + 1);
    }
    client->view.labels = client->labels;
    client->view.label_count = count;
    return 0;
}

static int paint_client(const struct setup *setup, struct client_sketch *client, struct err *err)
{
    const struct options *o = setup->own;
    const char *from = options_text(o, "from");
    const struct listener_setting *listener = NULL;

    *client = (struct client_sketch){ .view = { .port = 0 } };
    if (find_listener(setup, &listener, err) != 0)
        return -1;
    client->view.listener = span_of(listener->name);
    if (listener->at.is_unix) {
        if (options_source(o, "from") != OPTION_DEFAULT)
            return err_set(err,
                           "-from: the listener %s is a Unix socket, whose clients have no "
                           "address",
                           listener->name);
        client->view.has_credentials = true;
        client->view.pid = getpid();
        client->view.uid = getuid();
        client->view.gid = getgid();
    } else if (!address_is_ip(from)) {
        return err_set(err, "-from: expected an IP address, got \"%.100s\"", from);
    } else {
        client->view.address = span_of(from);
    }
    return read_labels(o, client, err);
}

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
    struct request_view request = {
        .method = sketch->head.method,
        .target = &sketch->target,
        .headers = sketch->head.headers,
        .header_count = sketch->head.header_count,
        .has_body = sketch->body.len > 0,
    };

    if (paint_client(setup, &client, err) != 0)
        return prepare_complain(err, 2);
    if (rehearsal_run(setup, &request, &client.view, buffer_span(&sketch->body), &rehearsal, err) !=
        0)
        return prepare_complain(err, 1);
    say_request(sketch, &client.view, &rehearsal.route);
    return say_verdict(&rehearsal, sketch);
}

static int explain(struct setup *setup, const struct option_words *words)
{
    struct sketch sketch;
    struct head_error refusal = { 0, "" };
    struct err err = { "" };
    int status = 2;

    switch (sketch_read(&sketch, setup, words->at[0], words->at[1], &refusal, &err)) {
    case SKETCH_OK:
        status = rehearse(setup, &sketch, &err);
        break;
    case SKETCH_REFUSED:
        status = say_refusal(&refusal);
        break;
    case SKETCH_FAILED:
        status = prepare_complain(&err, 2);
        break;
    }
    sketch_clear(&sketch);
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
    int status = prepare_setup(launch, &log, &command, &setup);

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
