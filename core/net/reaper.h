// reaper: frees things after the current round of the event loop, so that nothing is freed inside
// a callback that may still use it. Whoever hands a thing over has already stopped its events.
#pragma once

#include "base/attr.h"

struct event_base;
struct reaper;

// What can be reaped embeds one of these.
struct reaped {
    void (*free)(struct reaped *self);
    struct reaped *next;
};

// NULL: no memory. The caller owns the result and keeps 'base' alive longer.
struct reaper *reaper_new(struct event_base *base);
void reaper_free(struct reaper *reaper); // frees what is waiting, too

// Never fails. The thing is freed at the end of this round.
void reaper_add(struct reaper *reaper, struct reaped *thing);
