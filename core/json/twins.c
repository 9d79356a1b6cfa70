#include "json/twins.h"

#include <stdlib.h>

#define FIRST_ROOM 16

struct twin {
    size_t from, to;
};

bool twins_add(struct twins *t, size_t from, size_t to)
{
    while (t->count > 0 && t->list[t->count - 1].from > from)
        t->count--;
    if (t->count == t->room) {
        size_t room = t->room > 0 ? 2 * t->room : FIRST_ROOM;
        struct twin *list = realloc(t->list, room * sizeof(*list));

        if (!list)
            return false;
        t->list = list;
        t->room = room;
    }
    t->list[t->count++] = (struct twin){ from, to };
    return true;
}

void twins_write(const struct twins *t, struct span text, struct buffer *out)
{
    size_t from = 0;

    for (size_t i = 0; i < t->count; i++) {
        buffer_add(out, text.at + from, t->list[i].from - from);
        from = t->list[i].to;
    }
    buffer_add(out, text.at + from, text.len - from);
}

void twins_clear(struct twins *t)
{
    free(t->list);
    *t = (struct twins){ .list = NULL };
}
