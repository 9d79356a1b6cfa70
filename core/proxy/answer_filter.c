#include "proxy/answer_filter.h"

#include "base/check.h"
#include "net/packed.h"

#include <event2/buffer.h>
#include <stdlib.h>

#define PIECE_MAX (64u << 10) // read from the engine and judged at a time

struct answer_filter {
    struct filter filter;
    struct evbuffer *plain; // out of the engine's framing, not judged yet
    struct evbuffer *judged;
    bool began; // something came out
    uint64_t passed;
    bool out_of_memory;
};

static void sink(void *arg, struct span text)
{
    struct answer_filter *f = arg;

    f->began = f->began || text.len > 0;
    if (!packed_add(f->judged, text.at, text.len))
        f->out_of_memory = true;
}

struct answer_filter *answer_filter_new(const struct answer_rules *rules)
{
    struct answer_filter *f = calloc(1, sizeof(*f));

    if (!f)
        return NULL;
    filter_init(&f->filter, rules->cut, FILTER_ITEM_MAX, rules->judge, rules->arg, sink, f);
    filter_stream_long(&f->filter, rules->streamer);
    if (rules->judge_rest)
        filter_rests(&f->filter, rules->judge_rest);
    f->plain = evbuffer_new();
    f->judged = evbuffer_new();
    if (f->plain && f->judged)
        return f;
    answer_filter_free(f);
    return NULL;
}

void answer_filter_free(struct answer_filter *f)
{
    if (!f)
        return;
    filter_clear(&f->filter);
    if (f->plain)
        evbuffer_free(f->plain);
    if (f->judged)
        evbuffer_free(f->judged);
    free(f);
}

static bool judge_plain(struct answer_filter *f)
{
    struct evbuffer_iovec piece;

    while (evbuffer_get_length(f->plain) > 0) {
        CHECK(evbuffer_peek(f->plain, -1, NULL, &piece, 1) >= 1);
        if (filter_feed(&f->filter, piece.iov_base, piece.iov_len) != 0)
            return false;
        CHECK(evbuffer_drain(f->plain, piece.iov_len) == 0);
    }
    return !f->out_of_memory;
}

static void put_judged(struct answer_filter *f, struct evbuffer *to, enum framing out)
{
    size_t n = evbuffer_get_length(f->judged);

    if (n == 0)
        return;
    f->passed += n;
    if (out == FRAMING_CHUNKED)
        body_begin_chunk(to, n);
    CHECK(packed_move(f->judged, to, n));
    if (out == FRAMING_CHUNKED)
        CHECK(packed_add(to, "\r\n", 2));
}

// Trailers of the engine's stay behind: they were made for what it sent.
static enum body_status finish(struct answer_filter *f, struct evbuffer *to, enum framing out)
{
    if (filter_end(&f->filter) != 0)
        return BODY_BAD;
    put_judged(f, to, out);
    if (out == FRAMING_CHUNKED)
        CHECK(packed_add(to, "0\r\n\r\n", 5));
    return BODY_END;
}

enum body_status answer_filter_move(struct answer_filter *f, struct body *body,
                                    struct evbuffer *from, bool from_ended, struct evbuffer *to,
                                    enum framing out, size_t limit)
{
    for (;;) {
        if (evbuffer_get_length(to) >= limit)
            return BODY_FULL;

        enum body_status status = body_move(body, from, from_ended, f->plain, PIECE_MAX);

        // What is whole is judged and passed on before an error behind it counts.
        if (!judge_plain(f))
            return BODY_BAD;
        put_judged(f, to, out);
        if (status == BODY_END)
            return finish(f, to, out);
        if (status != BODY_FULL)
            return status;
    }
}

bool answer_filter_began(const struct answer_filter *f)
{
    return f->began;
}

uint64_t answer_filter_passed(const struct answer_filter *f)
{
    return f->passed;
}

const char *answer_filter_fault(const struct answer_filter *f)
{
    const char *fault = filter_fault(&f->filter);

    if (fault)
        return fault;
    return f->out_of_memory ? "out of memory" : "the engine broke the framing of its body";
}
