// Turns in a loop whose clock ticks more slowly than it goes round.
#include "test.h"

#include "base/clock.h"
#include "proxy/share.h"
#include "proxy/turns.h"

#include <event2/event.h>

#define ROUNDS  40
#define TURN_US 1100 // all that a client may have in a round

struct busy {
    struct turns *turns;
    struct turn turn;
    unsigned runs;
};

static void run(void *arg)
{
    struct busy *busy = arg;

    if (!turns_begin(busy->turns, &busy->turn))
        return;
    busy->runs++;
    for (uint64_t end = clock_now_us() + TURN_US; clock_now_us() < end;)
        continue;
    turns_end(busy->turns, &busy->turn, true);
}

static void test_who_waits_runs_in_the_next_round(void)
{
    struct event_base *base = event_base_new();
    struct share share = { .name = "one" };
    struct busy busy = { .turns = turns_new(base) };

    EXPECT(base && busy.turns);
    TAILQ_INIT(&share.queue);
    busy.turn = (struct turn){ .share = &share, .run = run, .arg = &busy };
    run(&busy);
    for (unsigned i = 0; i < ROUNDS; i++) {
        turns_next_round(busy.turns);
        EXPECT(event_base_loop(base, EVLOOP_ONCE) == 0);
    }
    EXPECT(busy.runs == 1 + ROUNDS);
    turns_leave(busy.turns, &busy.turn);
    turns_free(busy.turns);
    event_base_free(base);
}

int main(void)
{
    RUN(test_who_waits_runs_in_the_next_round);
    return 0;
}
