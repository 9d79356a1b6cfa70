// pump: the half of an exchange that moves the request's body to the engine. See exchange.h for the
// picture, and upload.h for bodies whose end waits for a verdict.
#include "base/check.h"
#include "proxy/exchange_steps.h"
#include "proxy/upload.h"

#include <event2/buffer.h>

bool exchange_begin_upload(struct exchange *x)
{
    if (!x->rights.dockerfile || x->upload)
        return true;
    x->upload = upload_new(x->rights.dockerfile);
    x->request_body.out = FRAMING_CLOSE; // it is framed again when it leaves
    if (x->sent_framing != FRAMING_NONE)
        x->sent_framing = FRAMING_CHUNKED; // how long it will be is not known
    return x->upload != NULL;
}

// The Dockerfile is there, or why there is none: the last word is the policies'.
static enum pump judge_upload(struct exchange *x)
{
    struct span text, instead = { 0 };
    bool fine = upload_finding(x->upload, &text);

    switch (x->ops->judge_upload(x->io, fine, text, &instead)) {
    case JUDGE_ALLOW:
        if (fine && upload_release(x->upload, instead, x->upstream.out))
            return PUMP_GOES;
        exchange_deny(x, 503, "moonward: out of memory");
        break;
    case JUDGE_WAIT:
        return PUMP_JUDGES;
    case JUDGE_DENY:
    case JUDGE_WANTS_BODY:
        break;
    }
    x->upload_denied = true;
    return PUMP_BROKEN;
}

static enum pump pump_upload(struct exchange *x, struct evbuffer *from, bool ended)
{
    if (upload_released(x->upload))
        return PUMP_GOES;
    switch (
        upload_move(x->upload, &x->request_body, from, ended, x->upstream.out, x->limits->buffer)) {
    case UPLOAD_MORE:
        return PUMP_GOES;
    case UPLOAD_WHOLE:
        return judge_upload(x);
    case UPLOAD_CUT:
        break;
    }
    return PUMP_BROKEN;
}

static enum pump pump_plain(struct exchange *x, struct evbuffer *from, bool ended)
{
    enum body_status status =
        body_move(&x->request_body, from, ended, x->upstream.out, x->limits->buffer);

    return status == BODY_CUT || status == BODY_BAD ? PUMP_BROKEN : PUMP_GOES;
}

// The client's end is passed on, as Go's server (the engine) then cancels what it is doing. Bytes
// behind the request are the next request, and it is not the end that counts then.
static void pass_on_end(struct exchange *x)
{
    if (x->client.ended && exchange_sent_body(x) && evbuffer_get_length(x->client.in) == 0)
        x->upstream.end = true;
}

enum pump exchange_pump_request(struct exchange *x)
{
    struct evbuffer *from = x->holds_body ? x->held : x->client.in;
    bool ended = x->holds_body || x->client.ended;
    enum pump pump = PUMP_GOES;

    // An engine that answered early and hears no more gets no more; its answer still counts.
    if (!x->upstream.deaf)
        pump = x->upload ? pump_upload(x, from, ended) : pump_plain(x, from, ended);
    if (x->holds_body)
        exchange_count_held(x);
    if (pump == PUMP_GOES)
        pass_on_end(x);
    return pump;
}

// Before the answer has begun the client still learns what was wrong with its body.
enum step exchange_give_up(struct exchange *x)
{
    if (x->upload_denied && x->status == 0)
        return exchange_refuse(x, x->refusal_status, NULL, false);
    if (x->state == EXCHANGE_AWAIT && !x->client.ended && !x->upload_denied)
        return exchange_bad_body(x);
    x->keep_alive = false;
    x->cut = true;
    return exchange_finish(x, false);
}
