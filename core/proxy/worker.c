#include "proxy/worker.h"

#include "base/check.h"
#include "base/log_output.h"
#include "base/memory.h"
#include "lua/containers.h"
#include "lua/hang.h"
#include "lua/host.h"
#include "net/reaper.h"
#include "net/resolver.h"
#include "proxy/acceptor.h"
#include "proxy/client.h"
#include "proxy/health.h"
#include "proxy/last_words.h"
#include "proxy/pool.h"
#include "proxy/share.h"
#include "proxy/turns.h"
#include "proxy/watchdog.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define SWEEP_S 5

struct worker {
    const struct launch *launch;
    const struct log *log;
    const struct settings *settings;
    struct worker_sockets sockets;
    struct event_base *base;
    struct client_shared shared;
    struct acceptor *acceptor;
    struct health *health;
    struct watchdog *watchdog;
    struct hang *hang;
    struct memory memory;
    struct event *on_term, *on_hup, *on_grace, *on_sweep, *on_lines, *on_log_room;
    bool lines_due;     // on_lines or on_log_room will come
    size_t held_bodies; // bytes of bodies that policies look into
    bool stopping;
    int status;
};

// --- the log: what a round of the loop says goes out in one write at its end ---------------------

static void write_lines(evutil_socket_t fd, short what, void *arg)
{
    struct worker *w = arg;

    (void)fd;
    (void)what;
    w->lines_due = !log_flush(w->log);
    if (w->lines_due)
        (void)event_add(w->on_log_room, NULL);
}

static void on_line(void *arg)
{
    struct worker *w = arg;

    if (w->lines_due)
        return;
    w->lines_due = true;
    event_active(w->on_lines, 0, 0);
}

// --- stopping -----------------------------------------------------------------------------------

static void maybe_leave(void *arg)
{
    struct worker *w = arg;

    if (w->stopping && w->shared.count == 0)
        (void)event_base_loopexit(w->base, NULL);
}

static void on_grace(evutil_socket_t fd, short what, void *arg)
{
    struct worker *w = arg;

    (void)fd;
    (void)what;
    log_line(w->log, LOG_WARN, "timeout stopping server",
             LOG_NUMBER("open_connections", w->shared.count));
    client_close_all(&w->shared);
    (void)event_base_loopexit(w->base, NULL);
}

// The kernel takes connections for as long as anybody holds a listener open.
static void close_sockets(struct worker *w)
{
    acceptor_free(w->acceptor);
    w->acceptor = NULL;
    for (size_t i = 0; i < w->settings->listener_count; i++)
        close(w->sockets.listeners[i]);
    health_free(w->health);
    w->health = NULL;
    if (w->sockets.health >= 0)
        close(w->sockets.health);
}

static void stop(struct worker *w, int status)
{
    struct timeval grace = { .tv_sec = w->settings->grace_s };

    if (w->stopping)
        return;
    w->stopping = true;
    w->status = status;
    close_sockets(w);
    (void)event_add(w->on_grace, &grace);
    client_drain_all(&w->shared);
    maybe_leave(w);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    stop(arg, 0);
}

static void on_engine_lost(void *arg)
{
    stop(arg, WORKER_WATCHDOG_STATUS);
}

// --- reloading ----------------------------------------------------------------------------------

static void use_policies(struct worker *w, struct policies *policies)
{
    policies_drop(w->shared.policies);
    w->shared.policies = policies;
    host_watch(policies->setup->host, w->hang);
    if (containers_wanted(policies->setup->host))
        (void)policies_follower(policies, &w->shared.tools);
    w->shared.limits.extra_methods = host_extra_methods(policies->setup->host);
}

static void on_hup(evutil_socket_t fd, short what, void *arg)
{
    struct worker *w = arg;
    const struct launch *launch = w->launch;
    struct err err = { "" };

    (void)fd;
    (void)what;
    struct setup *setup = NULL;
    enum setup_status status =
        setup_new(launch->argc, launch->argv, launch->environ, w->log, NULL, &setup, &err);
    struct policies *policies = status == SETUP_OK ? policies_new(setup) : NULL;

    if (!policies) {
        log_line(w->log, LOG_ERROR, "reload failed; the old policies stay",
                 LOG_TEXT("error", err.text));
        return;
    }
    use_policies(w, policies);
    log_plain(w->log, LOG_INFO, "policies reloaded");
}

// --- life ---------------------------------------------------------------------------------------

static struct exchange_limits limits_of(const struct settings *s, size_t *held)
{
    size_t half = s->max_bodies / 2,
           whole = s->max_body < s->max_bodies ? s->max_body : s->max_bodies;

    return (struct exchange_limits){
        .head = { .bytes = s->max_head, .headers = s->max_headers },
        .target = { .least = s->least_api, .pairs = s->max_headers },
        .body = s->max_body,
        .bodies = s->max_bodies,
        .client_bodies = half > whole ? half : whole,
        .held = held,
        .buffer = s->max_buffer,
    };
}

static bool open_tools(struct worker *w)
{
    struct judge_tools *tools = &w->shared.tools;

    tools->base = w->base;
    tools->reaper = reaper_new(w->base);
    tools->resolver = resolver_new(w->base);
    if (!tools->reaper || !tools->resolver)
        return false;
    tools->pool = pool_new(w->base, tools->reaper, tools->resolver, w->settings);
    w->shared.shares = shares_new(w->base, w->log, w->settings->max_denials);
    w->shared.turns = turns_new(w->base);
    return tools->pool && w->shared.shares && w->shared.turns;
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct worker *w = arg;

    (void)fd;
    (void)what;
    client_sweep(&w->shared);
    memory_give_back(&w->memory);
}

// Before the policies are used: they are watched from their first decision on.
static bool open_hang(struct worker *w)
{
    struct err err = { "" };

    w->shared.last_words = last_words_new(w->log);
    if (!w->shared.last_words)
        return false;

    struct hang_hooks hooks = last_words_hooks(w->shared.last_words);

    w->hang = hang_new(w->settings->policy_hang_ms, &hooks, &err);
    if (!w->hang)
        log_line(w->log, LOG_ERROR, "worker: cannot watch for hanging policies",
                 LOG_TEXT("error", err.text));
    return w->hang != NULL;
}

static bool open_events(struct worker *w)
{
    static const struct timeval interval = { .tv_sec = SWEEP_S };

    w->on_term = evsignal_new(w->base, SIGTERM, on_term, w);
    w->on_hup = evsignal_new(w->base, SIGHUP, on_hup, w);
    w->on_grace = evtimer_new(w->base, on_grace, w);
    w->on_sweep = event_new(w->base, -1, EV_PERSIST, on_sweep, w);
    w->on_lines = event_new(w->base, -1, 0, write_lines, w);
    w->on_log_room = event_new(w->base, log_output_fd(w->log->output), EV_WRITE, write_lines, w);
    return w->on_term && w->on_hup && w->on_grace && w->on_sweep && w->on_lines && w->on_log_room &&
           event_add(w->on_term, NULL) == 0 && event_add(w->on_hup, NULL) == 0 &&
           event_add(w->on_sweep, &interval) == 0;
}

// The supervisor starts us with its signals blocked, so that none comes before there is a handler.
static void take_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool open_services(struct worker *w, bool is_first)
{
    w->acceptor = acceptor_new(&w->shared, w->sockets.listeners);
    if (!w->acceptor)
        return false;
    if (w->sockets.health >= 0)
        w->health = health_new(&w->shared.tools, w->sockets.health);
    if (is_first && w->settings->watchdog_s > 0)
        w->watchdog = watchdog_new(&w->shared.tools, w->settings, w->log, on_engine_lost, w);
    return true;
}

static void close_worker(struct worker *w)
{
    struct event *const events[] = { w->on_term,  w->on_hup,   w->on_grace,
                                     w->on_sweep, w->on_lines, w->on_log_room };

    client_close_all(&w->shared);
    acceptor_free(w->acceptor);
    health_free(w->health);
    watchdog_free(w->watchdog);
    log_output_on_line(w->log->output, NULL, NULL); // what is left, the supervisor writes
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        if (events[i])
            event_free(events[i]);
    }
    policies_drop(w->shared.policies);
    pool_free(w->shared.tools.pool);
    resolver_free(w->shared.tools.resolver);
    reaper_free(w->shared.tools.reaper);
    shares_free(w->shared.shares);
    turns_free(w->shared.turns);
    hang_free(w->hang);
    last_words_free(w->shared.last_words);
    event_base_free(w->base);
    memory_close(&w->memory);
}

// Round by round, so that turns know where one ends.
static void run_loop(struct worker *w)
{
    while (event_base_loop(w->base, EVLOOP_ONCE) == 0 && !event_base_got_exit(w->base))
        turns_next_round(w->shared.turns);
}

int worker_run(struct setup *setup, const struct launch *launch, const struct log *log,
               const struct worker_sockets *sockets, bool is_first)
{
    struct settings settings = setup->settings; // outlives a reload of the set-up
    struct worker w = {
        .launch = launch, .log = log, .settings = &settings, .sockets = *sockets, .status = 1
    };
    struct policies *policies = policies_new(setup);

    w.base = event_base_new();
    if (!w.base || !policies) {
        log_plain(log, LOG_ERROR, "worker: out of memory");
        return w.status;
    }
    memory_open(&w.memory);
    w.shared.settings = &settings;
    w.shared.log = log;
    w.shared.limits = limits_of(&settings, &w.held_bodies);
    w.shared.on_leave = maybe_leave;
    w.shared.arg = &w;
    if (open_hang(&w) && open_tools(&w) && open_events(&w)) {
        use_policies(&w, policies);
        take_signals();
        if (open_services(&w, is_first)) {
            w.status = 0;
            log_output_on_line(log->output, on_line, &w);
            run_loop(&w);
        }
    }
    if (w.status != 0)
        log_plain(log, LOG_ERROR, "worker: cannot start; memory may be short");
    close_worker(&w);
    return w.status;
}
