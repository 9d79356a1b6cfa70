#include "lua/hang.h"

#include "lua/place.h"

#include <errno.h>
#include <lua.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct hang {
    timer_t timer;
    struct hang_hooks hooks;
    // Odd while Lua runs. Each run has a number of its own, so that two ticks that see the same odd
    // number saw the same run.
    volatile sig_atomic_t run;
    sig_atomic_t seen;      // by the last tick
    unsigned ticks, enough; // in a row that saw it; so many that it has hung
    lua_State *volatile L;
    void (*volatile on_seen)(lua_State *L);
    const char *volatile policy;
};

static int signal_number(void)
{
    return SIGRTMIN + 1;
}

// Looking into the Lua state from a signal handler is tolerable here and nowhere else: the thread
// stands still inside a C function, nothing is written, and the process ends right after. Should it
// crash all the same, then it has ended too, and the refusal was written before.
static NORETURN void expire(struct hang *hang)
{
    char where[128] = "";

    if (hang->hooks.refuse)
        hang->hooks.refuse(hang->hooks.arg);
    if (hang->L)
        place_of_policy(hang->L, where, sizeof(where));
    if (hang->hooks.report)
        hang->hooks.report(hang->hooks.arg, hang->policy ? hang->policy : "", where);
    _exit(hang->hooks.status != 0 ? hang->hooks.status : HANG_STATUS);
}

static void on_tick(int number, siginfo_t *info, void *context)
{
    struct hang *hang = info->si_value.sival_ptr;
    int saved = errno;
    sig_atomic_t run = hang->run;

    (void)number;
    (void)context;
    if (run % 2 != 0)
        hang->on_seen(hang->L);
    if (run % 2 == 0 || run != hang->seen)
        hang->ticks = 0;
    else if ((hang->ticks += 1 + (unsigned)info->si_overrun) >= hang->enough)
        expire(hang);
    hang->seen = run;
    errno = saved;
}

static int start_timer(struct hang *hang)
{
    struct sigaction action = { .sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_RESTART };
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
                              .sigev_signo = signal_number(),
                              .sigev_value.sival_ptr = hang };
    struct timespec tick = { .tv_nsec = HANG_TICK_MS * 1000000L };
    struct itimerspec every = { .it_interval = tick, .it_value = tick };

    sigemptyset(&action.sa_mask);
    if (sigaction(event.sigev_signo, &action, NULL) != 0 ||
        timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &hang->timer) != 0)
        return -1;
    if (timer_settime(hang->timer, 0, &every, NULL) != 0) {
        timer_delete(hang->timer);
        return -1;
    }
    return 0;
}

struct hang *hang_new(unsigned deadline_ms, const struct hang_hooks *hooks, struct err *err)
{
    struct hang *hang = calloc(1, sizeof(*hang));

    if (!hang) {
        err_set(err, "hang: out of memory");
        return NULL;
    }
    if (hooks)
        hang->hooks = *hooks;
    hang->enough = (deadline_ms + HANG_TICK_MS - 1) / HANG_TICK_MS;
    if (start_timer(hang) != 0) {
        err_errno(err, "hang: the timer for hanging policies");
        free(hang);
        return NULL;
    }
    return hang;
}

// A tick that is on its way would find freed memory, so it is taken first. There may be others of
// this kind in the process, whose next tick makes up for one that is taken by mistake.
void hang_free(struct hang *hang)
{
    static const struct timespec now = { 0 };
    sigset_t ours, before;

    if (!hang)
        return;
    sigemptyset(&ours);
    sigaddset(&ours, signal_number());
    (void)sigprocmask(SIG_BLOCK, &ours, &before);
    timer_delete(hang->timer);
    while (sigtimedwait(&ours, NULL, &now) > 0)
        continue;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    free(hang);
}

static void next_run(struct hang *hang)
{
    hang->run = (sig_atomic_t)(((unsigned)hang->run + 1) & 0x7fffffff);
}

void hang_enter(struct hang *hang, lua_State *L, void (*seen)(lua_State *L))
{
    hang->on_seen = seen;
    hang->L = L;
    next_run(hang);
}

void hang_leave(struct hang *hang)
{
    next_run(hang); // the number becomes even
    hang->L = NULL;
    hang->policy = NULL;
}

void hang_policy(struct hang *hang, const char *name)
{
    hang->policy = name;
}
