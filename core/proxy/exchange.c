#include "proxy/exchange.h"

#include "base/check.h"
#include "proxy/exchange_steps.h"
#include "proxy/upload.h"

#include <event2/buffer.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is left of a refused request's body is read up to here, so that the connection can stay.
#define DRAIN_MAX (64u << 10)

#define TO(state) (1u << (state))

// The picture in the header, in a form that exchange_to() enforces.
static const struct {
    const char *name;
    unsigned next; // the states that may follow
} states[EXCHANGE_STATES] = {
    [EXCHANGE_READ_HEAD] = { "read-head",
                             TO(EXCHANGE_JUDGE) | TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_JUDGE] = { "judge", TO(EXCHANGE_READ_BODY) | TO(EXCHANGE_DIAL) | TO(EXCHANGE_REFUSE) |
                                      TO(EXCHANGE_DONE) },
    [EXCHANGE_READ_BODY] = { "read-body",
                             TO(EXCHANGE_JUDGE) | TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_DIAL] = { "dial", TO(EXCHANGE_AWAIT) | TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_AWAIT] = { "await", TO(EXCHANGE_RELAY) | TO(EXCHANGE_FILTER) | TO(EXCHANGE_TUNNEL) |
                                      TO(EXCHANGE_DIAL) | TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_RELAY] = { "relay", TO(EXCHANGE_DONE) },
    // Before the head was sent, what can't be filtered is refused.
    [EXCHANGE_FILTER] = { "filter", TO(EXCHANGE_REFUSE) | TO(EXCHANGE_DONE) },
    [EXCHANGE_TUNNEL] = { "tunnel", TO(EXCHANGE_DONE) },
    [EXCHANGE_REFUSE] = { "refuse", TO(EXCHANGE_DRAIN) | TO(EXCHANGE_DONE) },
    [EXCHANGE_DRAIN] = { "drain", TO(EXCHANGE_DONE) },
    [EXCHANGE_DONE] = { "done", TO(EXCHANGE_READ_HEAD) },
};

enum step exchange_to(struct exchange *x, enum exchange_state next)
{
    CHECK(states[x->state].next & TO(next));
    x->state = next;
    return STEP_AGAIN;
}

// --- refusals and the end -----------------------------------------------------------------------

void exchange_deny(struct exchange *x, int status, const char *message)
{
    size_t len = strnlen(message, sizeof(x->refusal) - 1);

    x->refusal_status = status;
    memmove(x->refusal, message, len); // which may be the one that is there
    x->refusal[len] = '\0';
    x->refusal_fields = (struct span){ "", 0 };
}

void exchange_deny_with(struct exchange *x, int status, const char *message, struct span fields)
{
    exchange_deny(x, status, message);
    x->refusal_fields = fields;
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

void exchange_count_held(struct exchange *x)
{
    size_t len = (x->held ? evbuffer_get_length(x->held) : 0) + x->long_head;

    *x->limits->held += len - x->counted; // unsigned arithmetic: also right when it shrinks
    if (x->client_held)
        *x->client_held += len - x->counted;
    x->counted = len;
}

enum step exchange_refuse(struct exchange *x, int status, const char *message, bool close)
{
    if (message)
        exchange_deny(x, status, message);
    let_go(x);
    if (x->holds_body)
        body_clear(&x->request_body); // read already
    if (x->held)
        (void)evbuffer_drain(x->held, evbuffer_get_length(x->held));
    exchange_count_held(x);
    x->keep_alive = x->keep_alive && !close && can_drain(x);
    return exchange_to(x, EXCHANGE_REFUSE);
}

bool exchange_sent_body(const struct exchange *x)
{
    return x->request_body.ended && (!x->upload || upload_released(x->upload));
}

enum step exchange_finish(struct exchange *x, bool reusable)
{
    if (!x->request_body.ended)
        x->keep_alive = false; // the rest of the body is still to come
    x->ops->hang_up(x->io, reusable && exchange_sent_body(x) && !x->upstream.end);
    x->upstream = (struct exchange_side){ 0 };
    return exchange_to(x, EXCHANGE_DONE);
}

void exchange_abort(struct exchange *x)
{
    if (x->state == EXCHANGE_DONE)
        return;
    x->keep_alive = false;
    x->cut =
        x->state == EXCHANGE_RELAY || x->state == EXCHANGE_FILTER || x->state == EXCHANGE_TUNNEL;
    let_go(x);
    (void)exchange_to(x, EXCHANGE_DONE);
}

void exchange_expire(struct exchange *x, int status, const char *message)
{
    bool silent = x->state == EXCHANGE_READ_HEAD && !x->client_spoke;

    if (!silent && !x->head_sent && states[x->state].next & TO(EXCHANGE_REFUSE))
        (void)exchange_refuse(x, status, message, true);
    else
        exchange_abort(x);
}

void exchange_stall_client(struct exchange *x, const char *message)
{
    if (x->state == EXCHANGE_DONE)
        return;
    x->stalled = true;
    exchange_deny(x, x->refusal_status, message); // for the log
    exchange_abort(x);
}

void exchange_stall_upstream(struct exchange *x, const char *message)
{
    if (x->state == EXCHANGE_DONE)
        return;
    x->stalled = true;
    exchange_deny(x, 504, message);
    exchange_expire(x, 504, message);
}

// --- life ---------------------------------------------------------------------------------------

struct exchange *exchange_new(const struct exchange_ops *ops, void *io,
                              const struct exchange_limits *limits, struct evbuffer *client_in,
                              struct evbuffer *client_out, size_t *client_held)
{
    struct exchange *x = calloc(1, sizeof(*x));

    if (!x)
        return NULL;
    x->ops = ops;
    x->io = io;
    x->limits = limits;
    x->client_held = client_held;
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
    answer_filter_free(x->filter);
    upload_free(x->upload);
    x->upload = NULL;
    if (x->held)
        evbuffer_free(x->held);
    x->held = NULL;
    x->long_head = 0;
    exchange_count_held(x);
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    clear(x);
    free(x);
}

void exchange_forget_body(struct exchange *x)
{
    if (!x)
        return;
    if (x->held)
        (void)evbuffer_drain(x->held, evbuffer_get_length(x->held));
    x->long_head = 0;
    exchange_count_held(x);
    x->client_held = NULL;
}

void exchange_reset(struct exchange *x)
{
    const struct exchange_ops *ops = x->ops;
    void *io = x->io;
    const struct exchange_limits *limits = x->limits;
    size_t *client_held = x->client_held;
    struct exchange_side client = x->client;

    CHECK(x->state == EXCHANGE_DONE);
    clear(x);
    memset(x, 0, offsetof(struct exchange, refusal));
    x->refusal[0] = x->raw_method[0] = x->raw_target[0] = '\0';
    x->ops = ops;
    x->io = io;
    x->limits = limits;
    x->client_held = client_held;
    x->client = client;
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

const char *exchange_raw_method(const struct exchange *x)
{
    return x->raw_method;
}

const char *exchange_raw_target(const struct exchange *x)
{
    return x->raw_target;
}

bool exchange_has_long_head(const struct exchange *x)
{
    return x->state == EXCHANGE_READ_HEAD && x->long_head > 0;
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

bool exchange_stalled(const struct exchange *x)
{
    return x->stalled;
}

bool exchange_must_reset(const struct exchange *x)
{
    return x->cut && x->out == FRAMING_CLOSE;
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
    if (x->own_answer)
        return x->own_bytes;
    if (x->filter)
        return answer_filter_passed(x->filter);
    return x->response_body.passed + x->tunnel_out;
}
