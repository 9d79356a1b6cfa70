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

// --- objects ------------------------------------------------------------------------------------

// What is read of an object.
struct reader {
    const char *end;
    struct member *out; // NULL: nothing but what is within it
    size_t most, count;
    bool odd;
    struct members_within *within;
    size_t within_count;
    size_t level; // names of 'within' that lead here
};

static const char *read_object(struct reader *r, const char *p);

// At the value that the name at the level leads to.
static const char *read_within(const struct reader *r, struct members_within *w, const char *p)
{
    bool last = r->level + 1 == w->name_count;
    struct reader inner = { .end = r->end,
                            .out = last ? w->out : NULL,
                            .most = last ? w->most : 0,
                            .within = last ? NULL : w,
                            .within_count = last ? 0 : 1,
                            .level = r->level + 1 };

    w->count = MEMBERS_NONE;
    if (*p != '{') {
        w->count = MEMBERS_ODD;
        return skip_value(p, r->end);
    }
    p = read_object(&inner, p);
    if (inner.odd)
        w->count = MEMBERS_ODD;
    else if (last)
        w->count = inner.count;
    return p;
}

static const char *read_value(const struct reader *r, struct span key, const char *p)
{
    for (size_t i = 0; i < r->within_count; i++)
        if (span_is(r->within[i].names[r->level], key))
            return read_within(r, &r->within[i], p);
    return skip_value(p, r->end);
}

static void keep(struct reader *r, struct span key, struct span value)
{
    if (!r->out)
        return;
    if (r->count < r->most)
        r->out[r->count++] = (struct member){ key, value };
    else
        r->odd = true;
}

// From a quote to the member's end.
static const char *read_member(struct reader *r, const char *p)
{
    const char *from = p, *value;
    struct span key;

    p = plain_end(from + 1, r->end);
    if (p < r->end && *p == '"') {
        p++;
    } else {
        r->odd = true;
        p = skip_string(from, r->end);
    }
    if (!p)
        return NULL;
    key = (struct span){ from + 1, (size_t)(p - from) - 2 };
    p = skip_space(p, r->end);
    if (!p || *p != ':' || !(value = skip_space(p + 1, r->end)))
        return NULL;
    p = read_value(r, key, value);
    if (p)
        keep(r, key, (struct span){ value, (size_t)(p - value) });
    return p;
}

// At the bracket; to behind the other one.
static const char *read_object(struct reader *r, const char *p)
{
    p = skip_space(p + 1, r->end);
    if (p && *p == '}')
        return p + 1;
    while (p && *p == '"') {
        p = read_member(r, p);
        if (!p || !(p = skip_space(p, r->end)))
            return NULL;
        if (*p == '}')
            return p + 1;
        if (*p != ',')
            return NULL;
        p = skip_space(p + 1, r->end);
    }
    return NULL;
}

size_t members_read(struct span object, struct member *out, size_t most,
                    struct members_within *within, size_t within_count)
{
    struct reader r = { .end = object.at + object.len,
                        .out = out,
                        .most = most,
                        .within = within,
                        .within_count = within_count };

    for (size_t i = 0; i < within_count; i++)
        within[i].count = MEMBERS_NONE;
    if (object.len == 0 || *object.at != '{')
        return MEMBERS_ODD;
    return read_object(&r, object.at) && !r.odd ? r.count : MEMBERS_ODD;
}
