#include "json/members.h"

#include "json/plain.h"

#include <stdbool.h>

// Each skip begins where it says, and returns NULL if the text ends before.

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p < end ? p : NULL;
}

// At a quote.
static const char *skip_string(const char *p, const char *end)
{
    for (p++; (p = plain_end(p, end)) < end; p++) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\' && ++p == end)
            return NULL;
    }
    return NULL;
}

// At a bracket.
static const char *skip_brackets(const char *p, const char *end)
{
    size_t depth = 0;

    while (p && p < end) {
        switch (*p) {
        case '"':
            p = skip_string(p, end);
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (--depth == 0)
                return p + 1;
            break;
        default:
            break;
        }
        p++;
    }
    return NULL;
}

static bool ends_word(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_value(const char *p, const char *end)
{
    if (*p == '"')
        return skip_string(p, end);
    if (*p == '{' || *p == '[')
        return skip_brackets(p, end);
    while (p < end && !ends_word(*p))
        p++;
    return p;
}

// From a quote to the member's end.
static const char *read_member(const char *p, const char *end, struct member *out)
{
    const char *key_end = plain_end(p + 1, end);

    if (key_end == end || *key_end != '"')
        return NULL;
    out->key = (struct span){ p + 1, (size_t)(key_end - p - 1) };
    p = skip_space(key_end + 1, end);
    if (!p || *p != ':' || !(p = skip_space(p + 1, end)))
        return NULL;
    out->value.at = p;
    p = skip_value(p, end);
    if (p)
        out->value.len = (size_t)(p - out->value.at);
    return p;
}

size_t members_read(struct span object, struct member *out, size_t most)
{
    const char *p = object.at, *end = object.at + object.len;
    size_t count = 0;

    if (object.len == 0 || *p != '{')
        return MEMBERS_ODD;
    p = skip_space(p + 1, end);
    if (p && *p == '}')
        return 0;
    while (p && *p == '"' && count < most) {
        p = read_member(p, end, &out[count]);
        if (!p || !(p = skip_space(p, end)))
            return MEMBERS_ODD;
        count++;
        if (*p == '}')
            return count;
        if (*p != ',')
            return MEMBERS_ODD;
        p = skip_space(p + 1, end);
    }
    return MEMBERS_ODD;
}

const struct member *members_find(const struct member *members, size_t count, struct span key)
{
    while (count-- > 0)
        if (span_is(members[count].key, key))
            return &members[count];
    return NULL;
}
