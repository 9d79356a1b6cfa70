// verdict_memory: verdicts that are remembered, by what they follow from. Knows nothing of Lua and
// of what a key is made of (decision_memory.c); a key that differs in a byte is another one.
//
// Bounded by entries and by bytes, however the keys are chosen: strangers choose them. What was not
// asked for since the hand of the clock came by last goes first.
#pragma once

#include "base/attr.h"
#include "base/span.h"
#include "lua/decision.h"

#include <stddef.h>

struct verdict_memory;

// 'entries' is rounded down to a power of two. NULL: no memory, or no random numbers. The caller
// owns the result.
struct verdict_memory *verdict_memory_new(size_t entries, size_t bytes);
void verdict_memory_free(struct verdict_memory *m); // NULL is fine

// The route that goes with it, and the verdict in 'out', of which only what is remembered is
// written; NULL: it is not remembered.
const struct route *verdict_memory_recall(struct verdict_memory *m, struct span key,
                                          struct verdict *out);

// Keeps a verdict that says yes or no and nothing else: no filter, no edit, no other path. 'route'
// is borrowed for as long as the memory lives. Without memory for it, it is not kept.
void verdict_memory_keep(struct verdict_memory *m, struct span key, const struct route *route,
                         const struct verdict *verdict);

size_t verdict_memory_count(const struct verdict_memory *m);
size_t verdict_memory_bytes(const struct verdict_memory *m); // of all entries, with their heads
