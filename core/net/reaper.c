#include "net/reaper.h"

#include <event2/event.h>
#include <stdlib.h>

struct reaper {
    struct event *due;
    struct reaped *waiting;
};

static void reap(evutil_socket_t fd, short what, void *arg)
{
    struct reaper *reaper = arg;

    (void)fd;
    (void)what;
    // Freeing one thing may hand over another.
    while (reaper->waiting) {
        struct reaped *thing = reaper->waiting;

        reaper->waiting = thing->next;
        thing->free(thing);
    }
}

struct reaper *reaper_new(struct event_base *base)
{
    struct reaper *reaper = calloc(1, sizeof(*reaper));

    if (!reaper)
        return NULL;
    reaper->due = event_new(base, -1, 0, reap, reaper);
    if (!reaper->due) {
        free(reaper);
        return NULL;
    }
    return reaper;
}

void reaper_free(struct reaper *reaper)
{
    if (!reaper)
        return;
    reap(-1, 0, reaper);
    event_free(reaper->due);
    free(reaper);
}

void reaper_add(struct reaper *reaper, struct reaped *thing)
{
    thing->next = reaper->waiting;
    reaper->waiting = thing;
    event_active(reaper->due, 0, 0);
}
