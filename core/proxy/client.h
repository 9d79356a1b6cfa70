// client: one accepted connection. Owns its socket, the exchange that runs on it, the judge of that
// exchange and the connection to the engine while it has one; moves bytes and news between them.
// Start reading at serve().
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "net/peer.h"
#include "proxy/exchange.h"
#include "proxy/judge.h"
#include "proxy/policies.h"

#include <stdbool.h>

struct client;
struct census;
struct last_words;

// What all clients of a worker share; the worker owns it.
struct client_shared {
    struct judge_tools tools;
    struct exchange_limits limits;
    const struct settings *settings;
    const struct log *log;
    struct census *census;
    struct last_words *last_words;
    struct policies *policies; // the present ones; swapped by a reload
    bool draining;             // no further request on any connection
    struct client *first;      // all of them
    unsigned count;
    void (*on_leave)(void *arg); // a client has gone
    void *arg;
};

// Takes over 'fd'. 'refusal': too many connections, say so and close; no request is read.
// False: no memory, and the descriptor is closed.
bool client_new(struct client_shared *shared, int fd, const struct peer *peer, const char *listener,
                const char *refusal);

// Closes those that wait for a request; the others end after the one they are at.
void client_drain_all(struct client_shared *shared);

// Ends those whose client has gone where only reading would tell, and nobody reads: the engine does
// not take what came before. To be called every few seconds; what was the same twice in a row ends.
void client_sweep(struct client_shared *shared);

// Closes all at once.
void client_close_all(struct client_shared *shared);
