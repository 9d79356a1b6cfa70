#include "proxy/exchange.h"

#include "base/check.h"
#include "http/write.h"
#include "proxy/exchange_steps.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is left of a refused request's body is read up to here, so that the connection can stay.
#define DRAIN_MAX (64u << 10)

#define REFUSAL_MAX (8u << 10)

static const char too_large[] = "moonward: the body is larger than -maxbody, and a policy has to "
                                "read it before it goes on";

#define TO(state) (1u << (state))

static enum step step_read_head(struct exchange *x);
static enum step step_judge(struct exchange *x);
static enum step step_read_body(struct exchange *x);
static enum step step_refuse(struct exchange *x);
static enum step step_drain(struct exchange *x);
static enum step step_done(struct exchange *x);

// The picture in the header, in a form that exchange_to() enforces.
static const struct {
    const char *name;
    enum step (*step)(struct exchange *x);
    unsigned next; // the states that may follow
} states[EXCHANGE_STATES] = {
    [EXCHANGE_READ_HEAD] = { "read-head", step_read_head,
                             TO(EXCHANGE_JUDGE) | TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_JUDGE] = { "judge", step_judge,
                         TO(EXCHANGE_READ_BODY) | TO(EXCHANGE_DIAL) | TO(EXCHANGE_REFUSE) |
                             TO(EXCHANGE_DONE) },
    [EXCHANGE_READ_BODY] = { "read-body", step_read_body,
                             TO(EXCHANGE_JUDGE) | TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_DIAL] = { "dial", step_dial,
                        TO(EXCHANGE_AWAIT) | TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_AWAIT] = { "await", step_await,
                         TO(EXCHANGE_RELAY) | TO(EXCHANGE_TUNNEL) | TO(EXCHANGE_DIAL) |
                             TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_RELAY] = { "relay", step_relay, TO(EXCHANGE_DONE) },
    [EXCHANGE_TUNNEL] = { "tunnel", step_tunnel, TO(EXCHANGE_DONE) },
    [EXCHANGE_REFUSE] = { "refuse", step_refuse, TO(EXCHANGE_DRAIN) | TO(EXCHANGE_DONE) },
    [EXCHANGE_DRAIN] = { "drain", step_drain, TO(EXCHANGE_DONE) },
    [EXCHANGE_DONE] = { "done", step_done, TO(EXCHANGE_READ_HEAD) },
};

enum step exchange_to(struct exchange *x, enum exchange_state next)
{
    CHECK(states[x->state].next & TO(next));
    x->state = next;
    return STEP_AGAIN;
}

bool exchange_run(struct exchange *x)
{
    for (;;) {
        switch (states[x->state].step(x)) {
        case STEP_AGAIN:
            break;
        case STEP_WAIT:
            return false;
        case STEP_END:
            return true;
        }
    }
}

// --- the request --------------------------------------------------------------------------------

// The first bytes of the input in one piece, as many as a head may have.
static struct span front(struct evbuffer *in, const struct head_limits *limits)
{
    size_t len = evbuffer_get_length(in);

    if (len > limits->bytes + 1)
        len = limits->bytes + 1;
    if (len == 0)
        return (struct span){ "", 0 };

    unsigned char *data = evbuffer_pullup(in, (ev_ssize_t)len);

    CHECK(data);
    return (struct span){ (const char *)data, len };
}

static enum step bad_request(struct exchange *x, const struct head_error *error)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "moonward: %s", error->text);
    return exchange_refuse(x, error->status, text, true);
}

static enum step read_request(struct exchange *x, struct span head)
{
    struct head_error error;

    if (request_head_read(&x->request, head.at, head.len, &x->limits->head,
                          x->limits->extra_methods, &error) != HEAD_OK)
        return bad_request(x, &error);
    if (target_read(&x->target, x->request.target, &x->limits->target, &error) != HEAD_OK)
        return bad_request(x, &error);
    CHECK(evbuffer_drain(x->client.in, head.len) == 0);
    x->keep_alive = x->request.keep_alive && !x->limits->closing;
    body_init(&x->request_body, x->request.framing, x->request.length, x->request.framing, true);
    return exchange_to(x, EXCHANGE_JUDGE);
}

static enum step step_read_head(struct exchange *x)
{
    struct head_error error;
    size_t end = 0;

    // A client that sends requests and reads no answers waits here.
    if (evbuffer_get_length(x->client.out) >= x->limits->buffer)
        return STEP_WAIT;

    struct span data = front(x->client.in, &x->limits->head);

    if (data.len == 0 && !x->client.ended)
        return STEP_WAIT;
    x->client_spoke = x->client_spoke || data.len > 0;
    switch (head_scan(&x->scan, data.at, data.len, &x->limits->head, &end, &error)) {
    case HEAD_OK:
        return read_request(x, (struct span){ data.at, end });
    case HEAD_MORE:
        if (!x->client.ended)
            return STEP_WAIT;
        x->keep_alive = false;
        return exchange_to(x, EXCHANGE_DONE);
    case HEAD_BAD:
        break;
    }
    return bad_request(x, &error);
}

static enum step want_body(struct exchange *x)
{
    if (!x->held)
        x->held = evbuffer_new();
    if (!x->held)
        return exchange_refuse(x, 503, "moonward: out of memory", true);
    if (x->request.framing == FRAMING_LENGTH && x->request.length > x->limits->body)
        return exchange_refuse(x, 413, too_large, true);
    if (x->request.expects_continue && evbuffer_get_length(x->client.in) == 0)
        CHECK(evbuffer_add_printf(x->client.out, "HTTP/1.1 100 Continue\r\n\r\n") > 0);
    // The body ends up without its framing, and goes on with a length.
    x->request_body.out = FRAMING_LENGTH;
    return exchange_to(x, EXCHANGE_READ_BODY);
}

static enum step step_judge(struct exchange *x)
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

// The connection upstream carries the body with a length and needs no more asking for it.
static void hold_body(struct exchange *x)
{
    size_t len = evbuffer_get_length(x->held);

    for (size_t i = 0; i < x->request.header_count; i++) {
        struct header *h = &x->request.headers[i];

        if (span_is(h->name, SPAN("expect")))
            *h = x->request.headers[--x->request.header_count];
    }
    x->holds_body = true;
    body_clear(&x->request_body);
    x->request.framing = x->request.framing == FRAMING_NONE ? FRAMING_NONE : FRAMING_LENGTH;
    x->request.length = len;
    body_init(&x->request_body, x->request.framing, len, x->request.framing, true);
}

static enum step bad_body(struct exchange *x)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "moonward: %s", chunked_fault(&x->request_body.chunked));
    return exchange_refuse(x, 400, text, true);
}

static enum step step_read_body(struct exchange *x)
{
    enum body_status status =
        body_move(&x->request_body, x->client.in, x->client.ended, x->held, x->limits->body + 1);

    if (evbuffer_get_length(x->held) > x->limits->body)
        return exchange_refuse(x, 413, too_large, true);
    switch (status) {
    case BODY_FULL:
    case BODY_MORE:
        return STEP_WAIT;
    case BODY_END:
        hold_body(x);
        return exchange_to(x, EXCHANGE_JUDGE);
    case BODY_BAD:
        return bad_body(x);
    case BODY_CUT:
        break;
    }
    x->keep_alive = false;
    return exchange_to(x, EXCHANGE_DONE);
}

// --- refusals and the end -----------------------------------------------------------------------

void exchange_deny(struct exchange *x, int status, const char *message)
{
    x->refusal_status = status;
    (void)snprintf(x->refusal, sizeof(x->refusal), "%s", message);
}

static void let_go(struct exchange *x)
{
    if (x->upstream.in || x->dialling)
        x->ops->hang_up(x->io, false);
    x->upstream = (struct exchange_side){ 0 };
    x->dialling = false;
}

// The rest of the body can be read and forgotten, cheaply, and will really come.
static bool can_drain(const struct exchange *x)
{
    if (x->request_body.ended)
        return true;
    return x->request.framing == FRAMING_LENGTH && x->request.length <= DRAIN_MAX &&
           !x->request.expects_continue;
}

enum step exchange_refuse(struct exchange *x, int status, const char *message, bool close)
{
    if (message)
        exchange_deny(x, status, message);
    let_go(x);
    x->keep_alive = x->keep_alive && !close && can_drain(x);
    return exchange_to(x, EXCHANGE_REFUSE);
}

static enum step step_refuse(struct exchange *x)
{
    struct buffer head;

    buffer_init(&head, REFUSAL_MAX);
    write_refusal(&head, x->refusal_status, span_of(x->refusal), x->keep_alive,
                  x->request.method == METHOD_HEAD);
    if (head.failed || evbuffer_add(x->client.out, head.data, head.len) != 0)
        x->keep_alive = false;
    buffer_clear(&head);
    x->status = x->refusal_status;
    x->ops->answered(x->io);
    return exchange_to(x, x->keep_alive ? EXCHANGE_DRAIN : EXCHANGE_DONE);
}

static enum step step_drain(struct exchange *x)
{
    switch (body_move(&x->request_body, x->client.in, x->client.ended, NULL, SIZE_MAX)) {
    case BODY_MORE:
    case BODY_FULL:
        return STEP_WAIT;
    case BODY_END:
        return exchange_to(x, EXCHANGE_DONE);
    case BODY_CUT:
    case BODY_BAD:
        break;
    }
    x->keep_alive = false;
    return exchange_to(x, EXCHANGE_DONE);
}

enum step exchange_finish(struct exchange *x, bool reusable)
{
    if (!x->request_body.ended)
        x->keep_alive = false; // the rest of the body is still to come
    x->ops->hang_up(x->io, reusable && x->request_body.ended && !x->upstream.end);
    x->upstream = (struct exchange_side){ 0 };
    return exchange_to(x, EXCHANGE_DONE);
}

static enum step step_done(struct exchange *x)
{
    (void)x;
    return STEP_END;
}

void exchange_abort(struct exchange *x)
{
    if (x->state == EXCHANGE_DONE)
        return;
    x->keep_alive = false;
    x->cut = x->state == EXCHANGE_RELAY || x->state == EXCHANGE_TUNNEL;
    let_go(x);
    (void)exchange_to(x, EXCHANGE_DONE);
}

void exchange_expire(struct exchange *x, int status, const char *message)
{
    bool silent = x->state == EXCHANGE_READ_HEAD && !x->client_spoke;

    if (!silent && states[x->state].next & TO(EXCHANGE_REFUSE))
        (void)exchange_refuse(x, status, message, true);
    else
        exchange_abort(x);
}

// --- life ---------------------------------------------------------------------------------------

struct exchange *exchange_new(const struct exchange_ops *ops, void *io,
                              const struct exchange_limits *limits, struct evbuffer *client_in,
                              struct evbuffer *client_out)
{
    struct exchange *x = calloc(1, sizeof(*x));

    if (!x)
        return NULL;
    x->ops = ops;
    x->io = io;
    x->limits = limits;
    x->client.in = client_in;
    x->client.out = client_out;
    return x;
}

static void clear(struct exchange *x)
{
    request_head_clear(&x->request);
    response_head_clear(&x->response);
    target_clear(&x->target);
    body_clear(&x->request_body);
    body_clear(&x->response_body);
    if (x->held)
        evbuffer_free(x->held);
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    clear(x);
    free(x);
}

void exchange_reset(struct exchange *x)
{
    struct exchange fresh = {
        .ops = x->ops,
        .io = x->io,
        .limits = x->limits,
        .client = x->client,
    };

    CHECK(x->state == EXCHANGE_DONE);
    clear(x);
    *x = fresh;
}

void exchange_client_ended(struct exchange *x)
{
    x->client.ended = true;
}

// --- what it knows ------------------------------------------------------------------------------

enum exchange_state exchange_state(const struct exchange *x)
{
    return x->state;
}

const char *exchange_state_name(enum exchange_state state)
{
    return states[state].name;
}

const struct request_head *exchange_request(const struct exchange *x)
{
    return &x->request;
}

const struct target *exchange_target(const struct exchange *x)
{
    return &x->target;
}

struct span exchange_body(struct exchange *x)
{
    size_t len = x->holds_body ? evbuffer_get_length(x->held) : 0;

    if (len == 0)
        return (struct span){ "", 0 };

    unsigned char *data = evbuffer_pullup(x->held, -1);

    CHECK(data);
    return (struct span){ (const char *)data, len };
}

const struct exchange_side *exchange_client(const struct exchange *x)
{
    return &x->client;
}

const struct exchange_side *exchange_upstream(const struct exchange *x)
{
    return &x->upstream;
}

bool exchange_keeps_alive(const struct exchange *x)
{
    return x->keep_alive;
}

bool exchange_was_cut(const struct exchange *x)
{
    return x->cut;
}

bool exchange_must_reset(const struct exchange *x)
{
    return x->cut && x->response_body.out == FRAMING_CLOSE;
}

int exchange_status(const struct exchange *x)
{
    return x->status;
}

const char *exchange_refusal(const struct exchange *x)
{
    return x->refusal;
}

uint64_t exchange_bytes_in(const struct exchange *x)
{
    return x->request_body.passed + x->tunnel_in;
}

uint64_t exchange_bytes_out(const struct exchange *x)
{
    return x->response_body.passed + x->tunnel_out;
}
