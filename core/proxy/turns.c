#include "proxy/turns.h"

#include "base/check.h"
#include "base/clock.h"

#include <event2/event.h>
#include <stdlib.h>

#define ROUND_US  (1000 * CLOCK_SLOWER) // of one client, in a round of the loop
#define ALL_US    (4000 * CLOCK_SLOWER) // of all who have waited, in a round
#define LONG_US   (2000 * CLOCK_SLOWER) // of a turn that could not be cut
#define OTHERS_US 50000                 // somebody else was served so short a time ago

struct turns {
    struct event *due;
    uint64_t due_us;                    // when that is; 0: it is not added
    uint64_t round;                     // of the loop, the one that is going on
    TAILQ_HEAD(share_ring, share) ring; // those with a queue, the next one first
    struct turn *running;
    bool from_queue; // the next to begin has waited
    uint64_t began_us, end_us;
    // Whose turn was the last, when that was, and when somebody else's was before it.
    const struct share *last;
    uint64_t last_us, others_us;
};

// What is left of a client's time in this round.
static uint64_t left_of(const struct turns *turns, struct share *share)
{
    if (share->round != turns->round) {
        share->round = turns->round;
        share->spent_us = 0;
    }
    return share->spent_us < ROUND_US ? ROUND_US - share->spent_us : 0;
}

// --- the queue -----------------------------------------------------------------------------------

// A timer of no time is due in the next round, behind what has come from outside by then.
static void wake_up(struct turns *turns, uint64_t when, uint64_t now)
{
    uint64_t wait = when > now ? when - now : 0;
    struct timeval time = { .tv_sec = (time_t)(wait / 1000000),
                            .tv_usec = (suseconds_t)(wait % 1000000) };

    if (turns->due_us != 0 && turns->due_us <= now + wait)
        return;
    turns->due_us = now + wait;
    (void)event_add(turns->due, &time);
}

static void enqueue(struct turns *turns, struct turn *turn)
{
    struct share *share = turn->share;

    if (turn->queued)
        return;
    if (TAILQ_EMPTY(&share->queue))
        TAILQ_INSERT_TAIL(&turns->ring, share, ring);
    TAILQ_INSERT_TAIL(&share->queue, turn, link);
    turn->queued = true;
    wake_up(turns, share->ready_us, clock_now_us());
}

static void dequeue(struct turns *turns, struct turn *turn)
{
    struct share *share = turn->share;

    if (!turn->queued)
        return;
    TAILQ_REMOVE(&share->queue, turn, link);
    if (TAILQ_EMPTY(&share->queue))
        TAILQ_REMOVE(&turns->ring, share, ring);
    turn->queued = false;
}

// The last of a queue may take its client's share along when it runs.
static void run_queue(struct turns *turns, struct share *share)
{
    while (share->ready_us <= clock_now_us() && left_of(turns, share) > 0) {
        struct turn *turn = TAILQ_FIRST(&share->queue);
        bool is_last = TAILQ_NEXT(turn, link) == NULL;

        dequeue(turns, turn);
        turns->from_queue = true;
        turn->run(turn->arg);
        turns->from_queue = false;
        if (is_last)
            return;
    }
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
    struct turns *turns = arg;
    struct share *share;
    uint64_t now = clock_now_us(), end = now + ALL_US, next = UINT64_MAX;
    size_t clients = 0;

    (void)fd;
    (void)what;
    turns->due_us = 0;
    TAILQ_FOREACH(share, &turns->ring, ring)
    {
        clients++;
    }
    for (; clients > 0 && now < end && (share = TAILQ_FIRST(&turns->ring)) != NULL; clients--) {
        TAILQ_REMOVE(&turns->ring, share, ring);
        TAILQ_INSERT_TAIL(&turns->ring, share, ring);
        run_queue(turns, share);
        now = clock_now_us();
    }
    TAILQ_FOREACH(share, &turns->ring, ring)
    {
        next = share->ready_us < next ? share->ready_us : next;
    }
    if (next != UINT64_MAX)
        wake_up(turns, next, now);
}

// --- one turn ------------------------------------------------------------------------------------

bool turns_begin(struct turns *turns, struct turn *turn)
{
    struct share *share = turn->share;

    if (!share)
        return true;

    uint64_t left = left_of(turns, share), now = clock_now_us();
    bool may_run =
        turns->from_queue || (TAILQ_EMPTY(&share->queue) && left > 0 && share->ready_us <= now);

    if (!may_run || turns->running) {
        enqueue(turns, turn);
        return false;
    }
    turns->from_queue = false;
    turns->running = turn;
    turns->began_us = now;
    turns->end_us = now + left;
    return true;
}

bool turns_over(const struct turns *turns)
{
    return turns->running && clock_now_us() >= turns->end_us;
}

static void account(struct turns *turns, struct share *share)
{
    uint64_t now = clock_now_us(), spent = now - turns->began_us;

    if (turns->last != share)
        turns->others_us = turns->last_us;
    turns->last = share;
    turns->last_us = now;
    share->spent_us += spent;
    if (spent > LONG_US && turns->others_us + OTHERS_US > turns->began_us)
        share->ready_us = now + spent;
    turns->running = NULL;
}

void turns_end(struct turns *turns, struct turn *turn, bool again)
{
    if (turns->running != turn)
        return; // it has left, or has no share
    account(turns, turn->share);
    if (again)
        enqueue(turns, turn);
}

void turns_leave(struct turns *turns, struct turn *turn)
{
    if (!turn->share)
        return;
    if (turns->running == turn)
        account(turns, turn->share);
    dequeue(turns, turn);
    turn->share = NULL;
}

// The loop's clock would not do: it may stand still for several rounds.
void turns_next_round(struct turns *turns)
{
    turns->round++;
}

// --- life ----------------------------------------------------------------------------------------

struct turns *turns_new(struct event_base *base)
{
    struct turns *turns = calloc(1, sizeof(*turns));

    if (!turns)
        return NULL;
    TAILQ_INIT(&turns->ring);
    turns->round = 1; // a new client's share is of none
    turns->due = event_new(base, -1, 0, on_due, turns);
    if (!turns->due) {
        free(turns);
        return NULL;
    }
    return turns;
}

void turns_free(struct turns *turns)
{
    if (!turns)
        return;
    CHECK(TAILQ_EMPTY(&turns->ring));
    event_free(turns->due);
    free(turns);
}
