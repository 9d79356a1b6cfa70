// forward: the half of an exchange that talks to the engine. See exchange.h for the picture.
#include "base/check.h"
#include "http/write.h"
#include "net/packed.h"
#include "proxy/answer_form.h"
#include "proxy/exchange_steps.h"
#include "proxy/head_input.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_OUT_MAX (2u << 20) // the longest head, and what is added to it
#define HEAD_USUAL   1024       // most are shorter

// A second try is only made for a request that can have had no effect: nothing but a head was sent,
// the method is safe (RFC 9110, section 9.2.1) and no upgrade was asked for.
static bool can_repeat(const struct exchange *x)
{
    return (x->request.method == METHOD_GET || x->request.method == METHOD_HEAD) &&
           x->sent_framing == FRAMING_NONE && !x->rights.may_upgrade && !x->rights.may_hijack;
}

static bool wants_upgrade(const struct exchange *x)
{
    return x->rights.may_upgrade && x->request.upgrade.len > 0;
}

static bool put(struct evbuffer *out, struct buffer *head)
{
    bool fine = !head->failed && packed_add(out, head->data, head->len);

    buffer_clear(head);
    return fine;
}

// What a body that is held already would be asked for again, and what would have the engine answer
// in a form that no filter reads, stays behind. Returns how many are left.
static size_t choose_headers(const struct exchange *x, struct header *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < x->request.header_count; i++) {
        out[kept] = x->request.headers[i];
        if (x->holds_body && span_is(out[kept].name, SPAN("expect")))
            continue;
        if (!x->rights.filter || answer_form_asks(&out[kept]))
            kept++;
    }
    return kept;
}

static bool send_request(struct exchange *x)
{
    bool chooses = x->holds_body || x->rights.filter;
    struct header *chosen = chooses ? calloc(x->request.header_count + 1, sizeof(*chosen)) : NULL;
    struct buffer head;
    char room[HEAD_USUAL];

    if (chooses && !chosen)
        return false;

    struct request_out out = {
        .method = x->request.method,
        .canonical = x->target.canonical,
        .host = SPAN("docker"),
        .headers = chooses ? chosen : x->request.headers,
        .header_count = chooses ? choose_headers(x, chosen) : x->request.header_count,
        .framing = x->sent_framing,
        .length = x->sent_length,
        .upgrade = wants_upgrade(x) ? x->request.upgrade : (struct span){ 0 },
    };

    buffer_init_in(&head, HEAD_OUT_MAX, room, sizeof(room));
    write_request(&head, &out);
    free(chosen);
    return put(x->upstream.out, &head);
}

enum step step_dial(struct exchange *x)
{
    if (!x->upstream.in) {
        if (!x->dialling) {
            x->dialling = true;
            x->ops->dial(x->io, x->retried || !can_repeat(x));
        }
        // The answer may have come already, from inside dial().
        if (x->state != EXCHANGE_DIAL)
            return STEP_AGAIN;
        if (!x->upstream.in)
            return STEP_WAIT;
    }
    x->dialling = false;
    x->scan = (struct head_scan){ 0 };
    if (!exchange_begin_upload(x) || !send_request(x))
        return exchange_refuse(x, 503, "moonward: out of memory", true);
    return exchange_to(x, EXCHANGE_AWAIT);
}

void exchange_dialled(struct exchange *x, struct evbuffer *in, struct evbuffer *out, bool reused)
{
    x->upstream = (struct exchange_side){ .in = in, .out = out };
    x->reused = reused;
}

void exchange_dial_failed(struct exchange *x, int status, const char *message)
{
    x->dialling = false;
    (void)exchange_refuse(x, status, message, false);
}

void exchange_upstream_ended(struct exchange *x)
{
    x->upstream.ended = true;
}

void exchange_upstream_deaf(struct exchange *x)
{
    x->upstream.deaf = true;
}

// --- the answer's head --------------------------------------------------------------------------

static bool is_raw_stream(const struct response_head *head)
{
    struct span type = header_find(head->headers, head->header_count, SPAN("content-type"));

    return span_is_nocase(type, SPAN("application/vnd.docker.raw-stream")) ||
           span_is_nocase(type, SPAN("application/vnd.docker.multiplexed-stream"));
}

// The engine takes the connection over without an upgrade when none was asked for (threats 3.2).
static bool is_hijacked(const struct exchange *x)
{
    return x->rights.may_hijack && x->request.method == METHOD_POST && x->response.status == 200 &&
           x->response.framing == FRAMING_CLOSE && is_raw_stream(&x->response);
}

static enum framing framing_to_client(const struct exchange *x)
{
    if (x->response.framing == FRAMING_CHUNKED && x->request.minor == 0)
        return FRAMING_CLOSE;
    return x->response.framing;
}

bool exchange_send_head(struct exchange *x, struct span upgrade)
{
    struct buffer head;
    char room[HEAD_USUAL];
    bool interim = x->response.status < 200;
    bool filtered = x->rights.filter || x->rules;
    struct response_out out = {
        .status = x->response.status,
        .reason = filtered ? span_of(status_reason(x->response.status)) : x->response.reason,
        .headers = x->response.headers,
        .header_count = x->response.header_count,
        .passes = filtered ? answer_form_passes : NULL,
        .framing = interim ? FRAMING_NONE : x->out,
        .length = x->response.length,
        // The length of what a filter would hide something of is not told, either.
        .has_length = !interim && x->response.framing == FRAMING_NONE && x->response.has_length &&
                      !x->rights.filter,
        .keep_alive = interim || x->keep_alive,
        .minor = x->request.minor,
        .upgrade = upgrade,
    };

    buffer_init_in(&head, HEAD_OUT_MAX, room, sizeof(room));
    write_response(&head, &out);
    return put(x->client.out, &head);
}

static enum step bad_answer(struct exchange *x, const char *what)
{
    return exchange_refuse(x, 502, what, true);
}

static enum step bad_head(struct exchange *x, const struct head_error *error)
{
    return bad_answer(x, error->status == 431
                             ? "moonward: the head of the engine's answer is longer than 64 KiB or "
                               "-maxhead, or has more fields than -maxheaders"
                             : "moonward: the engine's answer is malformed");
}

static enum step take_over(struct exchange *x, struct span upgrade)
{
    if (x->rights.filter)
        return bad_answer(x, "moonward: the engine's answer is a stream of bytes, and a policy "
                             "filters it");
    x->keep_alive = false;
    x->out = framing_to_client(x);
    if (!exchange_send_head(x, upgrade))
        return bad_answer(x, "moonward: out of memory");
    x->status = x->response.status;
    x->ops->answered(x->io);
    return exchange_to(x, EXCHANGE_TUNNEL);
}

static enum step begin_relay(struct exchange *x)
{
    x->out = framing_to_client(x);
    if (x->out == FRAMING_CLOSE || !x->request_body.ended)
        x->keep_alive = false;
    if (!exchange_send_head(x, (struct span){ 0 }))
        return bad_answer(x, "moonward: out of memory");
    body_init(&x->response_body, x->response.framing, x->response.length, x->out, false);
    x->status = x->response.status;
    x->ops->answered(x->io);
    return exchange_to(x, EXCHANGE_RELAY);
}

// By what the answer is filtered; NULL: it passes as it is.
static const struct answer_rules *rules_of_answer(const struct exchange *x)
{
    if (x->response.framing == FRAMING_NONE)
        return NULL;
    if (x->response.status < 300 || !x->rights.filter || x->rights.error_filter)
        return x->response.status < 300 ? x->rights.filter : x->rights.error_filter;
    return &answer_form_errors;
}

static enum step begin_filter(struct exchange *x)
{
    const char *why = answer_form_obstacle(&x->response);

    // Errors of what stands around the engine's API (Go's router, its WebSockets): text without a
    // form. That there is one may be told, its words may not.
    if (why && x->response.status >= 400)
        return exchange_refuse(x, x->response.status,
                               "moonward: the engine refuses the request, in words of another form "
                               "than its own, which a policy filters",
                               false);
    if (why)
        return bad_answer(x, why);
    x->filter = answer_filter_new(x->rules);
    if (!x->filter)
        return bad_answer(x, "moonward: out of memory");
    x->out = x->request.minor == 0 ? FRAMING_CLOSE : FRAMING_CHUNKED;
    if (x->out == FRAMING_CLOSE || !x->request_body.ended)
        x->keep_alive = false;
    body_init(&x->response_body, x->response.framing, x->response.length, FRAMING_CLOSE, false);
    return exchange_to(x, EXCHANGE_FILTER);
}

// 100 and its like; the real answer follows. Where a filter stands only the one passes that the
// client waits for with its body.
static enum step pass_interim(struct exchange *x)
{
    bool passes = x->request.minor > 0 && (!x->rights.filter || x->response.status == 100);

    if (passes && !exchange_send_head(x, (struct span){ 0 }))
        return bad_answer(x, "moonward: out of memory");
    response_head_clear(&x->response);
    x->scan = (struct head_scan){ 0 };
    return STEP_AGAIN;
}

static enum step read_answer(struct exchange *x, struct span head)
{
    struct head_error error;

    if (response_head_read(&x->response, head.at, head.len, &x->limits->answer_head,
                           x->request.method, &error) != HEAD_OK)
        return bad_head(x, &error);
    CHECK(evbuffer_drain(x->upstream.in, head.len) == 0);
    if (x->response.status == 101) {
        if (!wants_upgrade(x))
            return bad_answer(x, "moonward: the engine switched protocols without being asked");
        return take_over(x, x->response.upgrade);
    }
    if (x->response.status < 200)
        return pass_interim(x);
    if (is_hijacked(x))
        return take_over(x, (struct span){ 0 });
    x->rules = rules_of_answer(x);
    return x->rules ? begin_filter(x) : begin_relay(x);
}

static enum step no_answer(struct exchange *x)
{
    bool silent = evbuffer_get_length(x->upstream.in) == 0;

    if (silent && x->reused && !x->retried && can_repeat(x)) {
        x->ops->hang_up(x->io, false);
        x->upstream = (struct exchange_side){ 0 };
        x->retried = true;
        return exchange_to(x, EXCHANGE_DIAL);
    }
    return bad_answer(x, "moonward: the engine closed the connection without an answer; "
                         "whether the request had an effect is unknown");
}

enum step step_await(struct exchange *x)
{
    struct head_error error;
    struct span head;

    switch (exchange_pump_request(x)) {
    case PUMP_BROKEN:
        return exchange_give_up(x);
    case PUMP_JUDGES:
        return STEP_WAIT;
    case PUMP_GOES:
        break;
    }
    // Interim answers may come without end, to a client that reads none.
    if (evbuffer_get_length(x->client.out) >= x->limits->buffer)
        return STEP_WAIT;
    switch (head_input(&x->scan, x->upstream.in, &x->limits->answer_head, &head, &error)) {
    case HEAD_OK:
        return read_answer(x, head);
    case HEAD_MORE:
        return x->upstream.ended ? no_answer(x) : STEP_WAIT;
    case HEAD_BAD:
        break;
    }
    return bad_head(x, &error);
}

// --- the answer's body --------------------------------------------------------------------------

enum step exchange_answered(struct exchange *x)
{
    return exchange_finish(x, x->response.keep_alive && !x->upstream.ended &&
                                  evbuffer_get_length(x->upstream.in) == 0);
}

enum step step_relay(struct exchange *x)
{
    switch (exchange_pump_request(x)) {
    case PUMP_BROKEN:
        return exchange_give_up(x);
    case PUMP_JUDGES:
        return STEP_WAIT;
    case PUMP_GOES:
        break;
    }
    switch (body_move(&x->response_body, x->upstream.in, x->upstream.ended, x->client.out,
                      x->limits->buffer)) {
    case BODY_MORE:
    case BODY_FULL:
        return STEP_WAIT;
    case BODY_END:
        return exchange_answered(x);
    case BODY_CUT:
    case BODY_BAD:
        break;
    }
    return exchange_give_up(x);
}
