// Heads: where they end, how large they may be, and each of the 256 bytes at each place that
// matters in one.
#include "test.h"

#include "base/attr.h"
#include "http/head.h"

#include <string.h>

static const struct head_limits limits = { .bytes = 4096, .headers = 20 };

#define GET     "GET /_ping HTTP/1.1\r\n"
#define POST    "POST /build HTTP/1.1\r\n"
#define HOST    "Host: docker\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define BODY    "Content-Length: 5\r\n"

static bool accepts(const char *text, size_t len)
{
    struct request_head head;
    struct head_error error;
    bool ok = request_head_read(&head, text, len, &limits, 0, &error) == HEAD_OK;

    request_head_clear(&head);
    return ok;
}

// --- scanning -----------------------------------------------------------------------------------

static const struct {
    const char *text;
    size_t len, end; // end 0: bad
    const char *fault;
} scans[] = {
#define TEXT(t) (t), sizeof(t) - 1
    { TEXT("\r\n"), 2, NULL },
    { TEXT("a\r\n\r\n"), 5, NULL },
    { TEXT("a\r\nb\r\n\r\nbody\n\r"), 8, NULL },
    { TEXT("GET / HTTP/1.1\r\nA: b\r\n\r\n\r\n\r\n"), 24, NULL },
    { TEXT("a\n\r\n"), 0, "a line of the head ends with LF alone, not CRLF" },
    { TEXT("\n"), 0, "a line of the head ends with LF alone, not CRLF" },
    { TEXT("a\r\n\n"), 0, "a line of the head ends with LF alone, not CRLF" },
    { TEXT("a\r\nb\rc\r\n\r\n"), 0, "a CR in the head that no LF follows" },
    { TEXT("a\r\r\n\r\n"), 0, "a CR in the head that no LF follows" },
    { TEXT("a\r\n\r\r\n"), 0, "a CR in the head that no LF follows" },
    { TEXT("a\0b\r\n\r\n"), 0, "a NUL byte in the head" },
    { TEXT("a\r\n\0\r\n"), 0, "a NUL byte in the head" },
    { TEXT("a\0\n"), 0, "a NUL byte in the head" },
    { TEXT("a\n\0"), 0, "a line of the head ends with LF alone, not CRLF" },
    { TEXT("\x16\x03\x01"), 0, "the other side speaks TLS; plain HTTP is expected here" },
    { TEXT("\x15\x03\x01"), 0, "the other side speaks TLS; plain HTTP is expected here" },
};

// Each input in growing pieces: first up to 'cut', then a byte more each time, as reads may come.
static void scan_in_pieces(size_t i, size_t cut)
{
    struct head_scan scan = { 0 };
    struct head_error error;
    enum head_status status = HEAD_MORE;
    size_t end = 0, len;

    for (len = cut; status == HEAD_MORE && len <= scans[i].len; len++)
        status = head_scan(&scan, scans[i].text, len, &limits, &end, &error);
    EXPECT(status == (scans[i].fault ? HEAD_BAD : HEAD_OK));
    EXPECT(scans[i].fault ? strcmp(error.text, scans[i].fault) == 0 && error.status == 400
                          : end == scans[i].end);
    EXPECT(scans[i].fault || cut > scans[i].end || len == scans[i].end + 1);
}

static void test_scan_with_every_cut(void)
{
    for (size_t i = 0; i < ARRAY_LEN(scans); i++) {
        for (size_t cut = 0; cut <= scans[i].len; cut++)
            scan_in_pieces(i, cut);
    }
}

static void test_scan_refuses_at_the_first_wrong_byte(void)
{
    static const char *const wrong[] = { "GET /\n", "GET / HTTP/1.1\r\nA: b\rc", "G\r\r", "\n" };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        size_t len = strlen(wrong[i]), end;
        struct head_scan scan = { 0 };
        struct head_error error;

        EXPECT(head_scan(&scan, wrong[i], len - 1, &limits, &end, &error) == HEAD_MORE);
        EXPECT(head_scan(&scan, wrong[i], len, &limits, &end, &error) == HEAD_BAD);
    }
}

static void test_scan_is_bounded(void)
{
    char text[300];

    for (size_t size = 5; size < 80; size++) {
        memset(text, 'a', sizeof(text));
        memcpy(text + size - 4, "\r\n\r\n", 4);
        for (size_t most = 1; most < 90; most++) {
            struct head_limits few = { .bytes = most, .headers = 1 };
            struct head_scan whole = { 0 }, grown = { 0 };
            struct head_error error;
            enum head_status status = HEAD_MORE;
            size_t end;

            for (size_t len = 0; status == HEAD_MORE && len < sizeof(text); len++)
                status = head_scan(&grown, text, len, &few, &end, &error);
            EXPECT(status == (size <= most ? HEAD_OK : HEAD_BAD));
            EXPECT(head_scan(&whole, text, sizeof(text), &few, &end, &error) == status);
            EXPECT(status == HEAD_OK ? end == size : error.status == 431);
        }
    }
}

static void test_limits_of_a_head(void)
{
    char text[2048];
    struct request_head head;
    struct head_error error;

    for (size_t n = 0; n < 40; n++) {
        size_t len = (size_t)snprintf(text, sizeof(text), GET "Host:\r\n");

        for (size_t i = 0; i < n; i++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "a:\r\n");
        len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\n");

        bool fits = n + 1 <= limits.headers;

        EXPECT((request_head_read(&head, text, len, &limits, 0, &error) == HEAD_OK) == fits);
        EXPECT(fits || (error.status == 431 &&
                        strcmp(error.text, "more than 20 headers (-maxheaders)") == 0));
        request_head_clear(&head);

        struct head_limits small = { .bytes = len - 1, .headers = 100 };

        EXPECT(request_head_read(&head, text, len, &small, 0, &error) == HEAD_BAD);
        EXPECT(error.status == 431);
    }
}

// --- every byte at every place that matters -----------------------------------------------------

// Puts each byte between 'before' and 'after'; true where 'accepted' lists it.
static void expect_accepted_bytes(const char *before, const char *after, const char *accepted,
                                  bool also_high)
{
    for (int byte = 0; byte < 256; byte++) {
        char text[512];
        int len = snprintf(text, sizeof(text), "%s%c%s", before, byte, after);
        bool expected = (byte != 0 && strchr(accepted, byte)) || (also_high && byte >= 0x80);

        if (accepts(text, (size_t)len) != expected)
            fprintf(stderr, "0x%02x between\n%s\nand\n%s\n", (unsigned)byte, before, after);
        EXPECT(accepts(text, (size_t)len) == expected);
    }
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TOKENS  DIGITS LETTERS "!#$%&'*+-.^_`|~"
#define PRINTED TOKENS "\"(),/:;<=>?@[\\]{} \t"

static void test_every_byte_in_a_header_line(void)
{
    // in front of a name, in it, between it and the colon, in front of and behind a value
    expect_accepted_bytes(GET HOST, "abc: d\r\n\r\n", TOKENS, false);
    expect_accepted_bytes(GET HOST "ab", "c: d\r\n\r\n", TOKENS ":", false);
    expect_accepted_bytes(GET HOST "abc", ": d\r\n\r\n", TOKENS ":", false);
    expect_accepted_bytes(GET HOST "abc:", "d\r\n\r\n", PRINTED, true);
    expect_accepted_bytes(GET HOST "abc: d", "d\r\n\r\n", PRINTED, true);
    expect_accepted_bytes(GET HOST "abc: d", "\r\n\r\n", PRINTED, true);
    // a long value, so that whole words are looked at
    expect_accepted_bytes(GET HOST "abc: dddddddddddd", "ddddddddddddd\r\n\r\n", PRINTED, true);
    // between CR and LF, and behind LF
    expect_accepted_bytes(GET HOST "abc: d\r", "\n\r\n", "", false);
}

static void test_every_byte_in_framing(void)
{
    // A name that gains a byte is another, meaningless one; CR and LF are never taken.
    expect_accepted_bytes(POST HOST CHUNKED, "Content-Length: 5\r\n\r\n", TOKENS, false);
    expect_accepted_bytes(POST HOST CHUNKED "Content-Length", ": 5\r\n\r\n", TOKENS, false);
    expect_accepted_bytes(POST HOST "Content-Length:", "5\r\n\r\n", " \t" DIGITS, false);
    expect_accepted_bytes(POST HOST "Content-Length: 5", "\r\n\r\n", " \t" DIGITS, false);
    expect_accepted_bytes(POST HOST "Content-Length: 5", "5\r\n\r\n", DIGITS, false);
    expect_accepted_bytes(POST HOST "Transfer-Encoding:", "chunked\r\n\r\n", " \t", false);
    expect_accepted_bytes(POST HOST "Transfer-Encoding: chunked", "\r\n\r\n", " \t", false);
    expect_accepted_bytes(POST HOST "Transfer-Encoding: chunk", "ed\r\n\r\n", "", false);
    expect_accepted_bytes(POST HOST "Transfer-Encoding: chun", "ed\r\n\r\n", "kK", false);
    // before the name: a byte there must not hide it from us and show it to another
    expect_accepted_bytes(POST HOST BODY, "Transfer-Encoding: chunked\r\n\r\n", TOKENS, false);
}

static void test_every_byte_in_the_request_line(void)
{
    // Which bytes a target may hold is target.c's business; here only that the line is cut right.
    expect_accepted_bytes("", "GET / HTTP/1.1\r\n" HOST "\r\n", "", false);
    expect_accepted_bytes("GET", "/ HTTP/1.1\r\n" HOST "\r\n", " ", false);
    expect_accepted_bytes("GET /", " HTTP/1.1\r\n" HOST "\r\n", TOKENS "\"(),/:;<=>?@[\\]{}", true);
    expect_accepted_bytes("GET /", "HTTP/1.1\r\n" HOST "\r\n", " ", false);
    expect_accepted_bytes("GET / HTTP/1", "1\r\n" HOST "\r\n", ".", false);
    expect_accepted_bytes("GET / HTTP/", ".1\r\n" HOST "\r\n", "1", false);
    expect_accepted_bytes("GET / HTTP/1.", "\r\n\r\n", "0", false);
    expect_accepted_bytes("GET / HTTP/1.", "\r\n" HOST "\r\n", "01", false);
    expect_accepted_bytes("GET / HTTP/1.1", "\r\n" HOST "\r\n", "", false);
    expect_accepted_bytes(GET "Host: a", "b\r\n\r\n", LETTERS DIGITS "!$%&'()*+,-.:;=[]_~", false);
    expect_accepted_bytes(GET HOST "Upgrade: a", "b\r\nConnection: upgrade\r\n\r\n", TOKENS "/",
                          false);
    expect_accepted_bytes(GET HOST BODY "Content-Type: multipart", "x\r\n\r\n",
                          TOKENS "\"(),:;<=>?@[\\]{} \t", false);
}

int main(void)
{
    RUN(test_scan_with_every_cut);
    RUN(test_scan_refuses_at_the_first_wrong_byte);
    RUN(test_scan_is_bounded);
    RUN(test_limits_of_a_head);
    RUN(test_every_byte_in_a_header_line);
    RUN(test_every_byte_in_framing);
    RUN(test_every_byte_in_the_request_line);
    return 0;
}
