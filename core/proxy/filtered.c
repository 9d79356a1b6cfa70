// filtered: the step of an exchange that moves an answer through a filter.
#include "http/write.h"
#include "net/packed.h"
#include "proxy/exchange_steps.h"

#include <event2/buffer.h>
#include <stdio.h>

// True: the answer goes on. The head waits until the body is known to begin as it should, unless it
// is a stream, which may say nothing for days.
static bool begin_answer(struct exchange *x)
{
    if (x->head_sent)
        return true;
    if (!exchange_send_head(x, (struct span){ 0 }))
        return false;
    x->head_sent = true;
    x->status = x->response.status;
    x->ops->answered(x->io);
    return true;
}

// What came before the fault was judged and may have gone out; what is behind it never does.
static enum step abort_answer(struct exchange *x, const char *why)
{
    const char *operation = x->rules->operation ? x->rules->operation : "";
    struct span path = x->target.path;
    char of[400] = "", text[768];

    if (operation[0])
        (void)snprintf(of, sizeof(of), " to %s (%.*s)", operation,
                       (int)(path.len < 300 ? path.len : 300), path.at);
    (void)snprintf(text, sizeof(text), "moonward: the answer%s can't be filtered: %s", of, why);
    if (!x->head_sent)
        return exchange_refuse(x, 502, text, true);
    exchange_deny(x, 502, text); // for the log
    return exchange_give_up(x);
}

// Moves into a buffer of its own first: nothing may stand in the client's before the head.
static enum body_status move(struct exchange *x, struct evbuffer *to)
{
    return answer_filter_move(x->filter, &x->response_body, x->upstream.in, x->upstream.ended, to,
                              x->out, x->limits->buffer);
}

// Nothing of the one object that was asked for may be shown: as if there were none.
static bool hides_object(const struct exchange *x, enum body_status status)
{
    const char *missing = x->rules->missing;

    return missing && missing[0] && status == BODY_END && !x->head_sent &&
           !answer_filter_began(x->filter);
}

// As the engine says it: under the head of its answer, so that what is hidden looks like what is
// not there.
static enum step answer_missing(struct exchange *x, struct evbuffer *to)
{
    struct buffer body;

    buffer_init(&body, 64u << 10);
    write_message(&body, span_of(x->rules->missing));
    x->response.status = 404;
    x->response.reason = span_of(status_reason(404));
    x->response.length = body.len;
    x->out = FRAMING_LENGTH;
    exchange_deny(x, 404, x->rules->missing); // for the log

    // What 'to' holds is the end of the answer that is not given.
    bool fine = !body.failed && evbuffer_drain(to, evbuffer_get_length(to)) == 0 &&
                packed_add(to, body.data, body.len);

    x->own_answer = true;
    x->own_bytes = body.len;
    buffer_clear(&body);
    if (!fine || !begin_answer(x) || !packed_move(to, x->client.out, evbuffer_get_length(to)))
        return abort_answer(x, "out of memory");
    return exchange_answered(x);
}

static enum step step_with(struct exchange *x, struct evbuffer *to)
{
    enum body_status status = move(x, to);
    bool begins = status != BODY_BAD && status != BODY_CUT &&
                  (status == BODY_END || answer_filter_began(x->filter) ||
                   (x->rights.is_stream && x->response.status < 300));

    if (hides_object(x, status))
        return answer_missing(x, to);
    if (begins && !begin_answer(x))
        return abort_answer(x, "out of memory");
    if (x->head_sent && !packed_move(to, x->client.out, evbuffer_get_length(to)))
        return abort_answer(x, "out of memory");
    switch (status) {
    case BODY_MORE:
    case BODY_FULL:
        return STEP_WAIT;
    case BODY_END:
        return exchange_answered(x);
    case BODY_CUT:
        return abort_answer(x, "the engine cut it short");
    case BODY_BAD:
        break;
    }
    return abort_answer(x, answer_filter_fault(x->filter));
}

enum step step_filter(struct exchange *x)
{
    switch (exchange_pump_request(x)) {
    case PUMP_BROKEN:
        return x->upload_denied ? exchange_give_up(x)
                                : abort_answer(x, "the request's body broke off");
    case PUMP_JUDGES:
        return STEP_WAIT;
    case PUMP_GOES:
        break;
    }
    if (evbuffer_get_length(x->client.out) >= x->limits->buffer)
        return STEP_WAIT;

    struct evbuffer *to = evbuffer_new();

    if (!to)
        return abort_answer(x, "out of memory");

    enum step step = step_with(x, to);

    evbuffer_free(to);
    return step;
}
