// reservations: names that requests in flight have taken or use, in memory that all workers share.
// A request that gives a name away takes it for its owner; one that relies on what a name means now
// uses it. Two owners may use one name at a time, and nobody else's name can be taken meanwhile.
//
// The supervisor makes it before it starts the workers; who holds what is found by looking at all
// slots, so that nothing has to be locked and a worker may die at any moment.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct reservations;

enum {
    RESERVATION_TAKEN = -1, // another owner has it
    RESERVATION_FULL = -2,  // all slots are in use, or all that one owner may have
};

#define RESERVATIONS_MAX       1024 // at a time
#define RESERVATIONS_PER_OWNER 128

struct reservations *reservations_new(void);      // NULL: no memory
void reservations_free(struct reservations *all); // of this process; NULL is fine

// Holds a name for an owner. The slot, for reservations_release(); or one of the above.
MUST_USE int reservations_hold(struct reservations *all, struct span name, struct span owner,
                               bool takes);

// Lets go of a slot, after 'seconds' more: what a request was about may still be going on when
// nobody waits for its answer any more.
void reservations_release(struct reservations *all, int slot, unsigned seconds);

// Lets go of all that a process held which has died, as above.
void reservations_release_all(struct reservations *all, pid_t process, unsigned seconds);
