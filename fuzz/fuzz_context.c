// A build's context: however it is cut into pieces, the same Dockerfile is found, or the same
// fault, and the same passes; packed by gzip it is the same; what has another Dockerfile put to its
// end is read so; and nothing outside of a piece is read.
#define ZLIB_CONST
#include "base/buffer.h"
#include "base/check.h"
#include "tar/context.h"
#include "tar/header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct found {
    bool fine;
    uLong sum, passed;
    const char *fault;
};

static const struct span another = { "FROM another", 12 };

static void sum_up(void *arg, struct span piece)
{
    struct found *found = arg;

    found->passed = crc32(found->passed, (const Bytef *)piece.at, (uInt)piece.len);
}

// All of it; what it came to.
static enum context_status feed(struct context *c, const char *data, size_t len)
{
    enum context_status status;

    do {
        size_t n = len;

        status = context_feed(c, data, &n);
        CHECK(n <= len);
        data += n;
        len -= n;
    } while (status == CONTEXT_MORE);
    return status;
}

// 'tail': for the end of the archive, with another Dockerfile; NULL: it is not asked for.
static struct found find(const char *data, size_t size, size_t piece, struct buffer *tail)
{
    struct found found = { .fine = true };
    struct context *c =
        context_new((struct span){ "", 0 }, 1, (struct context_user){ sum_up, &found });
    struct span text = { 0 };
    bool over = false;

    CHECK(c);
    for (size_t at = 0; at < size && found.fine; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        char *copy = malloc(n);
        enum context_status status;

        CHECK(copy);
        memcpy(copy, data + at, n);
        status = feed(c, copy, n);
        free(copy);
        found.fine = status != CONTEXT_BAD;
        CHECK(!over || status == CONTEXT_OVER);
        over = status == CONTEXT_OVER;
    }
    found.fine = context_end(c, &text);
    if (found.fine && tail)
        context_finish(c, another, tail);
    found.sum = found.fine ? crc32(0, (const Bytef *)text.at, (uInt)text.len) : 0;
    found.fault = found.fine ? NULL : context_fault(c);
    CHECK(found.fine || found.fault);
    context_free(c);
    return found;
}

static void check_same(struct found a, struct found b)
{
    CHECK(a.fine == b.fine && a.sum == b.sum);
    CHECK(!a.fine || a.passed == b.passed);
    CHECK(a.fine || strcmp(a.fault, b.fault) == 0);
}

static void check_packed(struct found expected, const uint8_t *data, size_t size)
{
    uLong most = compressBound((uLong)size) + 64;
    char *out = malloc(most);
    z_stream zip = { .next_in = data, .avail_in = (uInt)size };

    CHECK(out && deflateInit2(&zip, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    zip.next_out = (Bytef *)out;
    zip.avail_out = (uInt)most;
    CHECK(deflate(&zip, Z_FINISH) == Z_STREAM_END);
    check_same(expected, find(out, most - zip.avail_out, 4096, NULL));
    (void)deflateEnd(&zip);
    free(out);
}

// The end alone is an archive, of one Dockerfile; its case is that of the one that was found.
static void check_finished(struct found found, const struct buffer *tail)
{
    if (!found.fine)
        return;

    struct found again = find(tail->data, tail->len, 100, NULL);

    CHECK(again.fine && again.sum == crc32(0, (const Bytef *)another.at, (uInt)another.len));
}

// The fuzzer cannot guess sums: those of headers are put right.
static void put_sums_right(char *data, size_t size)
{
    for (size_t at = 0; at + TAR_BLOCK <= size; at += TAR_BLOCK) {
        size_t sum = 0;
        char *field = data + at + 148;

        if (memcmp(data + at + 257, "ustar", 5) != 0)
            continue;
        memset(field, ' ', 8);
        for (size_t i = 0; i < TAR_BLOCK; i++)
            sum += (unsigned char)data[at + i];
        for (int digit = 5; digit >= 0; digit--, sum /= 8)
            field[digit] = (char)('0' + sum % 8);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);

    CHECK(copy);
    if (size > 0)
        memcpy(copy, data, size);
    put_sums_right(copy, size);

    struct buffer tail;

    buffer_init(&tail, CONTEXT_FINISH_MAX);

    struct found found = find(copy, size, size + 1, &tail);

    check_same(found, find(copy, size, 7, NULL));
    check_same(found, find(copy, size, TAR_BLOCK, NULL));
    if (size >= 6 && (unsigned char)copy[0] != 0x1f && memcmp(copy, "BZh", 3) != 0 &&
        (!found.fault || !strstr(found.fault, "packed by")))
        check_packed(found, (const uint8_t *)copy, size);
    check_finished(found, &tail);
    buffer_clear(&tail);
    free(copy);
    return 0;
}
