#include "http/head_fields.h"

#include "http/chars.h"

#include <stdlib.h>
#include <string.h>

enum head_status fields_open(struct fields *f, const char *data, size_t len,
                             const struct head_limits *limits, struct head_error *error)
{
    memset(f, 0, sizeof(*f));
    if (len > limits->bytes)
        return head_bad(error, 431, "the head is larger than %zu bytes (-maxhead)", limits->bytes);

    // "a:" and CRLF is the shortest line, so this is room for all of them. One more than the limit
    // is not needed: reading stops there.
    size_t room = len / 4 < limits->headers ? len / 4 : limits->headers;

    f->headers = malloc(room * sizeof(*f->headers) + len);
    if (!f->headers)
        return head_bad(error, 503, "out of memory");
    f->max = limits->headers;
    f->block = (char *)(f->headers + room);
    memcpy(f->block, data, len);
    return HEAD_OK;
}

static bool same(struct span name, const char *known)
{
    return memcmp(name.at, known, name.len) == 0;
}

enum field fields_kind(struct span name)
{
    switch (name.len) {
    case 4:
        return same(name, "host") ? FIELD_HOST : FIELD_OTHER;
    case 6:
        return same(name, "expect") ? FIELD_EXPECT : FIELD_OTHER;
    case 7:
        return same(name, "upgrade") ? FIELD_UPGRADE : FIELD_OTHER;
    case 10:
        return same(name, "connection") ? FIELD_CONNECTION : FIELD_OTHER;
    case 12:
        return same(name, "content-type") ? FIELD_CONTENT_TYPE : FIELD_OTHER;
    case 14:
        return same(name, "content-length") ? FIELD_CONTENT_LENGTH : FIELD_OTHER;
    case 16:
        return same(name, "content-encoding") ? FIELD_CONTENT_ENCODING : FIELD_OTHER;
    case 17:
        return same(name, "transfer-encoding") ? FIELD_TRANSFER_ENCODING : FIELD_OTHER;
    default:
        return FIELD_OTHER;
    }
}

// Says what is wrong with a line whose name did not end in a colon. 'at' is where reading stopped.
static enum head_status bad_name(const char *line, const char *at, const char *end,
                                 struct head_error *error)
{
    const char *colon = at < end ? memchr(at, ':', (size_t)(end - at)) : NULL;
    const char *stop = at < end ? memchr(at, '\r', (size_t)(end - at)) : NULL;

    if (at < end && at == line && (*at == ' ' || *at == '\t'))
        return head_bad(error, 400, "a header line that continues the one before it");
    if (at < end && at == line && *at == ':')
        return head_bad(error, 400, "a header without a name");
    if (!colon || (stop && stop < colon))
        return head_bad(error, 400, "a header line without a colon");
    if (*at == ' ' || *at == '\t')
        return head_bad(error, 400, "a space in a header name or before its colon");
    return head_bad(error, 400, "a header name with a character that is not allowed there");
}

static void note(struct fields *f, struct header header)
{
    enum field kind = fields_kind(header.name);

    f->headers[f->count++] = header;
    if (kind != FIELD_OTHER && f->seen[kind]++ == 0)
        f->first[kind] = header.value;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// Reads the line that begins at *at, and moves *at behind it.
static enum head_status read_line(struct fields *f, char **at, const char *end,
                                  struct head_error *error)
{
    char *p = *at;
    unsigned char lower;

    while (p < end && (lower = chars_token[(unsigned char)*p]) != 0)
        *p++ = (char)lower;
    if (p == end || *p != ':' || p == *at)
        return bad_name(*at, p, end, error);
    if (f->count == f->max)
        return head_bad(error, 431, "more than %zu headers (-maxheaders)", f->max);

    struct header header = { .name = { *at, (size_t)(p - *at) } };

    p++;
    while (p < end && is_blank(*p))
        p++;

    const char *stop = chars_text_end(p, end);
    const char *last = stop;

    if (end - stop < 2 || stop[0] != '\r' || stop[1] != '\n')
        return head_bad(error, 400, "a control character in a header value");
    while (last > p && is_blank(last[-1]))
        last--;
    header.value = (struct span){ p, (size_t)(last - p) };
    note(f, header);
    *at = p + (stop - p) + 2;
    return HEAD_OK;
}

enum head_status fields_read(struct fields *f, char *at, const char *end, struct head_error *error)
{
    while (end - at >= 2 && !(at[0] == '\r' && at[1] == '\n')) {
        if (read_line(f, &at, end, error) != HEAD_OK)
            return HEAD_BAD;
    }
    if (end - at != 2)
        return head_bad(error, 400, "the head does not end with its empty line");
    return HEAD_OK;
}

// Takes the next element off a comma-separated list. False when there is none left.
static bool next_element(struct span *list, struct span *out)
{
    while (list->len > 0) {
        const char *comma = memchr(list->at, ',', list->len);
        struct span item = { list->at, comma ? (size_t)(comma - list->at) : list->len };
        size_t used = item.len + (comma ? 1 : 0);

        list->at += used;
        list->len -= used;
        while (item.len > 0 && is_blank(item.at[0]))
            item.at++, item.len--;
        while (item.len > 0 && is_blank(item.at[item.len - 1]))
            item.len--;
        if (item.len > 0) {
            *out = item;
            return true;
        }
    }
    return false;
}

static bool lists(struct span value, struct span token)
{
    struct span item;

    while (next_element(&value, &item)) {
        if (span_is_nocase(item, token))
            return true;
    }
    return false;
}

bool fields_connection_lists(const struct fields *f, struct span token)
{
    if (f->seen[FIELD_CONNECTION] <= 1)
        return lists(f->first[FIELD_CONNECTION], token);
    for (size_t i = 0; i < f->count; i++) {
        if (fields_kind(f->headers[i].name) == FIELD_CONNECTION &&
            lists(f->headers[i].value, token))
            return true;
    }
    return false;
}
