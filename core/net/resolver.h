// resolver: names to addresses without blocking (evdns reads /etc/resolv.conf and /etc/hosts
// itself, which also works in a static binary). A file that has changed is read again.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"

struct event_base;
struct resolver;
struct lookup;

#define RESOLVER_NONE "no such host" // the error that is an answer, and not the lack of one

// 'addresses': one a line, or NULL with an error in words. Called once, from the event loop or from
// inside resolver_ask() when the answer is known at once.
typedef void (*resolver_fn)(void *arg, const char *addresses, const char *error);

// NULL: no memory. A missing or empty resolv.conf is no failure; lookups then say so.
struct resolver *resolver_new(struct event_base *base);
void resolver_free(struct resolver *r);

// NULL: answered already, or no memory (the callback has said so).
struct lookup *resolver_ask(struct resolver *r, const char *name, resolver_fn done, void *arg);
void resolver_cancel(struct lookup *lookup); // no callback will come; NULL is fine
