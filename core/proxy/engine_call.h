// engine_call: one GET that moonward itself asks of the engine, its answer read whole up to a
// limit. For policies that want to know what a request is about.
#pragma once

#include "base/attr.h"
#include "base/span.h"

struct engine_call;
struct event_base;
struct pool;
struct reaper;

// 'error' is NULL when there is an answer. The body is borrowed during the call.
typedef void (*engine_call_fn)(void *arg, int status, struct span body, const char *error);

// 'path' is canonical and goes out as it is. NULL: answered already, or no memory (also told).
struct engine_call *engine_call_start(struct event_base *base, struct reaper *reaper,
                                      struct pool *pool, const char *path, engine_call_fn done,
                                      void *arg);
void engine_call_cancel(struct engine_call *call); // no answer will come; NULL is fine
