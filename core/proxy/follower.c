#include "proxy/follower.h"

#include "base/check.h"
#include "lua/containers.h"
#include "net/reaper.h"
#include "proxy/engine_call.h"
#include "proxy/judge.h"
#include "proxy/pool.h"
#include "proxy/questions.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS   10000
#define WAIT_S         5  // of a decision, for a registry that is not complete
#define AGAIN_MS       20 // until something may be asked that could not be asked just now

struct follower_wait {
    struct reaped reaped;
    struct follower *follower;
    LIST_ENTRY(follower_wait) link;
    follower_fn done;
    void *arg;
    struct event *deadline;
    uint64_t number; // of the last question whose answer is waited for; 0: none
    bool for_late;
    uint64_t answers; // that there had been
    bool due;
    bool over;
};

LIST_HEAD(wait_list, follower_wait);

struct follower {
    struct reaped reaped;
    const struct judge_tools *tools;
    struct host *host;
    const struct log *log;
    struct event *retry;
    struct event *settled; // those who wait are answered from the loop, never from inside a call
    unsigned pause_ms;
    struct engine_call *ping; // which API version the engine speaks
    struct engine_call *events;
    struct questions *questions;
    struct event *again; // somebody waits, and nothing could be asked
    bool flowing;        // the event stream is open
    bool broken;         // the registry could not take what it was told
    bool over; // freed when the round of the loop ends, since a callback may still be in here
    struct wait_list waits;
};

static void connect_events(struct follower *f);

// --- those who wait -----------------------------------------------------------------------------

static void free_wait(struct reaped *self)
{
    struct follower_wait *wait = (struct follower_wait *)self; // the first member

    if (wait->deadline)
        event_free(wait->deadline);
    free(wait);
}

static void end_wait(struct follower_wait *wait)
{
    wait->over = true;
    LIST_REMOVE(wait, link);
    (void)event_del(wait->deadline);
    reaper_add(wait->follower->tools->reaper, &wait->reaped);
}

static struct follower_wait *first_due(struct follower *f)
{
    struct follower_wait *wait;

    for (wait = LIST_FIRST(&f->waits); wait && !wait->due; wait = LIST_NEXT(wait, link))
        continue;
    return wait;
}

static bool is_settled(struct follower *f, uint64_t number, const struct follower_wait *wait)
{
    if (wait && wait->for_late)
        return f->flowing && wait->answers != questions_answers(f->questions);
    return f->flowing && (number == 0 || containers_progress(f->host).settled >= number);
}

// Those who begin to wait meanwhile are not answered: what they want to know is newer.
static void answer_settled(struct follower *f)
{
    struct follower_wait *wait;

    for (wait = LIST_FIRST(&f->waits); wait; wait = LIST_NEXT(wait, link))
        wait->due = is_settled(f, wait->number, wait);
    while (!f->over && (wait = first_due(f)) != NULL) {
        end_wait(wait);
        wait->done(wait->arg, NULL);
    }
}

static void on_wait_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct follower_wait *wait = arg;

    (void)fd;
    (void)what;
    if (wait->over)
        return;
    end_wait(wait);
    wait->done(wait->arg,
               "the engine's event stream is down, or its containers are still being read");
}

// --- losing and finding the engine --------------------------------------------------------------

static void tell(struct follower *f, enum containers_news news, int status, struct span text)
{
    if (!containers_tell(f->host, news, status, text) && news != CONTAINERS_DOWN)
        f->broken = true;
}

static void lose(struct follower *f, const char *why)
{
    struct follower_wait *wait;
    struct timeval pause = { .tv_sec = f->pause_ms / 1000,
                             .tv_usec = (suseconds_t)(f->pause_ms % 1000) * 1000 };

    engine_call_cancel(f->ping);
    engine_call_cancel(f->events);
    f->ping = f->events = NULL;
    questions_drop(f->questions);
    if (f->flowing || f->pause_ms == PAUSE_FIRST_MS)
        log_line(f->log, LOG_WARN, "the engine's events are lost; who is asking is unknown",
                 LOG_TEXT("error", why));
    f->flowing = f->broken = false;
    for (wait = LIST_FIRST(&f->waits); wait; wait = LIST_NEXT(wait, link)) {
        wait->number = 0; // they begin anew
    }
    tell(f, CONTAINERS_DOWN, 0, (struct span){ 0 });
    (void)event_add(f->retry, &pause);
    f->pause_ms = f->pause_ms * 2 < PAUSE_MAX_MS ? f->pause_ms * 2 : PAUSE_MAX_MS;
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    connect_events(arg);
}

// --- events -------------------------------------------------------------------------------------

// The next list may only be due later; those who wait for it have no other news.
static void ask(struct follower *f)
{
    static const struct timeval again = { .tv_usec = AGAIN_MS * 1000 };

    questions_ask(f->questions);
    if (!questions_busy(f->questions) && !LIST_EMPTY(&f->waits))
        (void)event_add(f->again, &again);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    struct follower *f = arg;

    (void)fd;
    (void)what;
    if (f->flowing)
        ask(f);
}

// What follows from news: the next question, or nothing is missing any more.
static void go_on(struct follower *f)
{
    if (f->broken) {
        lose(f, "the registry is out of memory or of time");
        return;
    }
    if (!f->flowing)
        return;
    ask(f);
    event_active(f->settled, 0, 0);
}

// An answer may lead to the next question of the same decision, and so back to follower_sync().
static void on_settled(evutil_socket_t fd, short what, void *arg)
{
    struct follower *f = arg;

    (void)fd;
    (void)what;
    if (!f->flowing)
        return;
    if (!questions_busy(f->questions)) // everything is known
        f->pause_ms = PAUSE_FIRST_MS;
    answer_settled(f);
}

static void on_events_open(void *arg)
{
    struct follower *f = arg;

    f->flowing = true;
    log_plain(f->log, LOG_INFO, "following the engine's events");
    tell(f, CONTAINERS_OPEN, 0, (struct span){ 0 });
    go_on(f);
}

static void on_event(void *arg, struct span item)
{
    struct follower *f = arg;

    tell(f, CONTAINERS_EVENT, 0, item);
    go_on(f);
}

static bool on_long_event(void *arg, struct span start)
{
    struct follower *f = arg;
    bool does = containers_tell(f->host, CONTAINERS_LONG, 0, start);

    if (does)
        go_on(f);
    return does;
}

static void on_events_end(void *arg, const struct engine_answer *answer)
{
    struct follower *f = arg;

    f->events = NULL;
    lose(f, answer->error ? answer->error : "the engine ended the stream");
}

static void on_ping(void *arg, const struct engine_answer *answer)
{
    static const struct engine_listener events = { .on_open = on_events_open,
                                                   .on_item = on_event,
                                                   .on_long = on_long_event,
                                                   .on_end = on_events_end };
    struct follower *f = arg;
    struct engine_listener listener = events;

    f->ping = NULL;
    if (answer->error) {
        lose(f, answer->error);
        return;
    }

    pool_engine_version(f->tools->pool)->known = true;
    api_version_prefix(answer->api_version, pool_engine_version(f->tools->pool)->prefix);

    const char *path = containers_events_path(f->host, answer->api_version);

    if (!path) {
        lose(f, "out of memory");
        return;
    }
    listener.arg = f;
    f->events = engine_call_start(f->tools, ENGINE_EVENTS, path, &listener);
}

static void connect_events(struct follower *f)
{
    struct engine_listener listener = { .on_end = on_ping, .arg = f };

    f->ping = engine_call_start(f->tools, ENGINE_WHOLE, "/_ping", &listener);
}

static void on_question_news(void *arg, bool taken)
{
    struct follower *f = arg;

    f->broken = f->broken || !taken;
    go_on(f);
}

static void on_question_failed(void *arg, const char *why)
{
    lose(arg, why);
}

// --- life ---------------------------------------------------------------------------------------

static void free_follower(struct reaped *self)
{
    struct follower *f = (struct follower *)self; // the first member

    if (f->retry)
        event_free(f->retry);
    if (f->settled)
        event_free(f->settled);
    if (f->again)
        event_free(f->again);
    questions_free(f->questions);
    free(f);
}

void follower_free(struct follower *f)
{
    if (!f)
        return;
    CHECK(LIST_EMPTY(&f->waits));
    f->over = true;
    f->flowing = false;
    engine_call_cancel(f->ping);
    engine_call_cancel(f->events);
    questions_drop(f->questions);
    if (f->again)
        (void)event_del(f->again);
    if (f->retry)
        (void)event_del(f->retry);
    if (f->settled)
        (void)event_del(f->settled);
    reaper_add(f->tools->reaper, &f->reaped);
}

struct follower *follower_new(const struct judge_tools *tools, struct host *host,
                              const struct log *log)
{
    struct follower *f = calloc(1, sizeof(*f));

    if (!f)
        return NULL;
    f->reaped.free = free_follower;
    f->tools = tools;
    f->host = host;
    f->log = log;
    f->pause_ms = PAUSE_FIRST_MS;
    LIST_INIT(&f->waits);
    f->retry = event_new(tools->base, -1, 0, on_retry, f);
    f->settled = event_new(tools->base, -1, 0, on_settled, f);
    f->again = event_new(tools->base, -1, 0, on_again, f);
    f->questions = questions_new(tools, host, log, on_question_news, on_question_failed, f);
    if (!f->retry || !f->settled || !f->again || !f->questions) {
        follower_free(f);
        return NULL;
    }
    connect_events(f);
    return f;
}

static struct follower_wait *new_wait(struct follower *f, follower_fn done, void *arg)
{
    static const struct timeval patience = { .tv_sec = WAIT_S };
    struct follower_wait *wait = calloc(1, sizeof(*wait));

    if (!wait)
        return NULL;
    wait->reaped.free = free_wait;
    wait->follower = f;
    wait->done = done;
    wait->arg = arg;
    wait->deadline = event_new(f->tools->base, -1, 0, on_wait_deadline, wait);
    if (!wait->deadline || event_add(wait->deadline, &patience) != 0) {
        free_wait(&wait->reaped);
        return NULL;
    }
    LIST_INSERT_HEAD(&f->waits, wait, link);
    return wait;
}

struct follower_wait *follower_sync(struct follower *f, enum follower_depth depth, follower_fn done,
                                    void *arg)
{
    uint64_t number;

    if (f->events)
        engine_call_catch_up(f->events);
    number = depth == FOLLOWER_ANSWERS ? containers_progress(f->host).last : 0;
    if (depth != FOLLOWER_LATE && is_settled(f, number, NULL)) {
        done(arg, NULL);
        return NULL;
    }

    struct follower_wait *wait = new_wait(f, done, arg);

    if (!wait) {
        done(arg, "out of memory");
        return NULL;
    }
    wait->number = number;
    wait->for_late = depth == FOLLOWER_LATE;
    wait->answers = questions_answers(f->questions);
    if (f->flowing)
        ask(f); // somebody may have asked for a fresh look
    return wait;
}

void follower_cancel(struct follower_wait *wait)
{
    if (wait && !wait->over)
        end_wait(wait);
}
