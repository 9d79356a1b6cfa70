// fake_exchange: an outside world of plain buffers for exchanges under test: a client, an engine
// and a policy that do as the test says. Each test program includes it and has its own.
#pragma once

#include "base/attr.h"
#include "http/write.h"
#include "proxy/exchange.h"
#include "test.h"

#include <event2/buffer.h>
#include <stdbool.h>
#include <string.h>

// What the outside does, and what it saw.
struct fake {
    const char *reply;      // the engine's bytes, once it has got something
    bool reply_ends;        // and then it closes
    enum judgement verdict; // the last word
    bool wants_body;        // the policy asks for the body first
    struct exchange_rights rights;
    enum judgement upload_verdict;
    const char *instead; // of the Dockerfile; NULL: nothing
    int uploads;
    int dial_fails; // status; 0: it works
    bool reused;    // the first connection is an old one, and it is dead

    struct exchange *x;
    struct evbuffer *client_in, *client_out, *up_in, *up_out;
    char sent[8192]; // to the engine, over all connections
    size_t sent_len;
    char body[256]; // what the policy saw
    int dials, fresh_dials, hang_ups, reusable, answers;
    bool asked_body;
    size_t replied;
};

// Drops what holds an "x".
static enum filter_verdict fake_filter(void *arg, size_t list, struct span item,
                                       struct buffer *replacement)
{
    (void)arg;
    (void)list;
    (void)replacement;
    return memchr(item.at, 'x', item.len) ? FILTER_DROP : FILTER_KEEP;
}

static const char *const top_list[] = { "" };
static const struct cut_rules list_cut = { .depth = 64, .lists = top_list, .list_count = 1 };
static const struct cut_rules event_cut = { .depth = 64 };
static const struct answer_rules list_rules = { .cut = &list_cut, .judge = fake_filter };
static UNUSED const struct answer_rules event_rules = { .cut = &event_cut, .judge = fake_filter };

static size_t held_bodies;

static const struct exchange_limits limits = {
    .head = { .bytes = 4096, .headers = 32 },
    .answer_head = { .bytes = 4096, .headers = 32 },
    .target = { .least = { 1, 24 }, .pairs = 32 },
    .body = 64,
    .bodies = 100,
    .held = &held_bodies,
    .buffer = 4096,
};

static enum judgement fake_judge(void *io, struct exchange_rights *rights)
{
    struct fake *f = io;

    if (f->wants_body && !f->asked_body) {
        f->asked_body = true;
        return JUDGE_WANTS_BODY;
    }
    if (f->wants_body) {
        struct span body = exchange_body(f->x);

        EXPECT(body.len < sizeof(f->body));
        memcpy(f->body, body.at, body.len);
    }
    *rights = f->rights;
    if (f->verdict == JUDGE_DENY)
        exchange_deny(f->x, 403, "moonward: no");
    return f->verdict;
}

static enum judgement fake_judge_upload(void *io, bool fine, struct span text, struct span *instead)
{
    struct fake *f = io;

    f->uploads++;
    EXPECT(text.len < sizeof(f->body));
    memcpy(f->body, text.at, text.len);
    if (!fine || f->upload_verdict == JUDGE_DENY)
        exchange_deny(f->x, 403, "moonward: no");
    if (f->instead)
        *instead = span_of(f->instead);
    return fine ? f->upload_verdict : JUDGE_DENY;
}

static void fake_dial(void *io, bool fresh)
{
    struct fake *f = io;

    f->dials++;
    f->fresh_dials += fresh;
    if (f->dial_fails) {
        exchange_dial_failed(f->x, f->dial_fails, "moonward: no engine");
        return;
    }
    evbuffer_drain(f->up_in, evbuffer_get_length(f->up_in));
    evbuffer_drain(f->up_out, evbuffer_get_length(f->up_out));
    exchange_dialled(f->x, f->up_in, f->up_out, f->reused && !fresh);
    if (f->reused && !fresh)
        exchange_upstream_ended(f->x);
}

static void fake_hang_up(void *io, bool reusable)
{
    struct fake *f = io;

    f->hang_ups++;
    f->reusable += reusable;
}

static void fake_answered(void *io)
{
    ((struct fake *)io)->answers++;
}

static const struct exchange_ops fake_ops = { fake_judge, fake_judge_upload, fake_dial,
                                              fake_hang_up, fake_answered };

static void begin(struct fake *f)
{
    f->client_in = evbuffer_new();
    f->client_out = evbuffer_new();
    f->up_in = evbuffer_new();
    f->up_out = evbuffer_new();
    f->x = exchange_new(&fake_ops, f, &limits, f->client_in, f->client_out, NULL);
    EXPECT(f->x);
}

static void end(struct fake *f)
{
    exchange_free(f->x);
    evbuffer_free(f->client_in);
    evbuffer_free(f->client_out);
    evbuffer_free(f->up_in);
    evbuffer_free(f->up_out);
}

// Takes what was written for the engine, and lets it answer: 'step' bytes at a time.
static bool engine_moves(struct fake *f, size_t step)
{
    size_t n = evbuffer_get_length(f->up_out);
    size_t left = f->reply ? strlen(f->reply) - f->replied : 0;
    bool connected = exchange_upstream(f->x)->in != NULL;

    EXPECT(f->sent_len + n < sizeof(f->sent));
    evbuffer_remove(f->up_out, f->sent + f->sent_len, n);
    f->sent_len += n;
    if (!connected || f->sent_len == 0 || (f->reused && f->dials < 2))
        return n > 0;
    if (left > 0) {
        size_t give = left < step ? left : step;

        evbuffer_add(f->up_in, f->reply + f->replied, give);
        f->replied += give;
        return true;
    }
    if (f->reply_ends && !exchange_upstream(f->x)->ended) {
        exchange_upstream_ended(f->x);
        return true;
    }
    return n > 0;
}

// Plays the whole conversation; true when the exchange has ended.
static UNUSED bool play(struct fake *f, const char *request, size_t cut, size_t step)
{
    size_t len = strlen(request);
    bool done = false;

    if (cut > len)
        cut = len;
    evbuffer_add(f->client_in, request, cut);
    done = exchange_run(f->x);
    if (cut < len)
        evbuffer_add(f->client_in, request + cut, len - cut);
    for (int i = 0; i < 10000 && !done; i++) {
        done = exchange_run(f->x);
        if (!done && !engine_moves(f, step))
            break;
    }
    (void)engine_moves(f, step);
    return done;
}

static UNUSED bool holds(const char *data, size_t len, const char *text)
{
    return memmem(data, len, text, strlen(text)) != NULL;
}

#define GET  "GET /v1.41/containers/json?all=1 HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
#define OK   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
#define JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
