#include "net/packed.h"

#include "base/check.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

// libevent takes memory in powers of two, with a head of its own in it: this fills 8 KiB.
#define PIECE ((8u << 10) - 64)

// One that was never larger than this is in the smallest memory that libevent takes.
#define SMALL 1024u

static bool add_piece(struct evbuffer *to, const char *data, size_t len)
{
    struct evbuffer_iovec parts[2]; // what is free at the end, and new memory for the rest
    int n = evbuffer_reserve_space(to, (ev_ssize_t)len, parts, 2);

    if (n < 0)
        return false;
    for (int i = 0; i < n; i++) {
        if (parts[i].iov_len > len)
            parts[i].iov_len = len;
        memcpy(parts[i].iov_base, data, parts[i].iov_len);
        data += parts[i].iov_len;
        len -= parts[i].iov_len;
    }
    CHECK(len == 0);
    return evbuffer_commit_space(to, parts, n) == 0;
}

bool packed_add(struct evbuffer *to, const void *data, size_t len)
{
    const char *at = data;

    // With nothing there, libevent takes what is needed. Behind a large piece it would take as
    // much.
    if (len <= PIECE && evbuffer_get_length(to) == 0)
        return evbuffer_add(to, data, len) == 0;
    while (len > 0) {
        size_t n = len < PIECE ? len : PIECE;

        if (!add_piece(to, at, n))
            return false;
        at += n;
        len -= n;
    }
    return true;
}

static void free_block(const void *data, size_t len, void *block)
{
    (void)data;
    (void)len;
    free(block);
}

bool packed_add_block(struct evbuffer *to, char *block, size_t len)
{
    if (len >= PACKED_LARGE && evbuffer_add_reference(to, block, len, free_block, block) == 0)
        return true;

    bool fine = packed_add(to, block, len);

    free(block);
    return fine;
}

static bool copy(struct evbuffer *from, struct evbuffer *to, size_t n)
{
    while (n > 0) {
        struct evbuffer_iovec piece;

        CHECK(evbuffer_peek(from, -1, NULL, &piece, 1) >= 1);
        if (piece.iov_len > n)
            piece.iov_len = n;
        if (!packed_add(to, piece.iov_base, piece.iov_len))
            return false;
        CHECK(evbuffer_drain(from, piece.iov_len) == 0);
        n -= piece.iov_len;
    }
    return true;
}

bool packed_move(struct evbuffer *from, struct evbuffer *to, size_t n)
{
    CHECK(n <= evbuffer_get_length(from));
    if (n >= PACKED_LARGE && n == evbuffer_get_length(from))
        return evbuffer_add_buffer(to, from) == 0;
    return copy(from, to, n);
}

// Apart, so that only this call pays for the room on the stack. The memory it asks for is less than
// what it has just given back.
static void pack(struct evbuffer *b, size_t len)
{
    char rest[PACKED_LARGE];

    CHECK(evbuffer_remove(b, rest, len) == (int)len);
    CHECK(packed_add(b, rest, len));
}

void packed_keep(struct packed *p, struct evbuffer *b, size_t len)
{
    if (len > 0 && len < p->most) {
        if (len >= PACKED_LARGE || len >= p->most / 2)
            return;
        if (p->most > SMALL)
            pack(b, len);
    }
    p->most = len;
}
