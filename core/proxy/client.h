// client: one accepted connection. Owns its socket, the exchange that runs on it, the judge of that
// exchange and the connection to the engine while it has one; moves bytes and news between them.
// Start reading at serve().
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "config/settings.h"
#include "net/peer.h"
#include "proxy/exchange.h"
#include "proxy/judge.h"
#include "proxy/policies.h"

#include <stdbool.h>

struct client;
struct last_words;
struct share;
struct shares;
struct turns;

// What all clients of a worker share; the worker owns it.
struct client_shared {
    struct judge_tools tools;
    struct exchange_limits limits;
    const struct settings *settings;
    const struct log *log;
    struct shares *shares;
    struct turns *turns;
    struct last_words *last_words;
    struct policies *policies;
    bool draining;        // no further request on any connection
    struct client *first; // all of them
    unsigned count;
    unsigned refused;            // of these, so many are being told that they are too many
    char gone[128];              // whose connection was closed to make room
    void (*on_leave)(void *arg); // a client has gone
    void *arg;
};

// Takes over 'fd', and the place in 'share'. 'refusal': too many connections, say so and close; no
// request is read, and there is no share. False: no memory, and the descriptor is closed.
bool client_new(struct client_shared *shared, int fd, const struct peer *peer, const char *listener,
                struct share *share, const char *refusal);

// Closes a connection, so that there is a place for another: of those that are in no request the
// one for longest, of whoever has most connections. NULL: there is none; else whose it was, valid
// until the next call of this module.
const char *client_make_room(struct client_shared *shared);

// Closes those that wait for a request; the others end after the one they are at. 'keep_fresh': one
// that has connected and sent nothing yet may still send its request.
void client_drain_all(struct client_shared *shared, bool keep_fresh);

// Ends those whose client has gone where only reading would tell, and nobody reads: the engine does
// not take what came before. To be called every few seconds; what was the same twice in a row ends.
void client_sweep(struct client_shared *shared);

// Closes all at once.
void client_close_all(struct client_shared *shared);
