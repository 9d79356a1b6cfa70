// The body of a build: what reaches the engine before the Dockerfile was judged, and after.
#define ZLIB_CONST
#include "fake_exchange.h"
#include "proxy/upload.h"
#include "tar/header.h"

#include <time.h>
#include <zlib.h>

#define BUILD       "POST /build HTTP/1.1\r\nHost: x\r\n"
#define LENGTH      "Content-Length: 2560\r\n\r\n"
#define FILE_BLOCKS 3
#define BODY        ((size_t)(FILE_BLOCKS + 2) * TAR_BLOCK)

// A tar with a Dockerfile and one more file, then its end.
static const char *body_of(const char *name)
{
    static char text[BODY];
    size_t sum = 0;

    memset(text, 0, sizeof(text));
    for (int i = 0; i < 2; i++) {
        char *block = text + (size_t)i * 2 * TAR_BLOCK;

        memcpy(block, i == 0 ? name : "last", i == 0 ? strlen(name) : 4);
        memcpy(block + 124, i == 0 ? "00000000006" : "00000000000", 11);
        memcpy(block + 257,
               "ustar\0"
               "00",
               8);
        memset(block + 148, ' ', 8);
        sum = 0;
        for (int j = 0; j < TAR_BLOCK; j++)
            sum += (unsigned char)block[j];
        for (int digit = 5; digit >= 0; digit--, sum /= 8)
            block[148 + digit] = (char)('0' + sum % 8);
    }
    memcpy(text + TAR_BLOCK, "FROM a", 6);
    return text;
}

static void give(struct fake *f, const char *bytes, size_t len)
{
    EXPECT(evbuffer_add(f->client_in, bytes, len) == 0);
}

// Sends head and body; in chunks, each piece is one. True when the exchange has ended.
static bool send_build(struct fake *f, const char *name, bool chunked, size_t piece)
{
    const char *body = body_of(name);
    bool done;

    give(f, BUILD, strlen(BUILD));
    if (chunked)
        give(f, "Transfer-Encoding: chunked\r\n\r\n", 30);
    else
        give(f, LENGTH, strlen(LENGTH));
    done = exchange_run(f->x);
    for (size_t at = 0; at < BODY && !done; at += piece) {
        size_t n = BODY - at < piece ? BODY - at : piece;
        char line[32];

        snprintf(line, sizeof(line), "%zx\r\n", n);
        if (chunked)
            give(f, line, strlen(line));
        give(f, body + at, n);
        if (chunked)
            give(f, "\r\n", 2);
        done = exchange_run(f->x);
        (void)engine_moves(f, SIZE_MAX);
    }
    if (chunked && !done)
        give(f, "0\r\n\r\n", 5);
    for (int i = 0; i < 100 && !done; i++) {
        done = exchange_run(f->x);
        if (!engine_moves(f, SIZE_MAX))
            break;
    }
    return done;
}

static const size_t pieces[] = { 7, 100, TAR_BLOCK, 2000, BODY };

static struct fake with(enum judgement verdict)
{
    return (struct fake){ .verdict = JUDGE_ALLOW,
                          .rights.dockerfile = "Dockerfile",
                          .upload_verdict = verdict };
}

// Of what the engine got, the content.
static size_t content_of(const struct fake *f, char *out, bool *ended)
{
    const char *at = memmem(f->sent, f->sent_len, "\r\n\r\n", 4);
    const char *end = f->sent + f->sent_len;
    size_t len = 0;

    *ended = false;
    EXPECT(at);
    at += 4;
    while (at < end) {
        size_t n = strtoul(at, NULL, 16); // layers: a test
        const char *line = memchr(at, '\n', (size_t)(end - at));

        EXPECT(line);
        *ended = n == 0;
        memcpy(out + len, line + 1, n);
        len += n;
        at = line + 1 + n + 2;
    }
    return len;
}

static void test_a_yes_sends_all(void)
{
    for (size_t i = 0; i < 2 * ARRAY_LEN(pieces); i++) {
        struct fake f = with(JUDGE_ALLOW);
        char out[BODY + 1];
        bool ended, chunked = i % 2;

        f.reply = NULL;
        begin(&f);
        EXPECT(!send_build(&f, "Dockerfile", chunked, pieces[i / 2]));
        EXPECT(f.uploads == 1 && strncmp(f.body, "FROM a", 6) == 0);
        EXPECT(content_of(&f, out, &ended) == BODY && ended);
        EXPECT(memcmp(out, body_of("Dockerfile"), BODY) == 0);
        EXPECT(memmem(f.sent, f.sent_len, "Content-Length", 14) == NULL);
        end(&f);
    }
}

static void test_another_dockerfile_goes_in_front_of_the_end(void)
{
    struct fake f = with(JUDGE_ALLOW);
    char out[BODY + 2 * TAR_BLOCK + 1];
    bool ended;

    f.instead = "FROM b";
    begin(&f);
    EXPECT(!send_build(&f, "Dockerfile", false, 100));
    EXPECT(content_of(&f, out, &ended) == BODY + (size_t)2 * TAR_BLOCK && ended);
    EXPECT(memcmp(out, body_of("Dockerfile"), BODY - (size_t)2 * TAR_BLOCK) == 0);
    EXPECT(strcmp(out + BODY - (size_t)2 * TAR_BLOCK, "Dockerfile") == 0);
    EXPECT(memcmp(out + BODY - TAR_BLOCK, "FROM b\0", 7) == 0);
    end(&f);
}

// What a few packed bytes become counts as what is sent: a call ends when the engine's buffer is
// full, and unpacks no more until that has gone.
static void test_what_is_unpacked_is_no_more_than_there_is_room_for(void)
{
    enum { ZEROS = 64 << 20, ROOM = 256 << 10 };
    static char packed[ZEROS / 256];
    char *bytes = calloc(1, ZEROS);
    z_stream zip = { .next_in = (const unsigned char *)bytes, .avail_in = ZEROS };
    struct upload *u = upload_new("Dockerfile");
    struct evbuffer *from = evbuffer_new(), *to = evbuffer_new();
    size_t calls = 0, sent = 0;
    struct body body = { 0 };
    clock_t longest = 0;

    tar_header_write(bytes, TAR_FILE, SPAN("zeros"), ZEROS, 0644);
    EXPECT(deflateInit2(&zip, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    zip.next_out = (unsigned char *)packed;
    zip.avail_out = sizeof(packed);
    EXPECT(deflate(&zip, Z_FINISH) == Z_STREAM_END);
    EXPECT(evbuffer_add(from, packed, sizeof(packed) - zip.avail_out) == 0);
    (void)deflateEnd(&zip);
    free(bytes);
    body_init(&body, FRAMING_LENGTH, evbuffer_get_length(from) + 1, FRAMING_CLOSE, true);
    do {
        clock_t began = clock();

        EXPECT(upload_move(u, &body, from, false, to, ROOM) == UPLOAD_MORE);
        longest = clock() - began > longest ? clock() - began : longest;
        EXPECT(evbuffer_get_length(to) < ROOM + (64 << 10));
        calls = evbuffer_get_length(to) > 0 ? calls + 1 : 0;
        sent += evbuffer_get_length(to);
        EXPECT(evbuffer_drain(to, evbuffer_get_length(to)) == 0);
    } while (calls > 0);
    EXPECT(sent > ZEROS && longest < CLOCKS_PER_SEC / 20);
    body_clear(&body);
    evbuffer_free(from);
    evbuffer_free(to);
    upload_free(u);
}

static void test_a_no_never_sends_the_end(void)
{
    for (size_t i = 0; i < 2 * ARRAY_LEN(pieces); i++) {
        struct fake f = with(JUDGE_DENY);
        char out[BODY + 1];
        bool ended, chunked = i % 2;
        size_t len;

        begin(&f);
        EXPECT(send_build(&f, "Dockerfile", chunked, pieces[i / 2]));
        EXPECT(exchange_status(f.x) == 403 && f.hang_ups == 1 && f.reusable == 0);
        len = content_of(&f, out, &ended);
        EXPECT(!ended && len <= FILE_BLOCKS * (size_t)TAR_BLOCK && exchange_keeps_alive(f.x));
        end(&f);
    }
}

static void test_a_fault_is_a_no(void)
{
    struct fake f = with(JUDGE_ALLOW);

    begin(&f);
    EXPECT(send_build(&f, "none", true, 100));
    EXPECT(exchange_status(f.x) == 403);
    EXPECT(strncmp(f.body, "it has no Dockerfile", 20) == 0);
    end(&f);
}

// While the policy waits for something nothing goes on, and an answer does not count.
static void test_a_verdict_that_takes_time(void)
{
    struct fake f = with(JUDGE_WAIT);
    char out[BODY + 1];
    bool ended;

    f.reply = OK;
    begin(&f);
    EXPECT(!send_build(&f, "Dockerfile", true, BODY));
    EXPECT(f.uploads > 0 && evbuffer_get_length(f.client_out) == 0);
    EXPECT(content_of(&f, out, &ended) < BODY && !ended);
    f.upload_verdict = JUDGE_ALLOW;
    EXPECT(exchange_run(f.x));
    EXPECT(exchange_status(f.x) == 200);
    end(&f);
}

// An engine that answers before it has everything gets no more, and its connection is not used
// again.
static void test_an_early_answer_counts(void)
{
    struct fake f = with(JUDGE_ALLOW);

    f.reply = "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}";
    begin(&f);
    EXPECT(send_build(&f, "Dockerfile", true, 100));
    EXPECT(exchange_status(f.x) == 400 && f.reusable == 0 && !exchange_keeps_alive(f.x));
    end(&f);
}

static void test_a_body_that_breaks_off_is_not_judged(void)
{
    struct fake f = with(JUDGE_ALLOW);

    begin(&f);
    give(&f, BUILD LENGTH, strlen(BUILD LENGTH));
    give(&f, body_of("Dockerfile"), BODY - 1);
    EXPECT(!exchange_run(f.x));
    exchange_client_ended(f.x);
    EXPECT(exchange_run(f.x) && f.uploads == 0 && exchange_was_cut(f.x) && f.reusable == 0);
    end(&f);
}

int main(void)
{
    RUN(test_a_yes_sends_all);
    RUN(test_another_dockerfile_goes_in_front_of_the_end);
    RUN(test_what_is_unpacked_is_no_more_than_there_is_room_for);
    RUN(test_a_no_never_sends_the_end);
    RUN(test_a_fault_is_a_no);
    RUN(test_a_verdict_that_takes_time);
    RUN(test_an_early_answer_counts);
    RUN(test_a_body_that_breaks_off_is_not_judged);
    return 0;
}
