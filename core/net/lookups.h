// lookups: several names of hosts that are looked up at once. Whatever has come is taken together;
// so one name that takes its time holds up none of the others.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"

#include <stdbool.h>

struct lookups;
struct resolver;

// 'names': one a line. 'news' is called from the event loop when there is something to take. NULL:
// no memory.
struct lookups *lookups_new(struct resolver *resolver, const char *names, void (*news)(void *arg),
                            void *arg);
void lookups_free(struct lookups *lookups); // those that are under way are given up; NULL is fine

// Takes what has come since the last time: for each name a line "NAME TAB ERROR TAB ADDRESSES",
// where either the error is empty or the addresses, with blanks between them, are. False: nothing
// has, and 'news' will be called.
MUST_USE bool lookups_take(struct lookups *lookups, struct buffer *out);
