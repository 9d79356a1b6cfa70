#include "proxy/worker.h"

#include "base/check.h"
#include "base/log_output.h"
#include "base/memory.h"
#include "lua/containers.h"
#include "lua/host.h"
#include "net/reaper.h"
#include "net/resolver.h"
#include "proxy/acceptor.h"
#include "proxy/client.h"
#include "proxy/follower.h"
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
#define FRESH_S 1 // for the request of who has just connected, when another generation takes over
// Verdicts of pure policies that are remembered. A client asks about some dozens of paths, again
// and again.
#define VERDICTS      1024
#define VERDICT_BYTES (256u << 10)

#define ANSWER_HEAD (64u << 10) // bytes; the engine sends no long ones

struct worker {
    const struct log *log;
    struct setup *setup;
    struct policies policies;
    const struct settings *settings;
    struct listeners listeners;
    struct event_base *base;
    struct client_shared shared;
    struct acceptor *acceptor;
    struct health *health;
    struct watchdog *watchdog;
    struct memory memory;
    struct event *on_term, *on_leave, *on_grace, *on_fresh, *on_sweep, *on_lines, *on_log_room;
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
    for (size_t i = 0; i < w->listeners.count; i++)
        close(w->listeners.at[i]);
    health_free(w->health);
    w->health = NULL;
    if (w->listeners.health >= 0)
        close(w->listeners.health);
}

static void stop(struct worker *w, int status, bool gently)
{
    static const struct timeval fresh = { .tv_sec = FRESH_S };
    struct timeval grace = { .tv_sec = w->settings->grace_s };

    if (w->stopping)
        return;
    w->stopping = true;
    w->status = status;
    close_sockets(w);
    (void)event_add(w->on_grace, &grace);
    client_drain_all(&w->shared, gently);
    if (gently)
        (void)event_add(w->on_fresh, &fresh);
    maybe_leave(w);
}

static void on_fresh(evutil_socket_t fd, short what, void *arg)
{
    struct worker *w = arg;

    (void)fd;
    (void)what;
    client_drain_all(&w->shared, false);
    maybe_leave(w);
}

// Another generation has taken over: who has just got in here shall not notice.
static void on_leave(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    stop(arg, 0, true);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    stop(arg, 0, false);
}

static void on_engine_lost(void *arg)
{
    stop(arg, WORKER_WATCHDOG_STATUS, false);
}

// --- life ---------------------------------------------------------------------------------------

static struct exchange_limits limits_of(const struct settings *s, size_t *held)
{
    size_t half = s->max_bodies / 2,
           whole = s->max_body < s->max_bodies ? s->max_body : s->max_bodies;

    return (struct exchange_limits){
        .head = { .bytes = s->max_head, .headers = s->max_headers },
        .answer_head = { .bytes = s->max_head < ANSWER_HEAD ? s->max_head : ANSWER_HEAD,
                         .headers = s->max_headers },
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

// What the policies log while they are loaded has been said by the child that tried them.
static bool load_policies(struct worker *w, const struct worker_job *job)
{
    struct log silent = { .fd = -1 };
    struct err err = { "" };

    w->shared.last_words = last_words_new(w->log, "a policy hung; its worker ends");
    if (!w->shared.last_words)
        return false;

    struct hang_hooks hooks = last_words_hooks(w->shared.last_words);
    struct setup_means means = { job->set->files, &hooks };

    if (setup_new(job->launch, &means, &silent, NULL, &w->setup, &err) != SETUP_OK) {
        log_line(w->log, LOG_ERROR, "worker: the policies cannot be loaded",
                 LOG_TEXT("error", err.text));
        return false;
    }
    w->setup->log.output = w->log->output;
    w->policies = (struct policies){ .host = w->setup->host, .log = &w->setup->log };
    host_share(w->policies.host, job->reservations);
    w->shared.policies = &w->policies;
    host_serve(w->policies.host);
    if (!host_remember(w->policies.host, VERDICTS, VERDICT_BYTES))
        return false;
    w->shared.limits.extra_methods = host_extra_methods(w->policies.host);
    return true;
}

static bool open_events(struct worker *w)
{
    static const struct timeval interval = { .tv_sec = SWEEP_S };

    w->on_term = evsignal_new(w->base, SIGTERM, on_term, w);
    w->on_leave = evsignal_new(w->base, WORKER_LEAVE, on_leave, w);
    w->on_fresh = evtimer_new(w->base, on_fresh, w);
    w->on_grace = evtimer_new(w->base, on_grace, w);
    w->on_sweep = event_new(w->base, -1, EV_PERSIST, on_sweep, w);
    w->on_lines = event_new(w->base, -1, 0, write_lines, w);
    w->on_log_room = event_new(w->base, log_output_fd(w->log->output), EV_WRITE, write_lines, w);
    return w->on_term && w->on_leave && w->on_fresh && w->on_grace && w->on_sweep && w->on_lines &&
           w->on_log_room && event_add(w->on_term, NULL) == 0 &&
           event_add(w->on_leave, NULL) == 0 && event_add(w->on_sweep, &interval) == 0;
}

static bool open_services(struct worker *w, bool is_first)
{
    if (containers_wanted(w->policies.host))
        (void)policies_follower(&w->policies, &w->shared.tools);
    w->acceptor = acceptor_new(&w->shared, w->listeners.at);
    if (!w->acceptor)
        return false;
    if (w->listeners.health >= 0)
        w->health = health_new(&w->shared.tools, w->listeners.health);
    if (is_first && w->settings->watchdog_s > 0)
        w->watchdog = watchdog_new(&w->shared.tools, w->settings, w->log, on_engine_lost, w);
    return true;
}

static void close_worker(struct worker *w)
{
    struct event *const events[] = { w->on_term,  w->on_leave, w->on_grace,   w->on_fresh,
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
    follower_free(w->policies.follower);
    pool_free(w->shared.tools.pool);
    resolver_free(w->shared.tools.resolver);
    reaper_free(w->shared.tools.reaper);
    shares_free(w->shared.shares);
    turns_free(w->shared.turns);
    setup_free(w->setup);
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

int worker_run(const struct worker_job *job)
{
    struct worker w = {
        .log = job->log, .settings = &job->set->settings, .listeners = job->listeners, .status = 1
    };

    w.base = event_base_new();
    if (!w.base) {
        log_plain(job->log, LOG_ERROR, "worker: out of memory");
        return w.status;
    }
    memory_open(&w.memory);
    w.shared.settings = w.settings;
    w.shared.log = job->log;
    w.shared.limits = limits_of(w.settings, &w.held_bodies);
    w.shared.on_leave = maybe_leave;
    w.shared.arg = &w;
    if (load_policies(&w, job) && open_tools(&w) && open_events(&w) &&
        open_services(&w, job->is_first)) {
        log_output_on_line(job->log->output, on_line, &w);
        // Who is not heard is ended soon.
        if (sigqueue(getppid(), WORKER_SERVES, (union sigval){ 0 }) == 0) {
            w.status = 0;
            run_loop(&w);
        }
    }
    if (w.status == 1)
        log_plain(job->log, LOG_ERROR, "worker: cannot start; memory may be short");
    close_worker(&w);
    return w.status;
}
