// turns: lets connections run one after the other, so that none holds the event loop. A client
// (share.h) runs at once when there is news, for about a millisecond in each round of the loop;
// what is beyond that waits in its queue for a later round, behind the news of others. A turn that
// took much longer than that, as a policy's single decision may, is followed by a pause as long,
// while others are being served.
#pragma once

#include "base/attr.h"
#include "proxy/share.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct turns;

// Embedded in what has turns. Zeroed by its owner, who then sets the first three.
struct turn {
    struct share *share;
    void (*run)(void *arg); // its time has come: turns_begin() will let it
    void *arg;
    TAILQ_ENTRY(turn) link;
    bool queued;
};

struct turns *turns_new(struct event_base *base); // NULL: no memory
void turns_free(struct turns *turns);             // NULL is fine

// Whoever runs the loop calls it between two rounds.
void turns_next_round(struct turns *turns);

// False: it waits for its turn, and 'run' will be called. True: it runs, until turns_end().
MUST_USE bool turns_begin(struct turns *turns, struct turn *turn);
// Whether the one that runs should come to an end; asked between two requests.
MUST_USE bool turns_over(const struct turns *turns);
// 'again': there is more to do, for which 'run' is to be called.
void turns_end(struct turns *turns, struct turn *turn, bool again);

// It will not run any more, and may be freed; also from inside its turn.
void turns_leave(struct turns *turns, struct turn *turn);
