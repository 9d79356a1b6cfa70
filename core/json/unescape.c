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

static size_t write_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

// Moves *p behind the escape that is there.
static uint32_t read_unit(const char **p, const char *end)
{
    uint32_t unit = unit_at(*p, end), low;

    CHECK(unit <= 0xffff);
    *p += 6;
    if (unit < 0xd800 || unit > 0xdfff)
        return unit;
    low = unit_at(*p, end);
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return 0xfffd;
    *p += 6;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
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

size_t unescape_into(struct span raw, char *out)
{
    const char *p = raw.at, *end = raw.at + raw.len;
    size_t len = 0;

    while (p < end) {
        const char *next = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((next ? next : end) - p);

        memcpy(out + len, p, plain);
        len += plain;
        if (!next)
            break;
        CHECK(next + 1 < end);
        p = next;
        if (next[1] == 'u') {
            len += write_utf8(out + len, read_unit(&p, end));
        } else {
            out[len++] = short_escape(next[1]);
            p += 2;
        }
    }
    return len;
}

void unescape(struct span raw, struct buffer *out)
{
    char *room = raw.len > 0 ? buffer_room(out, raw.len) : NULL;

    if (room)
        buffer_filled(out, unescape_into(raw, room));
}
