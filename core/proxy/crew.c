#include "proxy/crew.h"

#include "base/clock.h"
#include "base/log_output.h"
#include "proxy/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// A worker that dies young is replaced with growing pauses.
#define YOUNG_US       UINT64_C(10000000)
#define PAUSE_FIRST_US UINT64_C(100000)
#define PAUSE_MAX_US   UINT64_C(30000000)

#define KILL_AGAIN_US UINT64_C(1000000) // what cannot die yet is not killed all the time

// --- children ------------------------------------------------------------------------------------

void crew_write_death(char *text, size_t size, int how)
{
    (void)snprintf(text, size, WIFSIGNALED(how) ? "signal %d" : "exit status %d",
                   WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
}

void crew_write_end(char *text, size_t size, const struct crew_slot *slot, int how)
{
    if (slot->late)
        (void)snprintf(text, size, "it did not serve in time");
    else
        crew_write_death(text, size, how);
}

void crew_take_lines(const struct log *log, struct log_output **output)
{
    log_output_inherit(log->output, *output);
    log_output_free(*output);
    *output = NULL;
}

void crew_begin_child(pid_t parent, int signal_of_death)
{
    sigset_t none;

    (void)prctl(PR_SET_PDEATHSIG, signal_of_death);
    if (getppid() != parent) // it died before the line above
        _exit(1);
    (void)signal(SIGINT, SIG_IGN); // Ctrl-C reaches the whole group; the supervisor passes it on
    (void)signal(SIGHUP, SIG_IGN);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static NORETURN void run_worker(const struct crew *c, const struct crew_slot *slot,
                                const struct policy_set *set, pid_t parent)
{
    struct log log = *c->log;
    struct worker_job job = { .launch = c->launch,
                              .set = set,
                              .log = &log,
                              .listeners = *c->listeners,
                              .reservations = c->reservations,
                              .is_first = slot->number == 0 };

    crew_begin_child(parent, SIGTERM);
    log.output = slot->output;
    if (!job.is_first)
        job.listeners.health = -1;
    exit(worker_run(&job));
}

static void start_worker(const struct crew *c, struct crew_slot *slot, const struct policy_set *set)
{
    pid_t parent = getpid();
    struct err err = { "" };

    slot->started_us = clock_now_us();
    slot->serves = slot->late = false;
    slot->kill_at_us = slot->started_us + set->patience_us;
    slot->output = log_output_another(c->log->output, &err);
    slot->pid = slot->output ? fork() : -1;
    if (slot->pid == 0)
        run_worker(c, slot, set, parent);
    if (slot->pid > 0)
        return;
    if (slot->output)
        err_errno(&err, "fork");
    log_output_free(slot->output);
    slot->output = NULL;
    slot->pid = 0;
    slot->start_at_us = slot->started_us + PAUSE_MAX_US;
    log_line(c->log, LOG_ERROR, "cannot start a worker", LOG_TEXT("error", err.text));
}

// --- generations ---------------------------------------------------------------------------------

bool crew_start_generation(struct crew *c, enum role role, const struct policy_set *set)
{
    unsigned number = 0;

    for (size_t i = 0; i < ARRAY_LEN(c->slots) && number < c->count; i++) {
        struct crew_slot *slot = &c->slots[i];

        if (slot->role != ROLE_NONE)
            continue;
        *slot = (struct crew_slot){ .role = role, .number = number };
        number++;
        start_worker(c, slot, set);
        if (slot->pid == 0 && role == ROLE_COMING)
            return false;
    }
    return number == c->count;
}

void crew_start_due(struct crew *c, const struct policy_set *set)
{
    uint64_t now = clock_now_us();

    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        struct crew_slot *slot = &c->slots[i];

        if (slot->role == ROLE_SERVING && slot->pid == 0 && slot->start_at_us <= now)
            start_worker(c, slot, set);
    }
}

bool crew_note_serving(struct crew *c, pid_t pid)
{
    struct crew_slot *slot = crew_find(c, pid);

    if (!slot)
        return false;
    slot->serves = true;
    if (slot->role != ROLE_COMING)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        if (c->slots[i].role == ROLE_COMING && !c->slots[i].serves)
            return false;
    }
    return true;
}

void crew_take_over(struct crew *c)
{
    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        if (c->slots[i].role == ROLE_COMING)
            c->slots[i].role = ROLE_SERVING;
    }
}

// --- ends ----------------------------------------------------------------------------------------

static void leave(struct crew_slot *slot, int signal, uint64_t patience_us)
{
    if (slot->pid == 0) {
        *slot = (struct crew_slot){ .role = ROLE_NONE };
        return;
    }
    slot->role = ROLE_LEAVING;
    slot->kill_at_us = clock_now_us() + patience_us;
    (void)kill(slot->pid, signal);
}

void crew_leave(struct crew *c, enum role role, int signal, uint64_t patience_us)
{
    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        if (c->slots[i].role == role)
            leave(&c->slots[i], signal, patience_us);
    }
}

void crew_signal(const struct crew *c, int signal)
{
    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        if (c->slots[i].pid > 0)
            (void)kill(c->slots[i].pid, signal);
    }
}

static bool has_deadline(const struct crew_slot *slot)
{
    return slot->pid > 0 && (slot->role == ROLE_LEAVING || !slot->serves);
}

void crew_kill_late(struct crew *c)
{
    uint64_t now = clock_now_us();

    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        struct crew_slot *slot = &c->slots[i];

        if (!has_deadline(slot) || slot->kill_at_us > now)
            continue;
        slot->late = slot->role != ROLE_LEAVING;
        slot->kill_at_us = now + KILL_AGAIN_US;
        (void)kill(slot->pid, SIGKILL);
    }
}

static void plan_next(const struct crew *c, struct crew_slot *slot, int how)
{
    uint64_t now = clock_now_us();
    bool young = now - slot->started_us < YOUNG_US;
    char reason[64];

    slot->pause_us = !young                ? PAUSE_FIRST_US
                     : slot->pause_us == 0 ? PAUSE_FIRST_US
                                           : slot->pause_us * 2;
    if (slot->pause_us > PAUSE_MAX_US)
        slot->pause_us = PAUSE_MAX_US;
    slot->start_at_us = now + slot->pause_us;
    crew_write_end(reason, sizeof(reason), slot, how);
    log_line(c->log, LOG_ERROR, "a worker died and will be replaced", LOG_TEXT("reason", reason),
             LOG_NUMBER("pause_ms", slot->pause_us / 1000));
}

enum role crew_note_death(struct crew *c, struct crew_slot *slot, int how, bool replace)
{
    enum role role = slot->role;

    slot->pid = 0;
    crew_take_lines(c->log, &slot->output);
    if (role != ROLE_SERVING)
        *slot = (struct crew_slot){ .role = ROLE_NONE };
    else if (replace)
        plan_next(c, slot, how);
    return role;
}

// --- questions -----------------------------------------------------------------------------------

struct crew_slot *crew_find(struct crew *c, pid_t pid)
{
    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        if (c->slots[i].pid == pid)
            return &c->slots[i];
    }
    return NULL;
}

bool crew_has_room(const struct crew *c)
{
    unsigned leaving = 0;

    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++)
        leaving += c->slots[i].role == ROLE_LEAVING;
    return leaving <= (CREW_LEAVING_MAX - 1) * c->count;
}

bool crew_is_empty(const struct crew *c)
{
    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        if (c->slots[i].pid > 0)
            return false;
    }
    return true;
}

uint64_t crew_next_wake_us(const struct crew *c, bool stopping)
{
    uint64_t at = UINT64_MAX;

    for (size_t i = 0; i < ARRAY_LEN(c->slots); i++) {
        const struct crew_slot *slot = &c->slots[i];
        uint64_t due = has_deadline(slot) ? slot->kill_at_us
                       : slot->role == ROLE_SERVING && slot->pid == 0 && !stopping
                           ? slot->start_at_us
                           : UINT64_MAX;

        at = due < at ? due : at;
    }
    return at;
}
