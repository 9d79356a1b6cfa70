#include "base/number.h"

#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int number_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int number_read(struct span text, unsigned base, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    CHECK(base >= 2 && base <= 16);
    if (text.len == 0)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        int d = number_digit(text.at[i]);

        if (d < 0 || (unsigned)d >= base)
            return -1;
        if ((uint64_t)d > max || n > (max - (uint64_t)d) / base)
            return -1;
        n = n * base + (uint64_t)d;
    }
    *out = n;
    return 0;
}

#define SHORT 300 // digits, with which no number without an exponent is too large

bool number_overflows(struct span text)
{
    char room[2 * SHORT], *copy = room;
    bool overflows;

    if (text.len < SHORT && !memchr(text.at, 'e', text.len) && !memchr(text.at, 'E', text.len))
        return false;
    if (text.len >= sizeof(room))
        copy = malloc(text.len + 1);
    if (!copy)
        return true;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    overflows = isinf(strtod(copy, NULL));
    if (copy != room)
        free(copy);
    return overflows;
}
