// client_parts: what client.c (the course of a connection), client_ops.c (what its exchange asks
// for) and client_timer.c (deadlines) share. Nobody else includes this.
#pragma once

#include "net/reaper.h"
#include "proxy/access_log.h"
#include "proxy/client.h"
#include "proxy/share.h"
#include "proxy/turns.h"

#include <stdint.h>

struct event;
struct pool_ticket;
struct stream;

// Why the timer runs.
enum wait {
    WAIT_NOTHING,
    WAIT_IDLE,
    WAIT_HEAD,
    WAIT_BODY,
    WAIT_ANSWER,
    WAIT_LINGER,
};

struct client {
    struct reaped reaped;
    struct client_shared *shared;
    struct client *next, *prev;
    struct peer peer;
    char listener[64];
    struct share *share; // NULL: it is one too many, and only told so
    struct turn turn;    // its 'run' goes on with the client as far as possible
    uint64_t idle_us;    // since when it is in no request
    struct stream *stream;
    struct exchange *exchange;
    struct judge *judge;
    struct pool_ticket *ticket;
    struct stream *upstream;
    struct event *timer;
    enum wait waiting;
    uint64_t accepted_us;          // wall clock
    struct container_id container; // that is behind it, once a policy wanted to know
    uint64_t started_us;
    bool owes_body;       // the judge waits for it
    bool gave_dockerfile; // for the second half of its verdict
    bool judged;          // there is a verdict
    bool was_lost;        // at the last sweep
    uint64_t swept;       // bytes that had been moved then
    bool opened;          // the opening line of a stream was logged
    bool closing;         // no further request; what is in the output still goes out
    bool closed;
};

// client_ops.c
extern const struct exchange_ops client_ops;
void client_drop_judge(struct client *c);
void client_log(const struct client *c, enum access_event event);

// client_timer.c
void client_set_timer(struct client *c); // to be called when what the client waits for may differ
bool client_expire(struct client *c); // false: it was waited for long enough; the connection ends
