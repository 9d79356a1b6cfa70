#include "proxy/supervisor.h"

#include "base/clock.h"
#include "base/log_output.h"
#include "net/dial.h"
#include "net/listen.h"
#include "proxy/health.h"
#include "proxy/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_LISTENER    2
#define WORKERS_MAX    64
#define RESERVED_FILES 64

// A worker that dies young is replaced with growing pauses.
#define YOUNG_US       UINT64_C(10000000)
#define PAUSE_FIRST_US UINT64_C(100000)
#define PAUSE_MAX_US   UINT64_C(30000000)

#define KILL_AFTER_US UINT64_C(2000000) // behind the grace time

#define LOG_PAUSE_US UINT64_C(50000) // between two tries to write what nobody reads
#define LOG_DRAIN_MS 1000            // for the last lines

struct slot {
    pid_t pid;                 // 0: none runs
    struct log_output *output; // of the worker; what it leaves is written when it is dead
    uint64_t started_us;
    uint64_t pause_us;
    uint64_t start_at_us; // when to start the next
};

struct supervisor {
    struct setup *setup;
    const struct launch *launch;
    const struct log *log;
    struct worker_sockets sockets;
    size_t open_listeners;
    struct slot slots[WORKERS_MAX];
    unsigned count;
    sigset_t waited; // the signals of the loop
    bool stopping;
    uint64_t kill_at_us;
    int status;
};

// --- sockets ------------------------------------------------------------------------------------

static int open_listener(const struct listener_setting *l, struct err *err)
{
    struct listen_unix wanted = { l->at.path, l->mode, l->owner, l->group };

    return l->at.is_unix ? listen_unix_open(&wanted, err)
                         : listen_tcp_open(l->at.host, l->at.port, err);
}

// Nobody connects any more, also while what is running gets its grace time.
static void close_listeners(struct supervisor *s)
{
    for (size_t i = 0; i < s->open_listeners; i++) {
        close(s->sockets.listeners[i]);
        if (s->setup->settings.listeners[i].at.is_unix)
            (void)unlink(s->setup->settings.listeners[i].at.path);
    }
    s->open_listeners = 0;
    if (s->sockets.health >= 0)
        close(s->sockets.health);
    s->sockets.health = -1;
}

static int open_listeners(struct supervisor *s)
{
    const struct settings *settings = &s->setup->settings;
    struct err err = { "" };

    for (size_t i = 0; i < settings->listener_count; i++) {
        s->sockets.listeners[i] = open_listener(&settings->listeners[i], &err);
        if (s->sockets.listeners[i] < 0) {
            log_line(s->log, LOG_ERROR, "cannot listen", LOG_TEXT("error", err.text));
            close_listeners(s);
            return -1;
        }
        s->open_listeners++;
    }
    if (!settings->health_server)
        return 0;
    // As in wollomatic's proxy, a failure here is no reason not to start.
    s->sockets.health = listen_tcp_open(HEALTH_ADDRESS, HEALTH_PORT, &err);
    if (s->sockets.health < 0)
        log_line(s->log, LOG_ERROR, "cannot serve the health check", LOG_TEXT("error", err.text));
    return 0;
}

// An engine elsewhere may start later than we do; a socket that is not there was not mounted.
static int check_engine(const struct supervisor *s)
{
    const struct endpoint *to = &s->setup->settings.upstream;
    bool connecting;
    struct err err = { "" };

    if (!to->is_unix)
        return 0;

    int fd = dial_unix(to->path, &connecting);

    if (fd < 0 && errno != EAGAIN) {
        dial_explain_unix(to->path, errno, &err);
        log_line(s->log, LOG_ERROR, "socket not available", LOG_TEXT("error", err.text));
        return -1;
    }
    if (fd >= 0)
        close(fd);
    return 0;
}

// A client and its engine take a descriptor each. More than that is not asked for: some kernels
// have limits of a thousand millions, and a program that looks at each of them.
static void raise_file_limit(const struct settings *settings)
{
    rlim_t wanted = settings->max_connections * (rlim_t)2 + RESERVED_FILES;
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

// --- workers ------------------------------------------------------------------------------------

static void run_worker(struct supervisor *s, unsigned number, pid_t parent)
{
    struct worker_sockets sockets = s->sockets;
    struct log log = *s->log;

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) // it died before the line above
        _exit(1);
    (void)signal(SIGINT, SIG_IGN); // Ctrl-C reaches the whole group; the supervisor passes it on
    if (number > 0)
        sockets.health = -1;
    s->setup->log.output = log.output = s->slots[number].output;
    exit(worker_run(s->setup, s->launch, &log, &sockets, number == 0));
}

static void drop_output(struct slot *slot)
{
    log_output_free(slot->output);
    slot->output = NULL;
}

static void start_worker(struct supervisor *s, unsigned number)
{
    struct slot *slot = &s->slots[number];
    pid_t parent = getpid();
    struct err err = { "" };

    slot->started_us = clock_now_us();
    slot->output = log_output_another(s->log->output, &err);
    slot->pid = slot->output ? fork() : -1;
    if (slot->pid == 0)
        run_worker(s, number, parent);
    if (slot->pid > 0)
        return;
    if (slot->output)
        err_errno(&err, "fork");
    drop_output(slot);
    slot->pid = 0;
    slot->start_at_us = slot->started_us + PAUSE_MAX_US;
    log_line(s->log, LOG_ERROR, "cannot start a worker", LOG_TEXT("error", err.text));
}

static void start_due_workers(struct supervisor *s)
{
    uint64_t now = clock_now_us();

    for (unsigned i = 0; i < s->count; i++) {
        if (s->slots[i].pid == 0 && s->slots[i].start_at_us <= now)
            start_worker(s, i);
    }
}

static void tell_workers(const struct supervisor *s, int signal)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (s->slots[i].pid > 0)
            (void)kill(s->slots[i].pid, signal);
    }
}

static bool any_worker(const struct supervisor *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (s->slots[i].pid > 0)
            return true;
    }
    return false;
}

static void stop(struct supervisor *s, int status)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->status = status;
    s->kill_at_us = clock_now_us() + s->setup->settings.grace_s * UINT64_C(1000000) + KILL_AFTER_US;
    close_listeners(s);
    tell_workers(s, SIGTERM);
}

static void note_death(struct supervisor *s, struct slot *slot, int how)
{
    uint64_t now = clock_now_us();
    bool young = now - slot->started_us < YOUNG_US;
    char text[64];

    slot->pid = 0;
    log_output_inherit(s->log->output, slot->output);
    drop_output(slot);
    if (WIFEXITED(how) && WEXITSTATUS(how) == WORKER_WATCHDOG_STATUS)
        stop(s, WORKER_WATCHDOG_STATUS);
    if (s->stopping)
        return;
    slot->pause_us = !young                ? PAUSE_FIRST_US
                     : slot->pause_us == 0 ? PAUSE_FIRST_US
                                           : slot->pause_us * 2;
    if (slot->pause_us > PAUSE_MAX_US)
        slot->pause_us = PAUSE_MAX_US;
    slot->start_at_us = now + slot->pause_us;
    (void)snprintf(text, sizeof(text), WIFSIGNALED(how) ? "signal %d" : "exit status %d",
                   WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
    log_line(s->log, LOG_ERROR, "a worker died and will be replaced", LOG_TEXT("reason", text),
             LOG_NUMBER("pause_ms", slot->pause_us / 1000));
}

// As process 1 of a container we also reap what others left behind.
static void reap(struct supervisor *s)
{
    int how;
    pid_t pid;

    while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
        for (unsigned i = 0; i < s->count; i++) {
            if (s->slots[i].pid == pid)
                note_death(s, &s->slots[i], how);
        }
    }
}

// --- signals ------------------------------------------------------------------------------------

// The policies are checked here first, so that a broken file is reported once, and a worker that is
// started later gets what the others have.
static void reload(struct supervisor *s)
{
    struct err err = { "" };
    struct setup *setup = NULL;
    enum setup_status status =
        setup_new(s->launch->argc, s->launch->argv, s->launch->environ, s->log, NULL, &setup, &err);

    if (status != SETUP_OK) {
        setup_free(setup);
        log_line(s->log, LOG_ERROR, "reload failed; the old policies stay",
                 LOG_TEXT("error", err.text));
        return;
    }
    setup_free(s->setup);
    s->setup = setup;
    tell_workers(s, SIGHUP);
}

static uint64_t next_wake_us(const struct supervisor *s)
{
    uint64_t at = s->stopping ? s->kill_at_us : UINT64_MAX;

    if (!log_flush(s->log) && clock_now_us() + LOG_PAUSE_US < at)
        at = clock_now_us() + LOG_PAUSE_US;

    for (unsigned i = 0; i < s->count && !s->stopping; i++) {
        if (s->slots[i].pid == 0 && s->slots[i].start_at_us < at)
            at = s->slots[i].start_at_us;
    }
    return at;
}

// The signal that came, or 0 when it is time for something else.
static int wait_signal(const struct supervisor *s)
{
    uint64_t at = next_wake_us(s), now = clock_now_us();
    uint64_t us = at == UINT64_MAX ? 0 : at > now ? at - now : 1;
    struct timespec time = { .tv_sec = (time_t)(us / 1000000),
                             .tv_nsec = (long)(us % 1000000) * 1000 };
    int got = us == 0 ? sigwaitinfo(&s->waited, NULL) : sigtimedwait(&s->waited, NULL, &time);

    return got > 0 ? got : 0;
}

static void handle(struct supervisor *s, int signal)
{
    switch (signal) {
    case SIGTERM:
    case SIGINT:
        if (s->stopping)
            s->kill_at_us = clock_now_us(); // asked twice: now
        else
            log_plain(s->log, LOG_INFO, "received stop signal - shutting down");
        stop(s, 0);
        break;
    case SIGHUP:
        if (!s->stopping)
            reload(s);
        break;
    case SIGCHLD:
        reap(s);
        break;
    default:
        break;
    }
}

static void watch(struct supervisor *s)
{
    while (!s->stopping || any_worker(s)) {
        if (!s->stopping)
            start_due_workers(s);
        handle(s, wait_signal(s));
        if (s->stopping && clock_now_us() >= s->kill_at_us)
            tell_workers(s, SIGKILL);
    }
}

int supervisor_run(struct setup *setup, const struct launch *launch, const struct log *log)
{
    struct supervisor s = { .setup = setup, .launch = launch, .log = log, .sockets.health = -1 };

    s.count = setup->settings.workers < WORKERS_MAX ? setup->settings.workers : WORKERS_MAX;
    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&s.waited);
    sigaddset(&s.waited, SIGTERM);
    sigaddset(&s.waited, SIGINT);
    sigaddset(&s.waited, SIGHUP);
    sigaddset(&s.waited, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &s.waited, NULL);
    if (check_engine(&s) != 0 || open_listeners(&s) != 0) {
        setup_free(s.setup);
        return NO_LISTENER;
    }
    raise_file_limit(&setup->settings);
    log_plain(log, LOG_INFO, "moonward running and listening...");
    watch(&s);
    setup_free(s.setup);
    log_line(log, LOG_INFO, "shutdown finished - exiting", LOG_NUMBER("exit_code", s.status));
    log_output_drain(log->output, LOG_DRAIN_MS);
    return s.status;
}
