// Heads as they are sent, byte for byte, and refusals.
#include "test.h"

#include "base/attr.h"
#include "http/hop.h"
#include "http/write.h"

#include <string.h>

#define H(n, v)                 \
    {                           \
        { (n), sizeof(n) - 1 }, \
        {                       \
            (v), sizeof(v) - 1  \
        }                       \
    }
#define HEADERS(...)        \
    (const struct header[]) \
    {                       \
        __VA_ARGS__         \
    }
#define HEADER_COUNT(...) ARRAY_LEN(((const struct header[]){ __VA_ARGS__ }))
#define WITH(...)         .headers = HEADERS(__VA_ARGS__), .header_count = HEADER_COUNT(__VA_ARGS__)

static void expect_text(struct buffer *out, const char *expected)
{
    const char *text = buffer_text(out);

    if (!text || strcmp(text, expected) != 0)
        fprintf(stderr, "written:\n%s\nexpected:\n%s\n", text ? text : "(failed)", expected);
    EXPECT(text && strcmp(text, expected) == 0);
    buffer_clear(out);
}

static void test_requests(void)
{
    const struct {
        struct request_out request;
        const char *expected;
    } cases[] = {
        { { .method = METHOD_GET, .canonical = SPAN("/_ping"), .host = SPAN("docker") },
          "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n" },
        { { .method = METHOD_HEAD, .canonical = SPAN("/"), .framing = FRAMING_CLOSE },
          "HEAD / HTTP/1.1\r\nHost: \r\n\r\n" },
        { { .method = METHOD_POST,
            .canonical = SPAN("/v1.41/build?t=a"),
            .host = SPAN("d"),
            .framing = FRAMING_LENGTH,
            .length = 18446744073709551615u,
            WITH(H("user-agent", "x/1"), H("content-length", "5"), H("host", "evil"),
                 H("x-empty", ""), H("expect", "100-continue")) },
          "POST /v1.41/build?t=a HTTP/1.1\r\nHost: d\r\nuser-agent: x/1\r\nx-empty: \r\n"
          "expect: 100-continue\r\nContent-Length: 18446744073709551615\r\n\r\n" },
        { { .method = METHOD_PUT,
            .canonical = SPAN("/x"),
            .host = SPAN("d"),
            .framing = FRAMING_CHUNKED,
            WITH(H("transfer-encoding", "chunked"), H("trailer", "x"), H("te", "trailers")) },
          "PUT /x HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { { .method = METHOD_POST,
            .canonical = SPAN("/x"),
            .host = SPAN("d"),
            .framing = FRAMING_LENGTH,
            .upgrade = SPAN("tcp"),
            WITH(H("connection", "Upgrade"), H("upgrade", "tcp")) },
          "POST /x HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\nConnection: Upgrade\r\n"
          "Upgrade: tcp\r\n\r\n" },
        // What Connection names stays, unless it concerns one connection anyway.
        { { .method = METHOD_POST,
            .canonical = SPAN("/x"),
            .host = SPAN("d"),
            WITH(H("connection", "x-registry-auth, content-type, keep-alive, close"),
                 H("x-registry-auth", "s"), H("content-type", "application/json"),
                 H("keep-alive", "5")) },
          "POST /x HTTP/1.1\r\nHost: d\r\nx-registry-auth: s\r\ncontent-type: application/json\r\n"
          "\r\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out;

        buffer_init(&out, 4096);
        write_request(&out, &cases[i].request);
        expect_text(&out, cases[i].expected);
    }
}

#define OK .status = 200, .reason = SPAN("OK")

static void test_responses(void)
{
    const struct {
        struct response_out response;
        enum framing framing;
        const char *expected;
    } cases[] = {
        { { OK, .framing = FRAMING_LENGTH, .length = 3, .keep_alive = true, .minor = 1,
            WITH(H("date", "d"), H("server", "s"), H("api-version", "1.41"),
                 H("content-length", "9"), H("connection", "x"), H("keep-alive", "5"),
                 H("proxy-authenticate", "x")) },
          FRAMING_LENGTH,
          "HTTP/1.1 200 OK\r\ndate: d\r\nserver: s\r\napi-version: 1.41\r\nContent-Length: 3\r\n"
          "\r\n" },
        { { OK, .framing = FRAMING_LENGTH, .minor = 1 },
          FRAMING_LENGTH,
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" },
        { { OK, .framing = FRAMING_LENGTH, .keep_alive = true, .minor = 0 },
          FRAMING_LENGTH,
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" },
        { { OK, .framing = FRAMING_CHUNKED, .keep_alive = true, .minor = 1,
            WITH(H("trailer", "x-sum"), H("transfer-encoding", "chunked")) },
          FRAMING_CHUNKED,
          "HTTP/1.1 200 OK\r\ntrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n" },
        // HTTP/1.0 knows neither chunks nor trailers.
        { { OK, .framing = FRAMING_CHUNKED, .keep_alive = true, .minor = 0,
            WITH(H("trailer", "x-sum")) },
          FRAMING_CLOSE,
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" },
        { { OK, .framing = FRAMING_CLOSE, .keep_alive = true, .minor = 1 },
          FRAMING_CLOSE,
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" },
        { { OK, .framing = FRAMING_NONE, .length = 7, .has_length = true, .keep_alive = true,
            .minor = 1 },
          FRAMING_NONE,
          "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" },
        { { .status = 204,
            .reason = SPAN("No Content"),
            .has_length = true,
            .keep_alive = true,
            .minor = 1 },
          FRAMING_NONE,
          "HTTP/1.1 204 No Content\r\n\r\n" },
        { { .status = 100, .minor = 1 }, FRAMING_NONE, "HTTP/1.1 100 \r\n\r\n" },
        { { .status = 101,
            .reason = SPAN("UPGRADED"),
            .minor = 1,
            .upgrade = SPAN("tcp"),
            WITH(H("content-type", "application/vnd.docker.raw-stream"), H("upgrade", "tcp")) },
          FRAMING_NONE,
          "HTTP/1.1 101 UPGRADED\r\ncontent-type: application/vnd.docker.raw-stream\r\n"
          "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out;

        buffer_init(&out, 4096);
        EXPECT(write_response_framing(&cases[i].response) == cases[i].framing);
        write_response(&out, &cases[i].response);
        expect_text(&out, cases[i].expected);
    }
}

static void test_what_is_never_passed_on(void)
{
    static const char *const dropped[] = {
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
        "content-length",
        "host",
    };
    static const char *const kept[] = {
        "",
        "t",
        "tx",
        "hosts",
        "x-host",
        "expect",
        "content-type",
        "authorization",
        "ho",
        "date",
        "upgrades",
        "connectiom",
        "keep-alivf",
        "content-lengtj",
        "proxy-connectiox",
        "transfer-encodinh",
        "proxy-authenticatf",
        "proxy-authorizatiom",
        "trailes",
        "x-registry-auth",
    };

    for (size_t i = 0; i < ARRAY_LEN(dropped); i++) {
        EXPECT(hop_is_dropped(span_of(dropped[i])));
        EXPECT(!hop_is_kept_in_trailer(span_of(dropped[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        EXPECT(!hop_is_dropped(span_of(kept[i])));
}

static void test_refusals(void)
{
    const struct {
        struct span message;
        const char *json;
    } cases[] = {
        { SPAN(""), "{\"message\":\"\"}\n" },
        { SPAN("moonward: no"), "{\"message\":\"moonward: no\"}\n" },
        { SPAN("a\"b\\c/d"), "{\"message\":\"a\\\"b\\\\c/d\"}\n" },
        { SPAN("\x01\n\r\t\x1f\x7f"),
          "{\"message\":\"\\u0001\\n\\u000d\\u0009\\u001f\\u007f\"}\n" },
        { SPAN("a\0b"), "{\"message\":\"a\\u0000b\"}\n" },
        { SPAN("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3\xf4\x8f\xbf\xbf"),
          "{\"message\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3\xf4\x8f\xbf\xbf\"}\n" },
        // not UTF-8: alone, cut short, overlong, a surrogate, above U+10FFFF
        { SPAN("\x80"), "{\"message\":\"\\ufffd\"}\n" },
        { SPAN("a\xc3"), "{\"message\":\"a\\ufffd\"}\n" },
        { { "\xc3\xa9", 1 }, "{\"message\":\"\\ufffd\"}\n" },
        { { "x\xe2\x82\xac", 3 }, "{\"message\":\"x\\ufffd\\ufffd\"}\n" },
        { SPAN("\xe2\x82x"), "{\"message\":\"\\ufffd\\ufffdx\"}\n" },
        { SPAN("\xc0\xaf"), "{\"message\":\"\\ufffd\\ufffd\"}\n" },
        { SPAN("\xe0\x80\xaf"), "{\"message\":\"\\ufffd\\ufffd\\ufffd\"}\n" },
        { SPAN("\xed\xa0\x80"), "{\"message\":\"\\ufffd\\ufffd\\ufffd\"}\n" },
        { SPAN("\xf4\x90\x80\x80"), "{\"message\":\"\\ufffd\\ufffd\\ufffd\\ufffd\"}\n" },
        { SPAN("\xf0\x8f\x80\x80"), "{\"message\":\"\\ufffd\\ufffd\\ufffd\\ufffd\"}\n" },
        { SPAN("\xff\xfe"), "{\"message\":\"\\ufffd\\ufffd\"}\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int form = 0; form < 4; form++) {
            bool keep_alive = form & 1, head_only = form & 2;
            char expected[512];
            struct buffer out;

            (void)snprintf(expected, sizeof(expected),
                           "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n"
                           "Content-Length: %zu\r\n%s\r\n%s",
                           strlen(cases[i].json), keep_alive ? "" : "Connection: close\r\n",
                           head_only ? "" : cases[i].json);
            buffer_init(&out, 4096);
            write_refusal(&out, 403, cases[i].message, keep_alive, head_only);
            expect_text(&out, expected);
        }
    }
}

static void test_refusals_with_fields(void)
{
    // Fields as the verdict has them, and what of them is written.
    const struct {
        struct span fields;
        const char *written;
    } cases[] = {
        { SPAN(""), "" },
        { SPAN("retry-after\0"
               "60\0"),
          "retry-after: 60\r\n" },
        { SPAN("x-a\0b c\0x-d\0\0"), "x-a: b c\r\nx-d: \r\n" },
        { SPAN("x-a\0b"), "x-a: b\r\n" },
        { SPAN("x-a"), "x-a: \r\n" },
        { SPAN("x-a\0b\r\nx-c: d\0"), "" },
        { SPAN("x-a\nx-b\0c\0"), "" },
        { SPAN("\0b\0"), "" },
        { SPAN("content-length\0"
               "0\0x-a\0b\0"),
          "x-a: b\r\n" },
        { SPAN("transfer-encoding\0chunked\0connection\0keep-alive\0"), "" },
        { SPAN("a\0"
               "1\0b\0"
               "2\0c\0"
               "3\0d\0"
               "4\0e\0"
               "5\0f\0"
               "6\0g\0"
               "7\0h\0"
               "8\0i\0"
               "9\0"),
          "a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\ne: 5\r\nf: 6\r\ng: 7\r\nh: 8\r\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char expected[512];
        struct buffer out;

        (void)snprintf(expected, sizeof(expected),
                       "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n%s"
                       "Content-Length: 17\r\n\r\n{\"message\":\"no\"}\n",
                       cases[i].written);
        buffer_init(&out, 4096);
        write_refusal_with(&out, 403, SPAN("no"), cases[i].fields, true, false);
        expect_text(&out, expected);
    }
}

static void test_long_refusals_are_cut(void)
{
    static char message[100000];
    struct response_head head;
    struct head_limits limits = { .bytes = 4096, .headers = 10 };
    struct head_scan scan = { 0 };
    struct head_error error;
    struct buffer out;
    size_t end;

    memset(message, '\x01', sizeof(message)); // six bytes each once it is escaped
    buffer_init(&out, 1 << 20);
    write_refusal(&out, 502, (struct span){ message, sizeof(message) }, true, false);
    EXPECT(!out.failed && out.len < 64 * 1024);
    EXPECT(head_scan(&scan, out.data, out.len, &limits, &end, &error) == HEAD_OK);
    EXPECT(response_head_read(&head, out.data, end, &limits, METHOD_GET, &error) == HEAD_OK);
    EXPECT(head.length == out.len - end && head.length > 8 * 1024);
    response_head_clear(&head);
    buffer_clear(&out);
}

static void test_a_buffer_that_is_too_small_fails(void)
{
    struct request_out request = { .method = METHOD_GET,
                                   .canonical = SPAN("/"),
                                   .host = SPAN("d") };
    size_t whole = strlen("GET / HTTP/1.1\r\nHost: d\r\n\r\n");

    for (size_t max = 1; max <= whole + 1; max++) {
        struct buffer out;

        buffer_init(&out, max);
        write_request(&out, &request);
        EXPECT(out.failed == (max < whole));
        buffer_clear(&out);
    }
}

static void test_status_reasons(void)
{
    EXPECT(strcmp(status_reason(200), "OK") == 0);
    EXPECT(strcmp(status_reason(403), "Forbidden") == 0);
    EXPECT(strcmp(status_reason(431), "Request Header Fields Too Large") == 0);
    EXPECT(strcmp(status_reason(504), "Gateway Timeout") == 0);
    EXPECT(strcmp(status_reason(299), "") == 0);
    EXPECT(strcmp(status_reason(-1), "") == 0);
}

int main(void)
{
    RUN(test_requests);
    RUN(test_responses);
    RUN(test_what_is_never_passed_on);
    RUN(test_refusals);
    RUN(test_refusals_with_fields);
    RUN(test_long_refusals_are_cut);
    RUN(test_a_buffer_that_is_too_small_fails);
    RUN(test_status_reasons);
    return 0;
}
