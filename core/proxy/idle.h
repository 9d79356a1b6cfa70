// idle: connections to the engine that wait for their next request. One that ends, or says anything
// while nobody asked, is closed at once; one that nobody needed for a while is closed, too.
#pragma once

#include "base/attr.h"

#include <stdbool.h>

struct event_base;
struct idle;
struct stream;

struct idle *idle_new(struct event_base *base); // NULL: no memory
void idle_free(struct idle *idle);              // closes what it holds; NULL is fine

// The one that was used last. NULL: none is there. The caller sets the owner.
struct stream *idle_take(struct idle *idle);

// True: taken over. False: of no further use, or there is no room; it is still the caller's.
MUST_USE bool idle_put(struct idle *idle, struct stream *stream);
