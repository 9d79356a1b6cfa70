// Names that requests in flight hold: who may have which, and what is left of those that died.
#include "test.h"

#include "base/reservations.h"

#include <sys/wait.h>
#include <unistd.h>

static void test_only_one_owner_takes_a_name(void)
{
    struct reservations *all = reservations_new();
    int one = reservations_hold(all, SPAN("image x"), SPAN("a"), true);

    EXPECT(one >= 0);
    EXPECT(reservations_hold(all, SPAN("image x"), SPAN("b"), true) == RESERVATION_TAKEN);
    EXPECT(reservations_hold(all, SPAN("image x"), SPAN("b"), false) == RESERVATION_TAKEN);

    int other = reservations_hold(all, SPAN("image y"), SPAN("b"), true);
    int again = reservations_hold(all, SPAN("image x"), SPAN("a"), true);

    EXPECT(other >= 0 && again >= 0);
    reservations_release(all, one, 0);
    EXPECT(reservations_hold(all, SPAN("image x"), SPAN("b"), true) == RESERVATION_TAKEN);
    reservations_release(all, again, 0);
    EXPECT(reservations_hold(all, SPAN("image x"), SPAN("b"), true) >= 0);
    reservations_free(all);
}

static void test_many_use_a_name_that_nobody_takes_then(void)
{
    struct reservations *all = reservations_new();
    int a = reservations_hold(all, SPAN("volume v"), SPAN("a"), false);
    int b = reservations_hold(all, SPAN("volume v"), SPAN("b"), false);

    EXPECT(a >= 0 && b >= 0);
    EXPECT(reservations_hold(all, SPAN("volume v"), SPAN("b"), true) == RESERVATION_TAKEN);
    reservations_release(all, a, 0);
    EXPECT(reservations_hold(all, SPAN("volume v"), SPAN("b"), true) >= 0);
    reservations_free(all);
}

static void test_an_owner_has_a_share_of_the_slots(void)
{
    struct reservations *all = reservations_new();
    char name[16];

    for (int i = 0; i < RESERVATIONS_PER_OWNER; i++) {
        (void)snprintf(name, sizeof(name), "n%d", i);
        EXPECT(reservations_hold(all, span_of(name), SPAN("a"), true) >= 0);
    }
    EXPECT(reservations_hold(all, SPAN("one more"), SPAN("a"), true) == RESERVATION_FULL);
    EXPECT(reservations_hold(all, SPAN("one more"), SPAN("b"), true) >= 0);
    reservations_free(all);
}

static void test_there_are_so_many_slots_and_no_more(void)
{
    struct reservations *all = reservations_new();
    char name[16];

    for (int i = 0; i < RESERVATIONS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "n%d", i);
        EXPECT(reservations_hold(all, span_of(name), span_of(name), true) == i);
    }
    EXPECT(reservations_hold(all, SPAN("one more"), SPAN("b"), true) == RESERVATION_FULL);
    reservations_release(all, 7, 0);
    EXPECT(reservations_hold(all, SPAN("one more"), SPAN("b"), true) == 7);
    reservations_free(all);
}

static void test_what_is_given_up_is_held_a_while(void)
{
    struct reservations *all = reservations_new();

    reservations_release(all, reservations_hold(all, SPAN("x"), SPAN("a"), true), 1);
    EXPECT(reservations_hold(all, SPAN("x"), SPAN("b"), true) == RESERVATION_TAKEN);
    EXPECT(usleep(1100000) == 0);
    EXPECT(reservations_hold(all, SPAN("x"), SPAN("b"), true) >= 0);
    reservations_free(all);
}

static void test_processes_share_it_and_one_that_died_lets_go(void)
{
    struct reservations *all = reservations_new();
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        _exit(reservations_hold(all, SPAN("x"), SPAN("a"), true) >= 0 ? 0 : 1);
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    EXPECT(reservations_hold(all, SPAN("x"), SPAN("b"), true) == RESERVATION_TAKEN);
    reservations_release_all(all, child, 0);
    EXPECT(reservations_hold(all, SPAN("x"), SPAN("b"), true) >= 0);
    reservations_free(all);
}

// Of two processes that take one name at the same time never both have it.
static void test_never_two_at_once(void)
{
    struct reservations *all = reservations_new();
    int wins[2][2];

    EXPECT(pipe(wins[0]) == 0 && pipe(wins[1]) == 0);
    for (int i = 0; i < 2; i++) {
        if (fork() != 0)
            continue;
        for (int round = 0; round < 2000; round++) {
            char name[16];
            (void)snprintf(name, sizeof(name), "n%d", round % 50);
            int slot = reservations_hold(all, span_of(name), i == 0 ? SPAN("a") : SPAN("b"), true);
            if (slot < 0)
                continue;
            int other = reservations_hold(all, span_of(name), SPAN("c"), true);
            if (other >= 0 && write(wins[i][1], "!", 1) != 1)
                _exit(1);
            reservations_release(all, slot, 0);
        }
        _exit(0);
    }

    int status = 0;
    char said;

    for (int i = 0; i < 2; i++) {
        EXPECT(wait(&status) > 0 && status == 0);
        EXPECT(close(wins[i][1]) == 0);
    }
    EXPECT(read(wins[0][0], &said, 1) == 0 && read(wins[1][0], &said, 1) == 0);
    reservations_free(all);
}

int main(void)
{
    RUN(test_only_one_owner_takes_a_name);
    RUN(test_many_use_a_name_that_nobody_takes_then);
    RUN(test_an_owner_has_a_share_of_the_slots);
    RUN(test_there_are_so_many_slots_and_no_more);
    RUN(test_what_is_given_up_is_held_a_while);
    RUN(test_processes_share_it_and_one_that_died_lets_go);
    RUN(test_never_two_at_once);
    return 0;
}
