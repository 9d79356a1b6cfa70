#include "proxy/supervisor.h"

#include "base/clock.h"
#include "base/log_output.h"
#include "base/reservations.h"
#include "proxy/crew.h"
#include "proxy/listeners.h"
#include "proxy/policy_set.h"
#include "proxy/try_set.h"
#include "proxy/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BAD_SET     1 // exit statuses
#define NO_LISTENER 2

#define KILL_AFTER_US UINT64_C(2000000)  // behind the grace time
#define TRY_MAX_US    UINT64_C(60000000) // for a set that takes no CPU time either
#define START_US      UINT64_C(10000000) // for workers, on top of what the child took for the same
#define LOG_PAUSE_US  UINT64_C(50000)    // between two tries to write what nobody reads
#define LOG_DRAIN_MS  1000               // for the last lines
#define HELD_AFTER_S  600 // names of requests whose worker has died: the engine may go on with them

// The child that tries a set.
struct trial {
    pid_t pid; // 0: none runs
    struct log_output *output;
    uint64_t started_us;
    uint64_t kill_at_us;
    bool late; // and so it was killed
};

struct supervisor {
    const struct launch *launch;
    supervisor_prepare *prepare;
    struct log log;
    struct listeners listeners;
    struct policy_set *current; // NULL: the first one is being tried
    struct policy_set *next;    // that is tried, or whose workers are coming
    struct trial trial;
    struct crew crew;
    bool reload_wanted;  // again, or as soon as there is room
    bool reload_delayed; // the log has it
    sigset_t waited;     // the signals of the loop
    bool stopping;
    uint64_t kill_at_us;
    int status;
};

static uint64_t patience_us(const struct supervisor *s)
{
    return s->current ? s->current->settings.grace_s * UINT64_C(1000000) + KILL_AFTER_US : 0;
}

// --- stopping -----------------------------------------------------------------------------------

static void stop(struct supervisor *s, int status)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->status = status;
    s->kill_at_us = clock_now_us() + patience_us(s);
    if (s->current)
        listeners_close(&s->listeners, &s->current->settings);
    if (s->trial.pid > 0)
        (void)kill(s->trial.pid, SIGKILL);
    crew_signal(&s->crew, SIGTERM);
}

static void kill_late(struct supervisor *s)
{
    uint64_t now = clock_now_us();

    crew_kill_late(&s->crew);
    if (s->stopping && s->kill_at_us <= now)
        crew_signal(&s->crew, SIGKILL);
    if (s->trial.pid > 0 && s->trial.kill_at_us <= now) {
        s->trial.late = true;
        (void)kill(s->trial.pid, SIGKILL);
    }
}

// --- new policies -------------------------------------------------------------------------------

static void start_trial(struct supervisor *s)
{
    pid_t parent = getpid();
    struct err err = { "" };
    struct try_set what = { .launch = s->launch,
                            .log = s->log,
                            .prepare = s->current ? NULL : s->prepare,
                            .serving = s->current ? &s->current->settings : NULL };

    s->next = policy_set_new(&err);
    s->trial.started_us = clock_now_us();
    s->trial.kill_at_us = s->trial.started_us + TRY_MAX_US;
    s->trial.late = false;
    s->trial.output = s->next ? log_output_another(s->log.output, &err) : NULL;
    s->trial.pid = s->trial.output ? fork() : -1;
    if (s->trial.pid == 0) {
        crew_begin_child(parent, SIGKILL);
        what.set = s->next;
        what.log.output = s->trial.output;
        exit(try_set_run(&what));
    }
    if (s->trial.pid > 0)
        return;
    if (s->trial.output)
        err_errno(&err, "fork");
    log_output_free(s->trial.output);
    policy_set_free(s->next);
    s->next = NULL;
    s->trial.pid = 0;
    log_line(&s->log, LOG_ERROR, TRY_SET_REFUSED, LOG_TEXT("error", err.text));
    if (!s->current)
        stop(s, BAD_SET);
}

// As many generations as may leave at a time are leaving: this one waits until one is gone.
static bool has_room(struct supervisor *s)
{
    if (crew_has_room(&s->crew))
        return true;
    if (!s->reload_delayed)
        log_plain(&s->log, LOG_WARN, "the reload waits: too many old workers are still at work");
    s->reload_delayed = true;
    return false;
}

static void reload_if_wanted(struct supervisor *s)
{
    if (!s->reload_wanted || s->stopping || s->next || !has_room(s))
        return;
    s->reload_wanted = s->reload_delayed = false;
    start_trial(s);
}

static void give_up_next(struct supervisor *s, const char *why)
{
    if (why)
        log_line(&s->log, LOG_ERROR, TRY_SET_REFUSED, LOG_TEXT("error", why));
    crew_leave(&s->crew, ROLE_COMING, SIGKILL, 0);
    policy_set_free(s->next);
    s->next = NULL;
}

// The new workers serve, so the old ones take no further connections.
static void use_next(struct supervisor *s)
{
    crew_leave(&s->crew, ROLE_SERVING, WORKER_LEAVE, patience_us(s));
    crew_take_over(&s->crew);
    policy_set_free(s->current);
    s->current = s->next;
    s->next = NULL;
    log_line(&s->log, LOG_INFO, "policies reloaded", LOG_TEXT("set", s->current->hash));
}

// The first set has been tried: from here on there is something to serve.
static void begin_serving(struct supervisor *s)
{
    const struct settings *settings = &s->next->settings;

    s->current = s->next;
    s->next = NULL;
    s->log.least = settings->log_level;
    s->log.json = settings->log_json;
    s->crew.count = settings->workers < CREW_WORKERS_MAX ? settings->workers : CREW_WORKERS_MAX;
    if (listeners_check_engine(settings, &s->log) != 0 ||
        listeners_open(&s->listeners, settings, &s->log) != 0) {
        stop(s, NO_LISTENER);
        return;
    }
    listeners_raise_file_limit(settings);
    log_line(&s->log, LOG_INFO, "moonward running and listening...",
             LOG_TEXT("set", s->current->hash));
    (void)crew_start_generation(&s->crew, ROLE_SERVING, s->current);
}

// A worker does what the child did; if need be, one after another.
static uint64_t patience_of_start_us(const struct supervisor *s)
{
    const struct settings *serving = s->current ? &s->current->settings : &s->next->settings;

    return START_US + (clock_now_us() - s->trial.started_us) * serving->workers;
}

static void note_trial(struct supervisor *s, int how)
{
    bool good = s->next->complete && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    char reason[64];

    s->trial.pid = 0;
    crew_take_lines(&s->log, &s->trial.output);
    if (s->stopping)
        return;
    if (good) {
        file_set_close(s->next->files);
        s->next->patience_us = patience_of_start_us(s);
    }
    if (good && !s->current) {
        begin_serving(s);
    } else if (good) {
        if (!crew_start_generation(&s->crew, ROLE_COMING, s->next))
            give_up_next(s, "a new worker could not be started");
    } else {
        crew_write_death(reason, sizeof(reason), how);
        // An exit status means that the child has said what is wrong.
        give_up_next(s, s->trial.late    ? "the policies were not loaded after 60 s"
                        : WIFEXITED(how) ? NULL
                                         : reason);
        if (!s->current)
            stop(s, WIFEXITED(how) ? WEXITSTATUS(how) : BAD_SET);
    }
}

// --- signals ------------------------------------------------------------------------------------

static void note_death(struct supervisor *s, struct crew_slot *slot, int how)
{
    struct crew_slot was = *slot;
    bool engine_lost = WIFEXITED(how) && WEXITSTATUS(how) == WORKER_WATCHDOG_STATUS;
    char reason[64], text[128];

    if (engine_lost)
        stop(s, WORKER_WATCHDOG_STATUS);
    if (crew_note_death(&s->crew, slot, how, !s->stopping) != ROLE_COMING || s->stopping)
        return;
    crew_write_end(reason, sizeof(reason), &was, how);
    (void)snprintf(text, sizeof(text), "a new worker ended before it served: %s", reason);
    give_up_next(s, text);
}

// As process 1 of a container we also reap what others left behind.
static void reap(struct supervisor *s)
{
    int how;
    pid_t pid;

    while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
        struct crew_slot *slot = crew_find(&s->crew, pid);

        if (pid == s->trial.pid)
            note_trial(s, how);
        else if (slot)
            note_death(s, slot, how);
        reservations_release_all(s->crew.reservations, pid, HELD_AFTER_S);
    }
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t next_wake_us(const struct supervisor *s)
{
    uint64_t at =
        sooner(s->stopping ? s->kill_at_us : UINT64_MAX, crew_next_wake_us(&s->crew, s->stopping));

    if (!log_flush(&s->log))
        at = sooner(at, clock_now_us() + LOG_PAUSE_US);
    return s->trial.pid > 0 ? sooner(at, s->trial.kill_at_us) : at;
}

// False: no signal came, and it is time for something else.
static bool wait_signal(const struct supervisor *s, siginfo_t *info)
{
    uint64_t at = next_wake_us(s), now = clock_now_us();
    uint64_t us = at == UINT64_MAX ? 0 : at > now ? at - now : 1;
    struct timespec time = { .tv_sec = (time_t)(us / 1000000),
                             .tv_nsec = (long)(us % 1000000) * 1000 };

    return (us == 0 ? sigwaitinfo(&s->waited, info) : sigtimedwait(&s->waited, info, &time)) > 0;
}

static void handle(struct supervisor *s, const siginfo_t *info)
{
    switch (info->si_signo) {
    case SIGTERM:
    case SIGINT:
        if (s->stopping)
            s->kill_at_us = clock_now_us(); // asked twice: now
        else
            log_plain(&s->log, LOG_INFO, "received stop signal - shutting down");
        stop(s, 0);
        break;
    case SIGHUP:
        s->reload_wanted = true;
        break;
    case SIGCHLD:
        reap(s);
        break;
    default: // the number of a real-time signal is no constant
        if (info->si_signo == WORKER_SERVES && crew_note_serving(&s->crew, info->si_pid) &&
            !s->stopping)
            use_next(s);
        break;
    }
}

static void watch(struct supervisor *s)
{
    siginfo_t info;

    while (!s->stopping || !crew_is_empty(&s->crew) || s->trial.pid > 0) {
        if (!s->stopping && s->current)
            crew_start_due(&s->crew, s->current);
        if (s->current)
            reload_if_wanted(s);
        // Who has been late may have said something meanwhile, as when all of us were stopped.
        if (wait_signal(s, &info))
            handle(s, &info);
        else
            kill_late(s);
    }
}

static void take_signals(struct supervisor *s)
{
    static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };

    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&s->waited);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaddset(&s->waited, signals[i]);
    sigaddset(&s->waited, WORKER_SERVES);
    (void)sigprocmask(SIG_BLOCK, &s->waited, NULL);
}

int supervisor_run(const struct launch *launch, supervisor_prepare *prepare, const struct log *log)
{
    struct supervisor *s = calloc(1, sizeof(*s));
    int status = BAD_SET;
    bool was_serving = false;

    if (!s)
        return status;
    s->launch = launch;
    s->prepare = prepare;
    s->log = *log;
    s->listeners.health = -1;
    s->crew = (struct crew){ .launch = launch, .log = &s->log, .listeners = &s->listeners };
    s->crew.reservations = reservations_new();
    if (!s->crew.reservations) {
        log_plain(log, LOG_ERROR, "no memory for what the workers share");
        free(s);
        return status;
    }
    take_signals(s);
    start_trial(s);
    watch(s);
    status = s->status;
    was_serving = s->crew.count > 0 && status != NO_LISTENER;
    if (was_serving)
        log_line(&s->log, LOG_INFO, "shutdown finished - exiting", LOG_NUMBER("exit_code", status));
    log_output_drain(s->log.output, LOG_DRAIN_MS);
    policy_set_free(s->current);
    policy_set_free(s->next);
    reservations_free(s->crew.reservations);
    free(s);
    return status;
}
