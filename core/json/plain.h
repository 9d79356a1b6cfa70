// plain: the plain part of a string of JSON, sixteen bytes at a time. In a header, because it is
// what the readers of JSON spend their time with.
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

// Of GCC and clang: operators work on all bytes at once, and a comparison gives 0xff or 0 for each.
typedef uint8_t plain_block __attribute__((vector_size(16)));

// Inside of a string: its first quote, backslash or control character, or the end.
static inline const char *plain_end(const char *p, const char *end)
{
    plain_block block;
    uint64_t halves[2];

    for (; (size_t)(end - p) >= sizeof(block); p += sizeof(block)) {
        memcpy(&block, p, sizeof(block));
        block = (plain_block)((block == '"') | (block == '\\') | (block < 0x20));
        memcpy(halves, &block, sizeof(halves));
        if (halves[0] != 0)
            return p + __builtin_ctzll(le64toh(halves[0])) / 8;
        if (halves[1] != 0)
            return p + 8 + __builtin_ctzll(le64toh(halves[1])) / 8;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
        p++;
    return p;
}
