// A build's context: however it is cut into pieces, the same Dockerfile is found, or the same
// fault; packed by gzip it is the same; and nothing outside of a piece is read.
#define ZLIB_CONST
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
    uLong sum;
    const char *fault;
};

static struct found find(const char *data, size_t size, size_t piece)
{
    struct context *c = context_new((struct span){ "", 0 }, 1);
    struct found found = { .fine = true };
    struct span text = { 0 };
    bool ending = false;

    CHECK(c);
    for (size_t at = 0; at < size && found.fine; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        char *copy = malloc(n);
        enum context_status status;

        CHECK(copy);
        memcpy(copy, data + at, n);
        status = context_feed(c, copy, n);
        free(copy);
        found.fine = status != CONTEXT_BAD;
        CHECK(!ending || status != CONTEXT_PASS);
        ending = ending || status == CONTEXT_ENDING;
    }
    found.fine = context_end(c, &text);
    found.sum = found.fine ? crc32(0, (const Bytef *)text.at, (uInt)text.len) : 0;
    found.fault = found.fine ? NULL : context_fault(c);
    CHECK(found.fine || found.fault);
    context_free(c);
    return found;
}

static void check_same(struct found a, struct found b)
{
    CHECK(a.fine == b.fine && a.sum == b.sum);
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
    check_same(expected, find(out, most - zip.avail_out, 4096));
    (void)deflateEnd(&zip);
    free(out);
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

    struct found found = find(copy, size, size + 1);

    check_same(found, find(copy, size, 7));
    check_same(found, find(copy, size, TAR_BLOCK));
    if (size >= 6 && (unsigned char)copy[0] != 0x1f && memcmp(copy, "BZh", 3) != 0 &&
        (!found.fault || !strstr(found.fault, "packed by")))
        check_packed(found, (const uint8_t *)copy, size);
    free(copy);
    return 0;
}
