// reader: a second reader of JSON, for the fuzzers of core/json, with which it has nothing in
// common. It recurses over a whole text. Each function begins at the first byte of what it reads
// and returns where that ends, or NULL. 'depth' is the most brackets within brackets.
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline const char *reader_space(const char *p, const char *end)
{
    while (p < end && *p && strchr(" \t\r\n", *p))
        p++;
    return p;
}

static inline const char *reader_digits(const char *p, const char *end)
{
    const char *from = p;

    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p > from ? p : NULL;
}

static inline const char *reader_number(const char *p, const char *end)
{
    p += p < end && *p == '-';
    if (p < end && *p == '0')
        p++;
    else if (!(p = reader_digits(p, end)))
        return NULL;
    // A digit behind a leading zero would be a number of its own at the top; it is none in JSON.
    if (p < end && p[-1] == '0' && *p >= '0' && *p <= '9')
        return NULL;
    if (p < end && *p == '.' && !(p = reader_digits(p + 1, end)))
        return NULL;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        p = reader_digits(p, end);
    }
    return p;
}

static inline const char *reader_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20)
            return NULL;
        if (*p != '\\')
            continue;
        if (++p == end || !*p || !strchr("\"\\/bfnrtu", *p))
            return NULL;
        for (int i = 0; *p == 'u' && i < 4; i++) {
            if (end - p < 5 || !p[1 + i] || !strchr("0123456789abcdefABCDEF", p[1 + i]))
                return NULL;
        }
    }
    return p < end ? p + 1 : NULL;
}

static inline const char *reader_value(const char *p, const char *end, unsigned depth);

static inline const char *reader_brackets(const char *p, const char *end, unsigned depth)
{
    bool object = *p == '{';
    char close = object ? '}' : ']';

    if (depth == 0)
        return NULL;
    p = reader_space(p + 1, end);
    if (p < end && *p == close)
        return p + 1;
    for (;;) {
        if (object) {
            if (p == end || *p != '"' || !(p = reader_string(p, end)))
                return NULL;
            p = reader_space(p, end);
            if (p == end || *p++ != ':')
                return NULL;
            p = reader_space(p, end);
        }
        if (!(p = reader_value(p, end, depth - 1)))
            return NULL;
        p = reader_space(p, end);
        if (p == end || (*p != ',' && *p != close))
            return NULL;
        if (*p++ == close)
            return p;
        p = reader_space(p, end);
    }
}

static inline const char *reader_value(const char *p, const char *end, unsigned depth)
{
    static const char *const words[] = { "true", "false", "null" };

    if (p == end)
        return NULL;
    if (*p == '"')
        return reader_string(p, end);
    if (*p == '{' || *p == '[')
        return reader_brackets(p, end, depth);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = strlen(words[i]);

        if ((size_t)(end - p) >= len && memcmp(p, words[i], len) == 0)
            return p + len;
    }
    return reader_number(p, end);
}
