// pool: connections to the engine. Keeps idle ones for requests that can be repeated; everything
// else gets one of its own, so that a request which may have had an effect is never sent twice.
//
// Idle connections are kept by what they were used for: whatever a client made the engine say on
// one, however late it comes, cannot be taken for the answer to a question of moonward's own.
#pragma once

#include "base/api_version.h"
#include "base/attr.h"
#include "config/settings.h"

#include <stdbool.h>

struct event_base;
struct pool;
struct pool_ticket;
struct reaper;
struct resolver;
struct stream;

enum pool_set {
    POOL_NONE, // a connection that was not used before; or that is not used again
    POOL_REQUESTS,
    POOL_QUESTIONS,
    POOL_SETS,
};

struct pool_failure {
    int status; // 502, or 504 when it took too long
    const char *message;
};

// Exactly one of 'stream' and 'failure' is set. The stream is the caller's from now on.
typedef void (*pool_fn)(void *arg, struct stream *stream, bool reused,
                        const struct pool_failure *failure);

// 'settings' and the others are borrowed and live longer. NULL: no memory.
struct pool *pool_new(struct event_base *base, struct reaper *reaper, struct resolver *resolver,
                      const struct settings *settings);
// Which version moonward's own questions to the engine carry: a question without one is deprecated,
// and a proxy behind may have rules for paths with one only. The engine says it when it is pinged.
struct engine_version {
    bool known;                      // it was pinged; the zero value: it was not
    char prefix[API_VERSION_PREFIX]; // of paths; "" if it did not say
};
struct engine_version *pool_engine_version(struct pool *pool); // lives as long as the pool

void pool_free(struct pool *pool);

// Asks for a connection, an idle one if the set has one. NULL: answered already.
struct pool_ticket *pool_get(struct pool *pool, enum pool_set from, pool_fn done, void *arg);
void pool_cancel(struct pool_ticket *ticket); // no answer will come; NULL is fine

// Closes an idle connection, so that there is a descriptor for something else. False: there was
// none.
MUST_USE bool pool_shrink(struct pool *pool);

// Gives a stream back, to a set for which it is fit and which has room; else it is closed.
void pool_put(struct pool *pool, enum pool_set to, struct stream *stream);
