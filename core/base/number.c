#include "base/number.h"

#include "base/check.h"

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
