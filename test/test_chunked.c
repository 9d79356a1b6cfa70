// The chunked coding: bodies come out whole, whatever the cuts; what is malformed is refused.
#include "test.h"

#include "base/attr.h"
#include "base/buffer.h"
#include "http/chunked.h"

#include <string.h>

struct seen {
    struct buffer body, trailer;
    enum chunked_status status;
    size_t used;
    const char *fault;
};

static void feed(struct chunked *c, struct seen *s, const char *data, size_t len)
{
    while (s->status == CHUNKED_MORE && len > 0) {
        size_t skip, body;
        enum chunked_status status = chunked_step(c, data, len, &skip, &body);

        EXPECT(skip + body <= len);
        EXPECT(status == CHUNKED_DATA ? body > 0 : body == 0);
        EXPECT(status != CHUNKED_MORE || skip == len);
        buffer_add(&s->body, data + skip, body);
        s->used += skip + body;
        data += skip + body;
        len -= skip + body;
        if (status != CHUNKED_DATA)
            s->status = status;
    }
}

// Cut in two at 'cut', or into single bytes if 'cut' is 'len'.
static struct seen see(bool strict, const char *text, size_t len, size_t cut)
{
    struct seen s = { .status = CHUNKED_MORE };
    struct chunked c;

    buffer_init(&s.body, 1 << 20);
    buffer_init(&s.trailer, 1 << 20);
    chunked_init(&c, strict);
    if (cut < len) {
        feed(&c, &s, text, cut);
        feed(&c, &s, text + cut, len - cut);
    } else {
        for (size_t i = 0; i < len; i++)
            feed(&c, &s, text + i, 1);
    }
    buffer_add_span(&s.trailer, chunked_trailer(&c));
    s.fault = chunked_fault(&c);
    chunked_clear(&c);
    return s;
}

static void forget(struct seen *s)
{
    buffer_clear(&s->body);
    buffer_clear(&s->trailer);
}

static bool text_is(const struct buffer *b, const char *text)
{
    return span_is(buffer_span(b), span_of(text));
}

static void test_bodies(void)
{
    static const struct {
        const char *text, *body, *rest, *trailer;
    } cases[] = {
        { "0\r\n\r\n", "", "", "" },
        { "0000\r\n\r\nGET", "", "GET", "" },
        { "5\r\nhello\r\n0\r\n\r\n", "hello", "", "" },
        { "1\r\na\r\n1\r\nb\r\n0\r\n\r\n0\r\n\r\n", "ab", "0\r\n\r\n", "" },
        { "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", "", "" },
        { "0000000000000003\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r", "", "" },
        { "0\r\nX-A: b\r\n\r\n", "", "", "x-a: b\r\n" },
        { "1\r\nz\r\n0\r\nX-A:b  \r\nY:\r\n\r\nrest", "z", "rest", "x-a: b\r\ny: \r\n" },
        { "0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: x\r\nConnection: x\r\n"
          "Trailer: x\r\nTE: x\r\nUpgrade: x\r\nKeep-Alive: x\r\nContent-Type: a/b\r\n"
          "Content-Encoding: gzip\r\nContent-Range: x\r\nEtag: \"x\"\r\n\r\n",
          "", "", "etag: \"x\"\r\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = strlen(cases[i].text);

        for (size_t cut = 0; cut <= len; cut++) {
            struct seen s = see(false, cases[i].text, len, cut);
            struct seen strict = see(true, cases[i].text, len, cut);

            EXPECT(s.status == CHUNKED_END && s.used == len - strlen(cases[i].rest));
            EXPECT(text_is(&s.body, cases[i].body) && text_is(&s.trailer, cases[i].trailer));
            EXPECT(strict.status == CHUNKED_END && strict.used == s.used);
            EXPECT(text_is(&strict.body, cases[i].body) && text_is(&strict.trailer, ""));
            forget(&s);
            forget(&strict);
        }
    }
}

static void test_extensions_are_skipped_in_responses_only(void)
{
    static const char *const cases[] = {
        "1;a\r\nx\r\n0\r\n\r\n",
        "1;\r\nx\r\n0\r\n\r\n",
        "1;a=b;c=\"d\r",
        "1\r\nx\r\n0;last\r\n\r\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = strlen(cases[i]);
        bool whole = i != 2;

        for (size_t cut = 0; cut <= len; cut++) {
            struct seen s = see(false, cases[i], len, cut), strict = see(true, cases[i], len, cut);

            EXPECT(s.status == (whole ? CHUNKED_END : CHUNKED_MORE));
            EXPECT(!whole || text_is(&s.body, "x"));
            EXPECT(strict.status == CHUNKED_BAD && strcmp(strict.fault, "a chunk extension") == 0);
            forget(&s);
            forget(&strict);
        }
    }
}

#define SIZE    "a chunk size that is not a hexadecimal number"
#define TRAILER "a trailer line that is not: name, colon, value"

static void test_malformed(void)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        { "\r\n", SIZE },
        { "\n", SIZE },
        { ";a\r\n", SIZE },
        { "g\r\n", SIZE },
        { "0x5\r\n", SIZE },
        { "+5\r\n", SIZE },
        { "-1\r\n", SIZE },
        { " 5\r\n", SIZE },
        { "5 \r\n", SIZE },
        { "5\t\r\n", SIZE },
        { "5\n", SIZE },
        { "5_0\r\n", SIZE },
        { "00000000000000005\r\n", "a chunk size of more than 16 digits" },
        { "10000000000000000\r\n", "a chunk size of more than 16 digits" },
        { "5\r5", "a chunk size line without LF after its CR" },
        { "1\r\r\n", "a chunk size line without LF after its CR" },
        { "1\r\nab", "a chunk that is longer than its size says" },
        { "1\r\na\n0\r\n\r\n", "a chunk that is longer than its size says" },
        { "1\r\na\r0", "a chunk that does not end with CRLF" },
        { "1;a\nb", "a control character in a chunk extension" },
        { "1;a\x01", "a control character in a chunk extension" },
        { "0\r\n\n", "a trailer line that ends with LF alone, not CRLF" },
        { "0\r\nA: b\n\r\n", "a trailer line that ends with LF alone, not CRLF" },
        { "0\r\n\rx", "a trailer line without LF after its CR" },
        { "0\r\nA: b\rx", "a trailer line without LF after its CR" },
        { "0\r\nGET / HTTP/1.1\r\n\r\n", TRAILER },
        { "0\r\nA : b\r\n\r\n", TRAILER },
        { "0\r\n: b\r\n\r\n", TRAILER },
        { "0\r\nA: b\r\n c\r\n\r\n", TRAILER },
        { "0\r\nA: \x01\r\n\r\n", TRAILER },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = strlen(cases[i].text);

        for (size_t cut = 0; cut <= len; cut++) {
            struct seen s = see(false, cases[i].text, len, cut);

            if (s.status != CHUNKED_BAD || strcmp(s.fault, cases[i].fault) != 0)
                fprintf(stderr, "case %zu: %s\n", i, s.fault ? s.fault : "accepted");
            EXPECT(s.status == CHUNKED_BAD && strcmp(s.fault, cases[i].fault) == 0);
            forget(&s);

            s = see(true, cases[i].text, len, cut);
            EXPECT(s.status == CHUNKED_BAD);
            forget(&s);
        }
    }
}

// A text of 'n' times 'piece' between two others.
static struct seen see_repeated(const char *before, const char *piece, size_t n, const char *after)
{
    struct buffer text;

    buffer_init(&text, 1 << 20);
    buffer_add_string(&text, before);
    for (size_t i = 0; i < n; i++)
        buffer_add_string(&text, piece);
    buffer_add_string(&text, after);

    struct seen s = see(false, text.data, text.len, text.len / 3);

    buffer_clear(&text);
    return s;
}

static void test_everything_is_bounded(void)
{
    static const struct {
        const char *before, *piece;
        size_t most;
        const char *after, *fault;
    } cases[] = {
        { "0;", "e", 4096, "\r\n\r\n", "a chunk extension of more than 4 KiB" },
        { "0\r\na:", "v", 16384 - 6, "\r\n\r\n", "a trailer of more than 16 KiB" },
        { "0\r\n", "a:\r\n", 64, "\r\n", TRAILER },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s =
            see_repeated(cases[i].before, cases[i].piece, cases[i].most, cases[i].after);

        EXPECT(s.status == CHUNKED_END);
        forget(&s);
        s = see_repeated(cases[i].before, cases[i].piece, cases[i].most + 1, cases[i].after);
        EXPECT(s.status == CHUNKED_BAD && strcmp(s.fault, cases[i].fault) == 0);
        forget(&s);
    }
}

static void test_largest_chunk(void)
{
    static const char text[] = "7fffffffffffffff\r\nabc";
    static const char more[] = "8000000000000000\r\nabc";
    struct seen s = see(true, text, sizeof(text) - 1, 3);

    EXPECT(s.status == CHUNKED_MORE && text_is(&s.body, "abc"));
    forget(&s);
    s = see(true, more, sizeof(more) - 1, 3);
    EXPECT(s.status == CHUNKED_BAD && strcmp(s.fault, "a chunk size that is too large") == 0);
    forget(&s);
}

static void test_every_byte(void)
{
    static const struct {
        const char *before, *after, *strict, *lenient;
    } cases[] = {
        { "", "\r\n\r\n", "0", "0" },
        { "0", "\r\n\r\n", "0", "0;" },
        { "0", "0\r\n\r\n", "0", "0;" },
        { "0\r", "\r\n", "\n", "\n" },
        { "0\r\n\r", "", "\n", "\n" },
        { "1\r\n1\r", "0\r\n\r\n", "\n", "\n" },
        { "1\r\n1", "\n0\r\n\r\n", "\r", "\r" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[64];
            size_t len = (size_t)snprintf(text, sizeof(text), "%s%c%s", cases[i].before, byte,
                                          cases[i].after);
            struct seen strict = see(true, text, len, 1), lenient = see(false, text, len, len);

            EXPECT((strict.status == CHUNKED_END && strict.used == len) ==
                   (byte != 0 && strchr(cases[i].strict, byte)));
            EXPECT((lenient.status == CHUNKED_END && lenient.used == len) ==
                   (byte != 0 && strchr(cases[i].lenient, byte)));
            forget(&strict);
            forget(&lenient);
        }
    }
}

int main(void)
{
    RUN(test_bodies);
    RUN(test_extensions_are_skipped_in_responses_only);
    RUN(test_malformed);
    RUN(test_everything_is_bounded);
    RUN(test_largest_chunk);
    RUN(test_every_byte);
    return 0;
}
