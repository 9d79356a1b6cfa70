// A chunked body is the same however it is cut; what was decoded, encoded and decoded again is the
// same, and the same as what a plain decoder makes of it. The first byte chooses strictness
// and the size of the pieces.
#include "base/buffer.h"
#include "base/check.h"
#include "http/chunked.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct decoded {
    struct buffer body, trailer;
    enum chunked_status status;
    size_t used;
    const char *fault;
};

static void feed(struct chunked *c, struct decoded *d, const char *data, size_t len)
{
    while (d->status == CHUNKED_MORE && len > 0) {
        size_t skip, body;
        enum chunked_status status = chunked_step(c, data, len, &skip, &body);

        CHECK(skip <= len && body <= len - skip);
        CHECK(status == CHUNKED_DATA || body == 0);
        buffer_add(&d->body, data + skip, body);
        d->used += skip + body;
        data += skip + body;
        len -= skip + body;
        if (status != CHUNKED_DATA)
            d->status = status;
    }
}

static void decode(struct decoded *d, bool strict, const char *data, size_t len, size_t piece)
{
    struct chunked c;

    *d = (struct decoded){ .status = CHUNKED_MORE };
    buffer_init(&d->body, 1 << 20);
    buffer_init(&d->trailer, 1 << 20);
    chunked_init(&c, strict);
    for (size_t i = 0; i < len; i += piece)
        feed(&c, d, data + i, len - i < piece ? len - i : piece);
    buffer_add_span(&d->trailer, chunked_trailer(&c));
    d->fault = chunked_fault(&c);
    CHECK((d->status == CHUNKED_BAD) == (d->fault != NULL));
    chunked_clear(&c);
}

static void forget(struct decoded *d)
{
    buffer_clear(&d->body);
    buffer_clear(&d->trailer);
}

static void check_same(const struct decoded *a, const struct decoded *b)
{
    CHECK(a->status == b->status && a->used == b->used && a->fault == b->fault);
    CHECK(span_is(buffer_span(&a->body), buffer_span(&b->body)));
    CHECK(span_is(buffer_span(&a->trailer), buffer_span(&b->trailer)));
}

// A decoder of a whole text that is as plain as can be. Appends what it decodes, up to the last
// chunk or to where it is malformed or cut short; true if it came to the last chunk.
static bool plain_decode(struct buffer *body, bool strict, const char *p, const char *end)
{
    for (;;) {
        size_t left = 0, digits = 0;

        for (; p < end && isxdigit((unsigned char)*p) && digits < 16; p++, digits++)
            left = left * 16 + (size_t)(*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
        if (digits == 0 || left > INT64_MAX)
            return false;
        if (!strict && p < end && *p == ';') {
            while (p < end && *p != '\r')
                p++;
        }
        if (end - p < 2 || memcmp(p, "\r\n", 2) != 0)
            return false;
        p += 2;
        if (left == 0)
            return true;
        buffer_add(body, p, left < (size_t)(end - p) ? left : (size_t)(end - p));
        if (left > (size_t)(end - p) || (size_t)(end - p) - left < 2)
            return false;
        p += left;
        if (memcmp(p, "\r\n", 2) != 0)
            return false;
        p += 2;
    }
}

static void check_plain(const struct decoded *d, bool strict, const char *text, size_t len)
{
    struct buffer body;

    buffer_init(&body, 1 << 20);

    bool last = plain_decode(&body, strict, text, text + len);

    // It knows nothing of controls in extensions.
    if (strict || d->status != CHUNKED_BAD) {
        CHECK(span_is(buffer_span(&body), buffer_span(&d->body)));
        CHECK(last || d->status != CHUNKED_END);
    }
    buffer_clear(&body);
}

static void check_round(const struct decoded *d)
{
    struct decoded again;
    struct buffer coded;

    buffer_init(&coded, 1 << 21);
    if (d->body.len > 0) {
        buffer_printf(&coded, "%zx\r\n", d->body.len);
        buffer_add_span(&coded, buffer_span(&d->body));
        buffer_add_string(&coded, "\r\n");
    }
    buffer_add_string(&coded, "0\r\n");
    buffer_add_span(&coded, buffer_span(&d->trailer));
    buffer_add_string(&coded, "\r\n");
    decode(&again, false, coded.data, coded.len, coded.len);
    // A trailer that gained its spaces may be over the limit.
    if (again.status != CHUNKED_BAD || d->trailer.len < (15u << 10)) {
        CHECK(again.status == CHUNKED_END && again.used == coded.len);
        CHECK(span_is(buffer_span(&again.body), buffer_span(&d->body)));
        CHECK(span_is(buffer_span(&again.trailer), buffer_span(&d->trailer)));
    }
    forget(&again);
    buffer_clear(&coded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoded whole, pieces, lenient;

    if (size < 2)
        return 0;

    const char *text = (const char *)data + 1;
    bool strict = data[0] % 2 == 1;

    decode(&whole, strict, text, size - 1, size - 1);
    decode(&pieces, strict, text, size - 1, 1 + data[0] / 2 % 8);
    check_same(&whole, &pieces);
    check_plain(&whole, strict, text, size - 1);
    if (whole.status == CHUNKED_END)
        check_round(&whole);
    // Whatever strict takes, lenient takes as the same.
    if (strict && whole.status == CHUNKED_END) {
        decode(&lenient, false, text, size - 1, size - 1);
        CHECK(lenient.status == CHUNKED_END && lenient.used == whole.used);
        CHECK(span_is(buffer_span(&lenient.body), buffer_span(&whole.body)));
        CHECK(whole.trailer.len == 0);
        forget(&lenient);
    }
    forget(&whole);
    forget(&pieces);
    return 0;
}
