// share: what one client has of a worker, so that nobody's connections, requests or refusals take
// it from others. A client is an address; on a Unix socket, a user at a listener. However many
// connections it has, they have one share.
//
// shares owns all of them. A share lives while it has a connection, and after that as long as its
// lines are counted. turns.h says who may run, share_may_log() who may write.
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "net/peer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct event_base;
struct shares;
struct turn;

#define SHARE_NAME 128

struct share {
    LIST_ENTRY(share) link; // of its bucket
    unsigned connections;
    size_t held;     // bytes of bodies that wait for a policy's word
    unsigned lines;  // about refused requests, in this second
    unsigned untold; // that were counted and not written
    bool counting;   // 'lines' is of this second
    LIST_ENTRY(share) counting_link;

    // What turns.c keeps of it.
    TAILQ_HEAD(turn_queue, turn) queue;
    TAILQ_ENTRY(share) ring;
    uint64_t round;    // the round of the event loop that 'spent_us' is of
    uint64_t spent_us; // the time that its connections had in it
    uint64_t ready_us; // when it may run again, after a turn that was too long

    char name[SHARE_NAME];
};

// 'most_lines': about refused requests, of one client in a second; 0: all. NULL: no memory.
struct shares *shares_new(struct event_base *base, const struct log *log, unsigned most_lines);
void shares_free(struct shares *shares); // no connection is left

// Counts one more connection of that peer; a client has at most 'most'. NULL: it has its share
// already, or there is no memory.
struct share *share_enter(struct shares *shares, const struct peer *peer, const char *listener,
                          unsigned most);
void share_leave(struct shares *shares, struct share *share);

// Whether one more line about a refused request of that client is written. False: it is counted,
// and a line says how many there were.
MUST_USE bool share_may_log(struct shares *shares, struct share *share);
