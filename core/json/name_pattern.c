#include "json/name_pattern.h"

#include <string.h>

static void begin_piece(struct name_pattern *p, const char *store)
{
    p->pieces[p->count++] = (struct span){ store, 0 };
}

static void add_byte(struct name_pattern *p, char byte, char **store)
{
    *(*store)++ = byte;
    p->pieces[p->count - 1].len++;
}

const char *name_pattern_read(struct name_pattern *p, const char **at, const char *end, char stop,
                              char **store)
{
    p->count = 0;
    begin_piece(p, *store);
    for (; *at < end; (*at)++) {
        if (stop != '\0' && **at == stop) {
            (*at)++;
            return NULL;
        }
        if (**at == '*') {
            if (p->count > NAME_PATTERN_STARS)
                return "too many stars in a name";
            begin_piece(p, *store);
            continue;
        }
        if (**at == '\\') {
            if (*at + 1 == end || (*at)[1] == '\0' || !strchr("*\"\\", (*at)[1]))
                return "a backslash before something other than *, \" or \\";
            (*at)++;
        }
        add_byte(p, **at, store);
    }
    return stop == '\0' ? NULL : "the closing quote is missing";
}

static struct span behind(struct span text, size_t n)
{
    return (struct span){ text.at + n, text.len - n };
}

// Each piece in turn where it occurs first: if any way fits, that one does.
bool name_pattern_fits(const struct name_pattern *p, struct span name)
{
    struct span first = p->pieces[0], last = p->pieces[p->count - 1];

    if (p->count == 1)
        return span_is(first, name);
    if (!span_starts(name, first))
        return false;
    name = behind(name, first.len);
    if (name.len < last.len)
        return false;

    struct span tail = behind(name, name.len - last.len);

    name.len -= last.len;
    if (!span_is(tail, last))
        return false;
    for (unsigned i = 1; i + 1 < p->count; i++) {
        struct span piece = p->pieces[i];
        const char *found =
            piece.len == 0 ? name.at : memmem(name.at, name.len, piece.at, piece.len);

        if (!found)
            return false;
        name = behind(name, (size_t)(found - name.at) + piece.len);
    }
    return true;
}
