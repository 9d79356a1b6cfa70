#include "proxy/rehearsal.h"

#include "net/reaper.h"
#include "net/resolver.h"
#include "proxy/engine_call.h"
#include "proxy/follower.h"
#include "proxy/judge.h"
#include "proxy/policies.h"
#include "proxy/pool.h"
#include "json/filter.h"

#include <event2/event.h>
#include <stdio.h>

struct stage {
    struct judge_tools tools;
    struct policies policies; // borrowed, but for the follower
    struct judge *judge;
    struct span body;
    struct rehearsal *out;
    bool done;
};

static bool open_stage(struct stage *s, const struct setup *setup)
{
    s->tools.base = event_base_new();
    if (!s->tools.base)
        return false;
    s->tools.reaper = reaper_new(s->tools.base);
    s->tools.resolver = resolver_new(s->tools.base);
    if (!s->tools.reaper || !s->tools.resolver)
        return false;
    s->tools.pool = pool_new(s->tools.base, s->tools.reaper, s->tools.resolver, &setup->settings);
    return s->tools.pool != NULL;
}

static void close_stage(struct stage *s)
{
    judge_free(s->judge);
    follower_free(s->policies.follower);
    pool_free(s->tools.pool);
    resolver_free(s->tools.resolver);
    reaper_free(s->tools.reaper);
    if (s->tools.base)
        event_base_free(s->tools.base);
}

static void go_on(void *arg)
{
    struct stage *s = arg;

    for (;;) {
        switch (judge_run(s->judge)) {
        case JUDGE_STATE_BUSY:
            return;
        case JUDGE_STATE_BODY:
            s->out->body_looked_at = true;
            judge_give_body(s->judge, s->body);
            break;
        case JUDGE_STATE_DONE:
            s->out->verdict = *judge_verdict(s->judge);
            s->done = true;
            return;
        }
    }
}

// --- asking the engine --------------------------------------------------------------------------

struct asking {
    int *status;
    struct buffer *body;
    struct err *err;
    int result;
    bool done;
};

static void on_answer(void *arg, const struct engine_answer *answer)
{
    struct asking *asking = arg;

    asking->done = true;
    if (answer->error) {
        asking->result = err_set(asking->err, "%s", answer->error);
        return;
    }
    *asking->status = answer->status;
    buffer_add_span(asking->body, answer->body);
    if (asking->body->failed)
        asking->result = err_set(asking->err, "no memory for the engine's answer");
}

int rehearsal_ask(struct setup *setup, const char *path, int *status, struct buffer *body,
                  struct err *err)
{
    struct stage s = { .done = false };
    struct asking asking = { .status = status, .body = body, .err = err };
    struct engine_listener listener = { .on_end = on_answer, .arg = &asking };

    if (!open_stage(&s, setup)) {
        close_stage(&s);
        return err_set(err, "no memory for the event loop");
    }
    (void)engine_call_start(&s.tools, ENGINE_WHOLE, path, &listener);
    while (!asking.done)
        (void)event_base_loop(s.tools.base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
    close_stage(&s);
    return asking.result;
}

// --- asking the policies ------------------------------------------------------------------------

#define TEXT_MAX (64u << 20)

void rehearsal_clear(struct rehearsal *rehearsal)
{
    buffer_clear(&rehearsal->body);
    buffer_clear(&rehearsal->answer);
}

static void add_text(void *arg, struct span text)
{
    buffer_add_span(arg, text);
}

// What the client would see of an answer, by the filter that passes the engine's.
static void pass_answer(struct judge *judge, struct span answer, struct rehearsal *out)
{
    const struct answer_rules *rules = judge_filter(judge);
    struct filter filter;

    if (!rules) {
        buffer_add_span(&out->answer, answer);
        return;
    }
    filter_init(&filter, rules->cut, TEXT_MAX, rules->judge, rules->arg, add_text, &out->answer);
    filter_stream_long(&filter, rules->streamer);
    if (rules->judge_rest)
        filter_rests(&filter, rules->judge_rest);
    if (filter_feed(&filter, answer.at, answer.len) != 0 || filter_end(&filter) != 0)
        (void)snprintf(out->fault, sizeof(out->fault), "%s", filter_fault(&filter));
    else if (out->answer.len == 0 && rules->missing)
        (void)snprintf(out->missing, sizeof(out->missing), "%s", rules->missing);
    filter_clear(&filter);
}

// What goes on, and what comes back.
static int pass_on(struct stage *s, struct span answer, struct err *err)
{
    struct rehearsal *out = s->out;
    struct span body;

    if (!out->verdict.allowed)
        return 0;
    if (judge_body(s->judge, &body))
        buffer_add_span(&out->body, body);
    if (answer.len > 0)
        pass_answer(s->judge, answer, out);
    if (out->body.failed || out->answer.failed)
        return err_set(err, "no memory for the body and the answer");
    return 0;
}

int rehearsal_run(struct setup *setup, const struct request_view *request,
                  const struct client_view *client, struct span body, struct span answer,
                  struct rehearsal *out, struct err *err)
{
    struct stage s = { .policies = { .host = setup->host, .log = &setup->log },
                       .body = body,
                       .out = out };
    int result = -1;

    *out = (struct rehearsal){ .body_looked_at = false };
    buffer_init(&out->body, TEXT_MAX);
    buffer_init(&out->answer, TEXT_MAX);
    if (!open_stage(&s, setup)) {
        err_set(err, "no memory for the event loop");
        goto out;
    }
    s.judge = judge_new(&s.tools, &s.policies, request, client, go_on, &s);
    if (!s.judge) {
        err_set(err, "no memory for the decision");
        goto out;
    }
    out->route = *judge_route(s.judge);
    go_on(&s);
    while (!s.done)
        (void)event_base_loop(s.tools.base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
    result = pass_on(&s, answer, err);

out:
    close_stage(&s);
    return result;
}
