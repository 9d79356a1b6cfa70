#include "json/unescape.h"

#include "base/check.h"

#include <stdint.h>
#include <string.h>

static uint32_t hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    return (uint32_t)((c | 0x20) - 'a') + 10;
}

// The value of the escape \uXXXX at p; more than 16 bits if there is none.
static uint32_t unit_at(const char *p, const char *end)
{
    uint32_t unit = 0;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return UINT32_MAX;
    for (int i = 2; i < 6; i++)
        unit = unit << 4 | hex_digit(p[i]);
    return unit;
}

static void add_utf8(struct buffer *out, uint32_t c)
{
    if (c < 0x80) {
        buffer_add_char(out, (char)c);
        return;
    }
    if (c < 0x800) {
        buffer_add_char(out, (char)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buffer_add_char(out, (char)(0xe0 | c >> 12));
        } else {
            buffer_add_char(out, (char)(0xf0 | c >> 18));
            buffer_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        }
        buffer_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    buffer_add_char(out, (char)(0x80 | (c & 0x3f)));
}

static const char *add_unit(struct buffer *out, const char *p, const char *end)
{
    uint32_t unit = unit_at(p, end), low;

    CHECK(unit <= 0xffff);
    p += 6;
    if (unit < 0xd800 || unit > 0xdfff) {
        add_utf8(out, unit);
        return p;
    }
    low = unit_at(p, end);
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) {
        add_utf8(out, 0xfffd);
        return p;
    }
    add_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    return p + 6;
}

static char short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c; // a quote, a slash, a backslash
    }
}

void unescape(struct span raw, struct buffer *out)
{
    const char *p = raw.at, *end = raw.at + raw.len;

    while (p < end) {
        const char *next = memchr(p, '\\', (size_t)(end - p));

        buffer_add(out, p, (size_t)((next ? next : end) - p));
        if (!next)
            return;
        CHECK(next + 1 < end);
        if (next[1] == 'u') {
            p = add_unit(out, next, end);
        } else {
            buffer_add_char(out, short_escape(next[1]));
            p = next + 2;
        }
    }
}
