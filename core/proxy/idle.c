#include "proxy/idle.h"

#include "net/stream.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>

#define SLOTS   256
#define SWEEP_S 30 // what lay unused from one sweep to the next is closed

struct idle {
    struct event *sweep;
    unsigned count;
    unsigned newest; // the slot used last: a warm one
    struct slot {
        struct idle *idle;
        struct stream *stream; // NULL: free
        bool swept;            // lay here when the last sweep came by
    } slots[SLOTS];
};

static void drop(struct slot *slot)
{
    stream_close(slot->stream);
    slot->stream = NULL;
    slot->idle->count--;
}

// Whatever an idle connection has to say (its end, or bytes), it is of no use any more.
static void on_change(void *arg)
{
    drop(arg);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct idle *idle = arg;

    (void)fd;
    (void)what;
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &idle->slots[i];

        if (slot->stream && slot->swept)
            drop(slot);
        slot->swept = true;
    }
}

struct idle *idle_new(struct event_base *base)
{
    static const struct timeval interval = { .tv_sec = SWEEP_S };
    struct idle *idle = calloc(1, sizeof(*idle));

    if (!idle)
        return NULL;
    for (unsigned i = 0; i < SLOTS; i++)
        idle->slots[i].idle = idle;
    idle->sweep = event_new(base, -1, EV_PERSIST, on_sweep, idle);
    if (!idle->sweep || event_add(idle->sweep, &interval) != 0) {
        idle_free(idle);
        return NULL;
    }
    return idle;
}

void idle_free(struct idle *idle)
{
    if (!idle)
        return;
    for (unsigned i = 0; i < SLOTS; i++) {
        if (idle->slots[i].stream)
            drop(&idle->slots[i]);
    }
    if (idle->sweep)
        event_free(idle->sweep);
    free(idle);
}

// What came in the meantime would be taken for the answer to what is sent now.
struct stream *idle_take(struct idle *idle)
{
    for (unsigned i = 0; i < SLOTS && idle->count > 0; i++) {
        unsigned at = (idle->newest + SLOTS - i) % SLOTS;
        struct stream *stream = idle->slots[at].stream;

        if (!stream)
            continue;
        if (!stream_silent(stream)) {
            drop(&idle->slots[at]);
            continue;
        }
        idle->slots[at].stream = NULL;
        idle->count--;
        idle->newest = at;
        return stream;
    }
    return NULL;
}

static bool is_fit(struct stream *stream)
{
    return !stream_input_ended(stream) && !stream_output_error(stream) &&
           evbuffer_get_length(stream_input(stream)) == 0 && stream_output_done(stream);
}

bool idle_put(struct idle *idle, struct stream *stream)
{
    if (!is_fit(stream) || idle->count == SLOTS)
        return false;
    for (unsigned i = 0; i < SLOTS; i++) {
        unsigned at = (idle->newest + i) % SLOTS;
        struct slot *slot = &idle->slots[at];

        if (slot->stream)
            continue;
        slot->stream = stream;
        slot->swept = false;
        idle->newest = at;
        idle->count++;
        stream_set_owner(stream, on_change, slot);
        stream_update(stream);
        return true;
    }
    return false;
}
