// access_log: the line that is written for each decision, and for tunnels and streams one when they
// open and one when they end. No bodies, no headers; values of build arguments and whatever looks
// like a password in a URL are masked.
#pragma once

#include "base/log.h"
#include "http/target.h"
#include "lua/decision.h"
#include "net/peer.h"

#include <stdbool.h>
#include <stdint.h>

enum access_event {
    ACCESS_DONE,   // the one line of an ordinary request
    ACCESS_OPENED, // a stream or tunnel begins
    ACCESS_CLOSED, // it has ended
};

struct access_entry {
    const struct peer *peer;
    const char *listener;
    struct span method;            // as it was sent; empty if it could not be read
    const struct target *target;   // all zero if it could not be read
    const char *raw_target;        // then: what can be shown of it
    const char *operation;         // "" for an unknown route
    const struct verdict *verdict; // NULL: refused before any policy
    const char *asker;             // without a verdict: the policy that was waiting; "" if none was
    bool abandoned;                // the client left before there was one
    const char *refusal;           // our own words to the client; "" if the engine spoke
    int status;                    // 0: the client got no answer
    bool cut;                      // the answer was not whole
    bool stalled;                  // it was given up, since a peer took nothing
    uint64_t duration_us;
    uint64_t bytes_in, bytes_out; // content
};

void access_log_write(const struct log *log, enum access_event event,
                      const struct access_entry *entry);
