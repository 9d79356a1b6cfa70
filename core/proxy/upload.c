#include "proxy/upload.h"

#include "base/buffer.h"
#include "base/check.h"
#include "net/packed.h"
#include "tar/context.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <sys/random.h>

// Read at a time.
#define PIECE (8u << 10)

struct upload {
    struct context *context;
    struct evbuffer *plain;    // out of the client's framing
    struct evbuffer *unpacked; // in the middle of a call alone
    size_t behind;             // the end of the archive
    bool more;                 // can be unpacked of what was taken out of 'plain'
    bool whole, failed, released;
    const char *fault;
};

static void keep(void *arg, struct span piece)
{
    const struct upload *u = arg;

    CHECK(packed_add(u->unpacked, piece.at, piece.len));
}

struct upload *upload_new(const char *name)
{
    struct upload *u = calloc(1, sizeof(*u));
    uint64_t secret;

    if (!u)
        return NULL;
    if (getrandom(&secret, sizeof(secret), 0) == (ssize_t)sizeof(secret))
        u->context = context_new(span_of(name), secret, (struct context_user){ keep, u });
    u->plain = evbuffer_new();
    u->unpacked = evbuffer_new();
    if (u->context && u->plain && u->unpacked)
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
    if (u->unpacked)
        evbuffer_free(u->unpacked);
    free(u);
}

// One chunk to the engine.
static void send_chunk(struct evbuffer *from, struct evbuffer *to)
{
    size_t n = evbuffer_get_length(from);

    if (n == 0)
        return;
    body_begin_chunk(to, n);
    CHECK(packed_move(from, to, n));
    CHECK(packed_add(to, "\r\n", 2));
}

static void fail(struct upload *u, const char *fault)
{
    u->whole = u->failed = true;
    u->fault = fault;
}

// Reads what is next, and passes it on unpacked.
static void take_piece(struct upload *u, struct evbuffer *to)
{
    struct evbuffer_iovec piece = { 0 };
    size_t len;

    if (evbuffer_get_length(u->plain) > 0)
        CHECK(evbuffer_peek(u->plain, -1, NULL, &piece, 1) >= 1);
    len = piece.iov_len < PIECE ? piece.iov_len : PIECE;
    u->more = false;
    switch (context_feed(u->context, piece.iov_base, &len)) {
    case CONTEXT_BAD:
        fail(u, context_fault(u->context));
        return;
    case CONTEXT_MORE:
        u->more = true;
        break;
    case CONTEXT_OVER:
        u->behind += len;
        break;
    case CONTEXT_PASS:
        break;
    }
    CHECK(evbuffer_drain(u->plain, len) == 0);
    send_chunk(u->unpacked, to);
    if (u->behind > UPLOAD_BEHIND_MAX)
        fail(u, "it goes on for more than 256 KiB behind its end");
}

static size_t room(const struct evbuffer *to, size_t limit)
{
    size_t held = evbuffer_get_length(to);

    return held < limit ? limit - held : 0;
}

static bool has_piece(const struct upload *u)
{
    return evbuffer_get_length(u->plain) > 0 || u->more;
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
        while (!u->whole && has_piece(u) && room(to, limit) > 0)
            take_piece(u, to);
        if (u->whole)
            return UPLOAD_WHOLE;
        if (has_piece(u))
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

bool upload_release(struct upload *u, struct span dockerfile, struct evbuffer *to)
{
    struct buffer end;
    bool fine;

    CHECK(u->whole && !u->failed && !u->released);
    buffer_init(&end, CONTEXT_FINISH_MAX);
    context_finish(u->context, dockerfile, &end);
    fine = !end.failed && packed_add(u->unpacked, end.data, end.len);
    buffer_clear(&end);
    if (!fine)
        return false;
    send_chunk(u->unpacked, to);
    CHECK(packed_add(to, "0\r\n\r\n", 5));
    u->released = true;
    return true;
}

bool upload_released(const struct upload *u)
{
    return u->released;
}
