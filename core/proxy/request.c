// request: the half of an exchange that reads the request and has it judged. See exchange.h for the
// picture.
#include "base/check.h"
#include "net/packed.h"
#include "proxy/exchange_steps.h"
#include "proxy/head_input.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#define TARGET_MAX (64u << 10) // what policies match their rules with
#define LONG_HEAD  (64u << 10) // most are a hundred times shorter

static const char too_large[] = "moonward: the body is larger than -maxbody, and a policy has to "
                                "read it before it goes on";
static const char too_many[] =
    "moonward: as many bodies, and heads of more than 64 KiB, are held for "
    "policies as -maxbodies allows; try again";
static const char too_many_of_client[] =
    "moonward: as many bodies and long heads of this client are "
    "held as half of -maxbodies allows; try again";

// What the log shows of a request that could not be read. Queries may hold secrets.
static void note_raw(struct exchange *x)
{
    char line[sizeof(x->raw_method) + sizeof(x->raw_target) + 1];
    ev_ssize_t len = evbuffer_copyout(x->client.in, line, sizeof(line));
    struct span head = { line, len > 0 ? (size_t)len : 0 };
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char ends[] = { ' ', '?', '\r', '\n' };
    size_t method = 0, target = 0;

    while (method < head.len && method < sizeof(x->raw_method) - 1 &&
           memchr(letters, head.at[method], sizeof(letters) - 1))
        method++;
    if (method == 0 || method == head.len || head.at[method] != ' ')
        return;
    memcpy(x->raw_method, head.at, method);
    x->raw_method[method] = '\0';
    head.at += method + 1;
    head.len -= method + 1;
    while (target < head.len && target < sizeof(x->raw_target) - 4 && head.at[target] &&
           !memchr(ends, head.at[target], sizeof(ends)))
        target++;
    memcpy(x->raw_target, head.at, target);
    x->raw_target[target] = '\0';
    if (target == sizeof(x->raw_target) - 4)
        memcpy(x->raw_target + target, "...", 4);
}

static enum step bad_request(struct exchange *x, const struct head_error *error)
{
    char text[256];

    note_raw(x);
    (void)snprintf(text, sizeof(text), "moonward: %s", error->text);
    return exchange_refuse(x, error->status, text, true);
}

// A long head counts as a body does, for as long as its request lasts.
static void hold_head(struct exchange *x, size_t len)
{
    x->long_head = len > LONG_HEAD ? len : 0;
    exchange_count_held(x);
}

// NULL: there is room for what is held; or why not.
static const char *held_too_much(const struct exchange *x)
{
    if (*x->limits->held > x->limits->bodies)
        return too_many;
    if (x->client_held && *x->client_held > x->limits->client_bodies)
        return too_many_of_client;
    return NULL;
}

static enum step read_request(struct exchange *x, struct span head)
{
    struct head_error error;

    if (request_head_read(&x->request, head.at, head.len, &x->limits->head,
                          x->limits->extra_methods, &error) != HEAD_OK)
        return bad_request(x, &error);
    if (x->request.target.len > TARGET_MAX) {
        (void)head_bad(&error, 414, "the target is longer than 64 KiB");
        return bad_request(x, &error);
    }
    if (target_read(&x->target, x->request.target, &x->limits->target, &error) != HEAD_OK)
        return bad_request(x, &error);
    hold_head(x, head.len);
    CHECK(evbuffer_drain(x->client.in, head.len) == 0);
    x->keep_alive = x->request.keep_alive && !x->limits->closing;
    x->sent_framing = x->request.framing;
    x->sent_length = x->request.length;
    body_init(&x->request_body, x->request.framing, x->request.length, x->request.framing, true);
    return exchange_to(x, EXCHANGE_JUDGE);
}

static enum step await_head(struct exchange *x, size_t have)
{
    const char *why;

    hold_head(x, have);
    why = x->long_head > 0 ? held_too_much(x) : NULL;
    if (!why)
        return STEP_WAIT;
    note_raw(x);
    return exchange_refuse(x, 503, why, true);
}

enum step step_read_head(struct exchange *x)
{
    size_t have = evbuffer_get_length(x->client.in);
    struct head_error error;
    struct span head;

    // A client that sends requests and reads no answers waits here.
    if (evbuffer_get_length(x->client.out) >= x->limits->buffer)
        return STEP_WAIT;
    if (have == 0 && !x->client.ended)
        return STEP_WAIT;
    x->client_spoke = x->client_spoke || have > 0;
    switch (head_input(&x->scan, x->client.in, &x->limits->head, &head, &error)) {
    case HEAD_OK:
        return read_request(x, head);
    case HEAD_MORE:
        if (!x->client.ended)
            return await_head(x, have);
        x->keep_alive = false;
        return exchange_to(x, EXCHANGE_DONE);
    case HEAD_BAD:
        break;
    }
    return bad_request(x, &error);
}

static enum step want_body(struct exchange *x)
{
    struct span go_on = SPAN("HTTP/1.1 100 Continue\r\n\r\n");

    if (!x->held)
        x->held = evbuffer_new();
    if (!x->held)
        return exchange_refuse(x, 503, "moonward: out of memory", true);
    if (x->request.framing == FRAMING_LENGTH && x->request.length > x->limits->body)
        return exchange_refuse(x, 413, too_large, true);
    if (x->request.expects_continue && evbuffer_get_length(x->client.in) == 0)
        CHECK(packed_add(x->client.out, go_on.at, go_on.len));
    // The body ends up without its framing, and goes on with a length.
    x->request_body.out = FRAMING_LENGTH;
    return exchange_to(x, EXCHANGE_READ_BODY);
}

enum step step_judge(struct exchange *x)
{
    switch (x->ops->judge(x->io, &x->rights)) {
    case JUDGE_ALLOW:
        return exchange_to(x, EXCHANGE_DIAL);
    case JUDGE_WANTS_BODY:
        return want_body(x);
    case JUDGE_WAIT:
        return STEP_WAIT;
    case JUDGE_DENY:
        break;
    }
    // Whatever is not a clear yes is a no; exchange_deny() left the words.
    return exchange_refuse(x, x->refusal_status, NULL, false);
}

bool exchange_rename(struct exchange *x, struct span path, const struct query_pair *set,
                     size_t count)
{
    struct head_error error;

    return target_rename(&x->target, path, set, count, &x->limits->target, &error) == HEAD_OK;
}

// The connection upstream carries the body with a length.
static void hold_body(struct exchange *x)
{
    x->holds_body = true;
    x->sent_framing = x->request.framing == FRAMING_NONE ? FRAMING_NONE : FRAMING_LENGTH;
    x->sent_length = evbuffer_get_length(x->held);
    body_clear(&x->request_body);
    body_init(&x->request_body, x->sent_framing, x->sent_length, x->sent_framing, true);
}

bool exchange_replace_body(struct exchange *x, struct span body)
{
    CHECK(x->holds_body);
    if (body.len > x->limits->body || evbuffer_drain(x->held, evbuffer_get_length(x->held)) != 0 ||
        !packed_add(x->held, body.at, body.len))
        return false;
    exchange_count_held(x);
    x->sent_framing = FRAMING_LENGTH;
    x->sent_length = body.len;
    body_clear(&x->request_body);
    body_init(&x->request_body, FRAMING_LENGTH, body.len, FRAMING_LENGTH, true);
    return true;
}

enum step exchange_bad_body(struct exchange *x)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "moonward: %s", chunked_fault(&x->request_body.chunked));
    return exchange_refuse(x, 400, text, true);
}

enum step step_read_body(struct exchange *x)
{
    const char *why;
    enum body_status status =
        body_move(&x->request_body, x->client.in, x->client.ended, x->held, x->limits->body + 1);

    exchange_count_held(x);
    if (evbuffer_get_length(x->held) > x->limits->body)
        return exchange_refuse(x, 413, too_large, true);
    why = held_too_much(x);
    if (why)
        return exchange_refuse(x, 503, why, true);
    switch (status) {
    case BODY_FULL:
    case BODY_MORE:
        return STEP_WAIT;
    case BODY_END:
        hold_body(x);
        return exchange_to(x, EXCHANGE_JUDGE);
    case BODY_BAD:
        return exchange_bad_body(x);
    case BODY_CUT:
        break;
    }
    x->keep_alive = false;
    return exchange_to(x, EXCHANGE_DONE);
}
