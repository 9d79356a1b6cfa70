#include "proxy/upload.h"

#include "base/check.h"
#include "net/packed.h"
#include "tar/context.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <sys/random.h>

// Read and passed at a time: what is packed may become a thousand times as much.
#define PIECE (8u << 10)

struct upload {
    struct context *context;
    struct evbuffer *plain; // out of the client's framing
    struct evbuffer *held;
    enum framing out;
    bool ending, whole, failed, released;
    const char *fault;
};

struct upload *upload_new(const char *name, enum framing out)
{
    struct upload *u = calloc(1, sizeof(*u));
    uint64_t secret;

    if (!u)
        return NULL;
    u->out = out;
    if (getrandom(&secret, sizeof(secret), 0) == (ssize_t)sizeof(secret))
        u->context = context_new(span_of(name), secret);
    u->plain = evbuffer_new();
    u->held = evbuffer_new();
    if (u->context && u->plain && u->held)
        return u;
    upload_free(u);
    return NULL;
}

void upload_free(struct upload *u)
{
    if (!u)
        return;
    context_free(u->context);
    if (u->plain)
        evbuffer_free(u->plain);
    if (u->held)
        evbuffer_free(u->held);
    free(u);
}

static void pass(const struct upload *u, struct evbuffer *from, struct evbuffer *to, size_t n)
{
    if (n == 0)
        return;
    if (u->out == FRAMING_CHUNKED)
        body_begin_chunk(to, n);
    CHECK(packed_move(from, to, n));
    if (u->out == FRAMING_CHUNKED)
        CHECK(packed_add(to, "\r\n", 2));
}

static void fail(struct upload *u, const char *fault)
{
    u->whole = u->failed = true;
    u->fault = fault;
}

// Reads what is next, and passes it on if the engine cannot have begun when it has that. 'is_last':
// nothing comes behind what is plain now.
static void take_piece(struct upload *u, struct evbuffer *to, bool is_last)
{
    struct evbuffer_iovec piece;
    size_t len;

    CHECK(evbuffer_peek(u->plain, -1, NULL, &piece, 1) >= 1);
    len = piece.iov_len < PIECE ? piece.iov_len : PIECE;
    switch (context_feed(u->context, piece.iov_base, len)) {
    case CONTEXT_BAD:
        fail(u, context_fault(u->context));
        return;
    case CONTEXT_ENDING:
        u->ending = true;
        break;
    case CONTEXT_PASS:
        break;
    }
    if (is_last && len == evbuffer_get_length(u->plain))
        u->ending = true;
    if (!u->ending) {
        pass(u, u->plain, to, len);
        return;
    }
    CHECK(packed_move(u->plain, u->held, len));
    if (evbuffer_get_length(u->held) > UPLOAD_HELD_MAX)
        fail(u, "it goes on for more than 256 KiB behind its end");
}

static size_t room(const struct evbuffer *to, size_t limit)
{
    size_t held = evbuffer_get_length(to);

    return held < limit ? limit - held : 0;
}

enum upload_status upload_move(struct upload *u, struct body *body, struct evbuffer *from,
                               bool from_ended, struct evbuffer *to, size_t limit)
{
    for (;;) {
        enum body_status status;

        if (u->whole)
            return UPLOAD_WHOLE;
        status = body_move(body, from, from_ended, u->plain, limit);
        if (status == BODY_CUT || status == BODY_BAD)
            return UPLOAD_CUT;
        while (!u->whole && evbuffer_get_length(u->plain) > 0 && room(to, limit) > 0)
            take_piece(u, to, body->ended);
        if (u->whole)
            return UPLOAD_WHOLE;
        if (evbuffer_get_length(u->plain) > 0)
            return UPLOAD_MORE; // 'to' is full
        if (body->ended)
            u->whole = true;
        else if (status == BODY_MORE)
            return UPLOAD_MORE;
    }
}

bool upload_finding(struct upload *u, struct span *text)
{
    CHECK(u->whole);
    if (!u->failed && context_end(u->context, text))
        return true;
    *text = span_of(u->fault ? u->fault : context_fault(u->context));
    return false;
}

void upload_release(struct upload *u, struct evbuffer *to)
{
    CHECK(u->whole && !u->failed && !u->released);
    pass(u, u->held, to, evbuffer_get_length(u->held));
    if (u->out == FRAMING_CHUNKED)
        CHECK(packed_add(to, "0\r\n\r\n", 5));
    u->released = true;
}

bool upload_released(const struct upload *u)
{
    return u->released;
}
