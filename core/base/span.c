#include "base/span.h"

#include <string.h>

struct span span_of(const char *text)
{
    return (struct span){ text, text ? strlen(text) : 0 };
}

bool span_is(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool span_is_nocase(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    }
    return true;
}

bool span_starts(struct span text, struct span prefix)
{
    return text.len >= prefix.len && span_is((struct span){ text.at, prefix.len }, prefix);
}
