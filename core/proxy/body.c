#include "proxy/body.h"

#include "base/check.h"
#include "net/packed.h"

#include <event2/buffer.h>
#include <string.h>

void body_init(struct body *b, enum framing in, uint64_t length, enum framing out, bool strict)
{
    *b = (struct body){ .in = in, .out = out, .left = length, .ended = in == FRAMING_NONE };
    chunked_init(&b->chunked, strict);
}

void body_clear(struct body *b)
{
    chunked_clear(&b->chunked);
    *b = (struct body){ .ended = true };
}

static size_t room(const struct evbuffer *to, size_t limit)
{
    size_t held = to ? evbuffer_get_length(to) : 0;

    return held < limit ? limit - held : 0;
}

void body_begin_chunk(struct evbuffer *to, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char line[2 * sizeof(n) + 2];
    size_t at = sizeof(line);

    line[--at] = '\n';
    line[--at] = '\r';
    do
        line[--at] = digits[n % 16];
    while ((n /= 16) > 0);
    CHECK(packed_add(to, line + at, sizeof(line) - at));
}

// Moves n bytes of content, with the framing that the receiver reads.
static void put(struct body *b, struct evbuffer *from, struct evbuffer *to, size_t n)
{
    b->passed += n;
    if (!to) {
        CHECK(evbuffer_drain(from, n) == 0);
        return;
    }
    if (b->out == FRAMING_CHUNKED)
        body_begin_chunk(to, n);
    CHECK(packed_move(from, to, n));
    if (b->out == FRAMING_CHUNKED)
        CHECK(packed_add(to, "\r\n", 2));
}

static enum body_status finish(struct body *b, struct evbuffer *to)
{
    b->ended = true;
    if (to && b->out == FRAMING_CHUNKED) {
        struct span trailer = chunked_trailer(&b->chunked);

        CHECK(packed_add(to, "0\r\n", 3));
        CHECK(packed_add(to, trailer.at, trailer.len));
        CHECK(packed_add(to, "\r\n", 2));
    }
    return BODY_END;
}

// How much there is, and how much of it may go now.
static size_t step_size(const struct evbuffer *from, const struct evbuffer *to, size_t limit)
{
    size_t have = evbuffer_get_length(from);
    size_t may = room(to, limit);

    return have < may ? have : may;
}

static enum body_status move_length(struct body *b, struct evbuffer *from, bool from_ended,
                                    struct evbuffer *to, size_t limit)
{
    size_t n = step_size(from, to, limit);

    if (n > b->left)
        n = (size_t)b->left;
    if (n > 0) {
        put(b, from, to, n);
        b->left -= n;
    }
    if (b->left == 0)
        return finish(b, to);
    if (evbuffer_get_length(from) > 0)
        return BODY_FULL;
    return from_ended ? BODY_CUT : BODY_MORE;
}

static enum body_status move_until_close(struct body *b, struct evbuffer *from, bool from_ended,
                                         struct evbuffer *to, size_t limit)
{
    size_t n = step_size(from, to, limit);

    if (n > 0)
        put(b, from, to, n);
    if (evbuffer_get_length(from) > 0)
        return BODY_FULL;
    return from_ended ? finish(b, to) : BODY_MORE;
}

static enum body_status move_chunked(struct body *b, struct evbuffer *from, bool from_ended,
                                     struct evbuffer *to, size_t limit)
{
    while (evbuffer_get_length(from) > 0) {
        size_t may = room(to, limit);
        size_t skip = 0, content = 0;
        struct evbuffer_iovec piece;

        if (may == 0)
            return BODY_FULL;
        CHECK(evbuffer_peek(from, -1, NULL, &piece, 1) >= 1);

        size_t len = piece.iov_len < may ? piece.iov_len : may;
        enum chunked_status status =
            chunked_step(&b->chunked, piece.iov_base, len, &skip, &content);

        if (status == CHUNKED_BAD)
            return BODY_BAD;
        CHECK(evbuffer_drain(from, skip) == 0);
        if (content > 0)
            put(b, from, to, content);
        if (status == CHUNKED_END)
            return finish(b, to);
    }
    return from_ended ? BODY_CUT : BODY_MORE;
}

enum body_status body_move(struct body *b, struct evbuffer *from, bool from_ended,
                           struct evbuffer *to, size_t limit)
{
    if (b->ended)
        return BODY_END;
    switch (b->in) {
    case FRAMING_NONE:
        return finish(b, to);
    case FRAMING_LENGTH:
        return move_length(b, from, from_ended, to, limit);
    case FRAMING_CHUNKED:
        return move_chunked(b, from, from_ended, to, limit);
    case FRAMING_CLOSE:
        return move_until_close(b, from, from_ended, to, limit);
    }
    return BODY_BAD;
}
