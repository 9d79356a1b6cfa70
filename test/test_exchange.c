// Drives exchanges with plain buffers: whole conversations as tables, each also cut at every byte.
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
static const struct answer_rules event_rules = { .cut = &event_cut, .judge = fake_filter };

static size_t held_bodies;

static const struct exchange_limits limits = {
    .head = { .bytes = 4096, .headers = 32 },
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

static const struct exchange_ops fake_ops = { fake_judge, fake_dial, fake_hang_up, fake_answered };

static void begin(struct fake *f)
{
    f->client_in = evbuffer_new();
    f->client_out = evbuffer_new();
    f->up_in = evbuffer_new();
    f->up_out = evbuffer_new();
    f->x = exchange_new(&fake_ops, f, &limits, f->client_in, f->client_out);
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
static bool play(struct fake *f, const char *request, size_t cut, size_t step)
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

static bool holds(const char *data, size_t len, const char *text)
{
    return memmem(data, len, text, strlen(text)) != NULL;
}

struct conversation {
    const char *name;
    struct fake fake;
    const char *request;
    bool ended, keeps_alive;
    int status;
    const char *to_engine; // "": it must have heard nothing
    const char *to_client; // part of it
    const char *policy_saw;
};

#define GET  "GET /v1.41/containers/json?all=1 HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
#define OK   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
#define JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static const struct conversation conversations[] = {
    { "an allowed request",
      { .verdict = JUDGE_ALLOW, .reply = OK },
      GET,
      true,
      true,
      200,
      "GET /v1.41/containers/json?all=1 HTTP/1.1\r\n",
      "\r\n\r\n[]",
      "" },
    { "a denied request", { .verdict = JUDGE_DENY }, GET, true, true, 403, "", "moonward: no", "" },
    { "a verdict nobody set", { 0 }, GET, true, true, 403, "", "moonward: no", "" },
    { "a malformed request",
      { .verdict = JUDGE_ALLOW },
      "GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      true,
      false,
      400,
      "",
      "HTTP/1.1 400 ",
      "" },
    { "a target that is not canonical",
      { .verdict = JUDGE_ALLOW },
      "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n",
      true,
      false,
      400,
      "",
      "HTTP/1.1 400 ",
      "" },
    { "a body nobody looks at",
      { .verdict = JUDGE_ALLOW, .reply = OK },
      POST "Content-Length: 5\r\n\r\nhello",
      true,
      true,
      200,
      "hello",
      "[]",
      "" },
    { "a chunked body nobody looks at",
      { .verdict = JUDGE_ALLOW, .reply = OK },
      POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      true,
      true,
      200,
      "\r\n0\r\n\r\n",
      "[]",
      "" },
    { "a body that a policy looks at, sent on with a length",
      { .verdict = JUDGE_ALLOW, .wants_body = true, .reply = OK },
      POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      true,
      true,
      200,
      "ontent-Length: 5\r\n",
      "[]",
      "hello" },
    { "a looked-at body that is denied",
      { .verdict = JUDGE_DENY, .wants_body = true },
      POST "Content-Length: 5\r\n\r\nhello",
      true,
      true,
      403,
      "",
      "moonward: no",
      "hello" },
    { "a looked-at body over the limit",
      { .verdict = JUDGE_ALLOW, .wants_body = true },
      POST "Content-Length: 65\r\n\r\n",
      true,
      false,
      413,
      "",
      "-maxbody",
      "" },
    { "a looked-at chunked body over the limit",
      { .verdict = JUDGE_ALLOW, .wants_body = true },
      POST "Transfer-Encoding: chunked\r\n\r\n"
           "41\r\n0123456789012345678901234567890123456789012345678901234567890123X\r\n",
      true,
      false,
      413,
      "",
      "-maxbody",
      "" },
    { "a malformed chunked body that a policy wants",
      { .verdict = JUDGE_ALLOW, .wants_body = true },
      POST "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
      true,
      false,
      400,
      "",
      "HTTP/1.1 400 ",
      "" },
    { "a denied request whose body is read and forgotten",
      { .verdict = JUDGE_DENY },
      POST "Content-Length: 5\r\n\r\nhello",
      true,
      true,
      403,
      "",
      "moonward: no",
      "" },
    { "a denied request with a body too long to wait for",
      { .verdict = JUDGE_DENY },
      POST "Content-Length: 99999999\r\n\r\nhello",
      true,
      false,
      403,
      "",
      "onnection: close",
      "" },
    { "an engine that can't be reached",
      { .verdict = JUDGE_ALLOW, .dial_fails = 502 },
      GET,
      true,
      true,
      502,
      "",
      "moonward: no engine",
      "" },
    { "an engine that says nothing",
      { .verdict = JUDGE_ALLOW, .reply = "", .reply_ends = true },
      GET,
      true,
      false,
      502,
      "GET ",
      "without an answer",
      "" },
    { "an old connection that has died, and a request that can be repeated",
      { .verdict = JUDGE_ALLOW, .reused = true, .reply = OK },
      GET,
      true,
      true,
      200,
      "GET ",
      "[]",
      "" },
    { "an answer with two lengths",
      { .verdict = JUDGE_ALLOW,
        .reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]" },
      GET,
      true,
      false,
      502,
      "GET ",
      "malformed",
      "" },
    { "an answer that is chunked",
      { .verdict = JUDGE_ALLOW,
        .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n" },
      GET,
      true,
      true,
      200,
      "GET ",
      "\r\n0\r\n\r\n",
      "" },
    { "a chunked answer for an HTTP/1.0 client",
      { .verdict = JUDGE_ALLOW,
        .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n" },
      "GET /_ping HTTP/1.0\r\n\r\n",
      true,
      false,
      200,
      "GET /_ping HTTP/1.1",
      "\r\n\r\n[]",
      "" },
    { "an answer until the connection ends",
      { .verdict = JUDGE_ALLOW, .reply = "HTTP/1.1 200 OK\r\n\r\nall", .reply_ends = true },
      GET,
      true,
      false,
      200,
      "GET ",
      "\r\n\r\nall",
      "" },
    { "an interim answer",
      { .verdict = JUDGE_ALLOW, .reply = "HTTP/1.1 100 Continue\r\n\r\n" OK },
      POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
      true,
      true,
      200,
      "hello",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200",
      "" },
    { "a protocol switch that nobody asked for",
      { .verdict = JUDGE_ALLOW,
        .rights = { true, true },
        .reply =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n" },
      GET,
      true,
      false,
      502,
      "GET ",
      "without being asked",
      "" },
    { "an upgrade on a route that has none",
      { .verdict = JUDGE_ALLOW,
        .reply =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n" },
      "POST /info HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
      true,
      false,
      502,
      "POST /info",
      "without being asked",
      "" },
    { "an upgrade, early bytes and both ends",
      { .verdict = JUDGE_ALLOW,
        .rights = { true, true },
        .reply_ends = true,
        .reply =
            "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfrom engine" },
      "POST /containers/x/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
      "early",
      false,
      false,
      101,
      "early",
      "\r\n\r\nfrom engine",
      "" },
    { "a raw stream that the engine takes over without upgrade",
      { .verdict = JUDGE_ALLOW,
        .rights = { true, true },
        .reply_ends = true,
        .reply = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nraw" },
      "POST /containers/x/attach HTTP/1.1\r\nHost: x\r\n\r\nstdin",
      false,
      false,
      200,
      "stdin",
      "\r\n\r\nraw",
      "" },
    { "a raw stream type on a route that takes nothing over",
      { .verdict = JUDGE_ALLOW,
        .reply_ends = true,
        .reply = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nraw" },
      "GET /containers/x/logs HTTP/1.1\r\nHost: x\r\n\r\n",
      true,
      false,
      200,
      "GET ",
      "\r\n\r\nraw",
      "" },
    { "a list of which one element is shown",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &list_rules },
        .reply = JSON "Content-Length: 9\r\n\r\n[\"x\",  2]" },
      "GET /containers/json HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nIf-None-Match: "
      "*\r\n\r\n",
      true,
      true,
      200,
      "GET /containers/json HTTP/1.1\r\nHost: docker\r\n\r\n",
      "\r\n0\r\n\r\n",
      "" },
    { "a list for an HTTP/1.0 client",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &list_rules },
        .reply = JSON "Content-Length: 7\r\n\r\n[\"x\",2]" },
      "GET /containers/json HTTP/1.0\r\n\r\n",
      true,
      false,
      200,
      "GET ",
      "\r\n\r\n[2]",
      "" },
    { "an error instead of the list",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &list_rules },
        .reply = "HTTP/1.1 500 No\r\nContent-Length: 14\r\n\r\n{\"message\":1}\n" },
      GET,
      true,
      true,
      500,
      "GET ",
      "{\"message\":1}",
      "" },
    { "an answer that is no list",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &list_rules },
        .reply = JSON "Content-Length: 7\r\n\r\n{\"x\":1}" },
      GET,
      true,
      false,
      502,
      "GET ",
      "can't be filtered",
      "" },
    { "a compressed list",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &list_rules },
        .reply = JSON "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]" },
      GET,
      true,
      false,
      502,
      "GET ",
      "compressed",
      "" },
    { "a list that is not called JSON",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &list_rules },
        .reply = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n[]" },
      GET,
      true,
      false,
      502,
      "GET ",
      "not JSON",
      "" },
    { "an empty answer where a list is due",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &list_rules },
        .reply = JSON "Content-Length: 0\r\n\r\n" },
      GET,
      true,
      false,
      502,
      "GET ",
      "can't be filtered",
      "" },
    { "events, some of them hidden",
      { .verdict = JUDGE_ALLOW,
        .rights = { .filter = &event_rules, .is_stream = true },
        .reply = JSON "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"x\":1}\n\r\n8\r\n{\"b\":1}\n\r\n"
                      "0\r\n\r\n" },
      GET,
      true,
      true,
      200,
      "GET ",
      "\r\n0\r\n\r\n",
      "" },
};

static void check(const struct conversation *c, size_t cut, size_t step)
{
    struct fake f = c->fake;
    size_t len;
    const char *out;

    begin(&f);

    bool ended = play(&f, c->request, cut, step);

    len = evbuffer_get_length(f.client_out);
    out = len > 0 ? (const char *)evbuffer_pullup(f.client_out, -1) : "";
    if (ended != c->ended || exchange_status(f.x) != c->status ||
        exchange_keeps_alive(f.x) != c->keeps_alive || !holds(out, len, c->to_client))
        fprintf(stderr,
                "%s, cut at %zu, step %zu: ended %d, status %d, kept %d, client got:\n%.*s\n",
                c->name, cut, step, ended, exchange_status(f.x), exchange_keeps_alive(f.x),
                (int)len, out);
    EXPECT(ended == c->ended);
    EXPECT(exchange_status(f.x) == c->status);
    EXPECT(exchange_keeps_alive(f.x) == c->keeps_alive);
    EXPECT(holds(out, len, c->to_client));
    if (c->to_engine[0] ? !holds(f.sent, f.sent_len, c->to_engine) : f.sent_len > 0)
        fprintf(stderr, "%s, cut at %zu, step %zu: the engine got:\n%.*s\n", c->name, cut, step,
                (int)f.sent_len, f.sent);
    EXPECT(c->to_engine[0] ? holds(f.sent, f.sent_len, c->to_engine) : f.sent_len == 0);
    EXPECT(strcmp(f.body, c->policy_saw) == 0);
    end(&f);
    EXPECT(held_bodies == 0);
}

static void test_conversations(void)
{
    for (size_t i = 0; i < ARRAY_LEN(conversations); i++) {
        const struct conversation *c = &conversations[i];

        check(c, SIZE_MAX, SIZE_MAX);
        check(c, SIZE_MAX, 1);
        for (size_t cut = 0; cut < strlen(c->request); cut++)
            check(c, cut, SIZE_MAX);
    }
}

// Bodies that policies look into have a limit together, too.
static void test_held_bodies_are_bounded(void)
{
    static const char request[] = POST "Content-Length: 60\r\n\r\n"
                                       "012345678901234567890123456789012345678901234567890";
    struct fake first = { .verdict = JUDGE_ALLOW, .wants_body = true };
    struct fake second = { .verdict = JUDGE_ALLOW, .wants_body = true };

    begin(&first);
    begin(&second);
    EXPECT(!play(&first, request, SIZE_MAX, SIZE_MAX));
    EXPECT(held_bodies == 51);
    EXPECT(play(&second, request, SIZE_MAX, SIZE_MAX));
    EXPECT(exchange_status(second.x) == 503);
    EXPECT(held_bodies == 51);
    end(&second);
    end(&first);
    EXPECT(held_bodies == 0);
}

// A request that may have had an effect is sent once, whatever becomes of it.
static void test_no_replay(void)
{
    static const char *const requests[] = {
        "POST /containers/x/start HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "DELETE /containers/x HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /containers/json HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx",
    };

    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct fake f = { .verdict = JUDGE_ALLOW, .reply = "", .reply_ends = true };

        begin(&f);
        EXPECT(play(&f, requests[i], SIZE_MAX, SIZE_MAX));
        EXPECT(f.dials == 1 && f.fresh_dials == 1);
        EXPECT(exchange_status(f.x) == 502);
        end(&f);
    }
}

static void test_cut_answers_are_not_completed(void)
{
    static const struct {
        const char *reply;
        bool reset;
    } cases[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", false },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", false },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nXX", false },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake f = { .verdict = JUDGE_ALLOW, .reply = cases[i].reply, .reply_ends = true };

        begin(&f);
        EXPECT(play(&f, GET, SIZE_MAX, SIZE_MAX));
        EXPECT(exchange_was_cut(f.x) && !exchange_keeps_alive(f.x));
        EXPECT(exchange_must_reset(f.x) == cases[i].reset);

        size_t len = evbuffer_get_length(f.client_out);

        EXPECT(!holds((const char *)evbuffer_pullup(f.client_out, -1), len, "0\r\n\r\n"));
        end(&f);
    }
}

// What was hidden stays hidden when the answer breaks off, and nothing is completed.
static void test_broken_filtered_answers(void)
{
    static const char *const replies[] = {
        JSON "Content-Length: 99\r\n\r\n[1,\"x\",",
        JSON "Content-Length: 11\r\n\r\n[1,\"x\",nul]",
        JSON "Transfer-Encoding: chunked\r\n\r\n9\r\n[1,\"x\",2,\r\nzz",
    };

    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        struct fake f = { .verdict = JUDGE_ALLOW,
                          .reply = replies[i],
                          .reply_ends = true,
                          .rights = { .filter = &list_rules } };

        begin(&f);
        EXPECT(play(&f, GET, SIZE_MAX, 1));
        EXPECT(exchange_was_cut(f.x) && !exchange_keeps_alive(f.x));

        size_t len = evbuffer_get_length(f.client_out);
        const char *out = (const char *)evbuffer_pullup(f.client_out, -1);

        EXPECT(!holds(out, len, "\"x\"") && !holds(out, len, "0\r\n\r\n"));
        EXPECT(holds(exchange_refusal(f.x), strlen(exchange_refusal(f.x)), "can't be filtered"));
        end(&f);
    }
}

// Of a list that is longer than all buffers, little is held at any time.
static void test_long_filtered_answers_are_bounded(void)
{
    static const char item[] = "{\"Id\":\"0123456789\",\"x\":0},{\"Id\":\"abcdef\"},";
    struct fake f = { .verdict = JUDGE_ALLOW,
                      .rights = { .filter = &list_rules },
                      .reply = JSON "Content-Length: 100000000\r\n\r\n[" };

    begin(&f);
    (void)play(&f, GET, SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < 2000; i++) {
        if (evbuffer_get_length(f.up_in) < limits.buffer)
            evbuffer_add(f.up_in, item, sizeof(item) - 1);
        EXPECT(!exchange_run(f.x));
        EXPECT(evbuffer_get_length(f.client_out) <= limits.buffer + (64 << 10));
    }
    EXPECT(evbuffer_get_length(f.client_out) >= limits.buffer);
    EXPECT(evbuffer_get_length(f.up_in) >= limits.buffer);
    end(&f);
}

// An HTTP/1.0 client has only the end of the connection to go by.
static void test_cut_answer_to_old_client_resets(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW,
                      .reply_ends = true,
                      .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc" };

    begin(&f);
    EXPECT(play(&f, "GET /_ping HTTP/1.0\r\n\r\n", SIZE_MAX, SIZE_MAX));
    EXPECT(exchange_must_reset(f.x));
    end(&f);
}

static void test_pipelined_requests_are_served_in_order(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW, .reply = OK };

    begin(&f);
    EXPECT(play(&f, GET "GET /second HTTP/1.1\r\nHost: x\r\n\r\n", SIZE_MAX, SIZE_MAX));
    EXPECT(!holds(f.sent, f.sent_len, "/second"));
    exchange_reset(f.x);
    f.replied = 0;
    EXPECT(play(&f, "", SIZE_MAX, SIZE_MAX));
    EXPECT(holds(f.sent, f.sent_len, "GET /second HTTP/1.1\r\n"));
    EXPECT(f.reusable == 2);
    end(&f);
}

static void test_the_clients_end_is_passed_on(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW };

    begin(&f);
    evbuffer_add(f.client_in, GET, strlen(GET));
    EXPECT(!exchange_run(f.x));
    EXPECT(!exchange_upstream(f.x)->end);
    exchange_client_ended(f.x);
    EXPECT(!exchange_run(f.x));
    EXPECT(exchange_upstream(f.x)->end);
    end(&f);
}

static void test_a_client_that_is_gone_frees_the_engine(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW };

    begin(&f);
    evbuffer_add(f.client_in, GET, strlen(GET));
    EXPECT(!exchange_run(f.x));
    exchange_abort(f.x);
    EXPECT(exchange_run(f.x));
    EXPECT(f.hang_ups == 1 && f.reusable == 0);
    end(&f);
}

static void test_buffers_are_bounded(void)
{
    static char piece[1000];
    struct fake f = { .verdict = JUDGE_ALLOW,
                      .reply = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" };

    begin(&f);
    (void)play(&f, GET, SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < 100; i++) {
        if (evbuffer_get_length(f.up_in) < limits.buffer)
            evbuffer_add(f.up_in, piece, sizeof(piece));
        EXPECT(!exchange_run(f.x));
        EXPECT(evbuffer_get_length(f.client_out) <= limits.buffer + 256);
    }
    EXPECT(evbuffer_get_length(f.up_in) >= limits.buffer);
    end(&f);
}

static void test_interim_answers_are_bounded(void)
{
    static const char interim[] = "HTTP/1.1 102 Processing\r\n\r\n";
    struct fake f = { .verdict = JUDGE_ALLOW };

    begin(&f);
    (void)play(&f, GET, SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < 1000; i++) {
        evbuffer_add(f.up_in, interim, strlen(interim));
        EXPECT(!exchange_run(f.x));
        EXPECT(evbuffer_get_length(f.client_out) <= limits.buffer + 64);
    }

    // A client that reads gets the answer behind them all.
    evbuffer_add(f.up_in, OK, strlen(OK));
    while (!exchange_run(f.x)) {
        EXPECT(evbuffer_get_length(f.client_out) >= limits.buffer);
        evbuffer_drain(f.client_out, SIZE_MAX);
    }
    EXPECT(exchange_status(f.x) == 200);
    end(&f);
}

static void test_deadlines(void)
{
    struct fake silent = { 0 }, slow = { 0 };

    begin(&silent);
    EXPECT(!exchange_run(silent.x));
    exchange_expire(silent.x, 408, "moonward: too slow");
    EXPECT(exchange_run(silent.x));
    EXPECT(evbuffer_get_length(silent.client_out) == 0);
    end(&silent);

    begin(&slow);
    evbuffer_add(slow.client_in, "GET /", 5);
    EXPECT(!exchange_run(slow.x));
    exchange_expire(slow.x, 408, "moonward: too slow");
    EXPECT(exchange_run(slow.x));
    EXPECT(exchange_status(slow.x) == 408 && !exchange_keeps_alive(slow.x));
    end(&slow);
}

int main(void)
{
    RUN(test_conversations);
    RUN(test_held_bodies_are_bounded);
    RUN(test_no_replay);
    RUN(test_cut_answers_are_not_completed);
    RUN(test_broken_filtered_answers);
    RUN(test_long_filtered_answers_are_bounded);
    RUN(test_cut_answer_to_old_client_resets);
    RUN(test_pipelined_requests_are_served_in_order);
    RUN(test_the_clients_end_is_passed_on);
    RUN(test_a_client_that_is_gone_frees_the_engine);
    RUN(test_buffers_are_bounded);
    RUN(test_interim_answers_are_bounded);
    RUN(test_deadlines);
    return 0;
}
