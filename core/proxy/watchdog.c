#include "proxy/watchdog.h"

#include "net/stream.h"
#include "proxy/pool.h"

#include <event2/event.h>
#include <stdlib.h>

struct watchdog {
    const struct judge_tools *tools;
    const struct settings *settings;
    const struct log *log;
    void (*on_lost)(void *arg);
    void *arg;
    struct event *timer;
    struct pool_ticket *ticket;
};

static void on_connection(void *arg, struct stream *stream, bool reused,
                          const struct pool_failure *failure)
{
    struct watchdog *w = arg;

    (void)reused;
    w->ticket = NULL;
    if (!failure) {
        stream_close(stream);
        return;
    }
    log_line(w->log, LOG_ERROR, "socket is unavailable", LOG_TEXT("origin", "watchdog"),
             LOG_TEXT("error", failure->message));
    if (!w->settings->stop_on_watchdog)
        return;
    log_line(w->log, LOG_WARN, "stopping moonward because of unavailable socket",
             LOG_TEXT("origin", "watchdog"));
    (void)event_del(w->timer);
    w->on_lost(w->arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct watchdog *w = arg;

    (void)fd;
    (void)what;
    if (!w->ticket)
        w->ticket = pool_get(w->tools->pool, POOL_NONE, on_connection, w);
}

struct watchdog *watchdog_new(const struct judge_tools *tools, const struct settings *settings,
                              const struct log *log, void (*on_lost)(void *arg), void *arg)
{
    struct timeval interval = { .tv_sec = settings->watchdog_s };
    struct watchdog *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    *w = (struct watchdog){
        .tools = tools, .settings = settings, .log = log, .on_lost = on_lost, .arg = arg
    };
    w->timer = event_new(tools->base, -1, EV_PERSIST, on_timer, w);
    if (!w->timer || event_add(w->timer, &interval) != 0) {
        watchdog_free(w);
        return NULL;
    }
    return w;
}

void watchdog_free(struct watchdog *w)
{
    if (!w)
        return;
    pool_cancel(w->ticket);
    if (w->timer)
        event_free(w->timer);
    free(w);
}
