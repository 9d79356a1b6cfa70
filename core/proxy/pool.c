#include "proxy/pool.h"

#include "base/check.h"
#include "base/clock.h"
#include "net/dial.h"
#include "net/reaper.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "proxy/idle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A Unix listener with a full queue can't be waited for; ask again after this.
#define RETRY_US 5000

struct pool {
    struct event_base *base;
    struct reaper *reaper;
    struct resolver *resolver;
    const struct settings *settings;
    struct idle *idle[POOL_SETS]; // of POOL_NONE: NULL
    struct engine_version version;
};

struct pool_ticket {
    struct reaped reaped;
    struct pool *pool;
    pool_fn done;
    void *arg;
    struct event *timer; // the next try, or the deadline
    struct lookup *lookup;
    struct stream *stream;  // being connected
    char *addresses, *next; // one a line; 'next' is the one to try
    uint64_t deadline_us;
    int error; // of the last try
    bool over;
};

bool pool_shrink(struct pool *pool)
{
    struct stream *stream = idle_take(pool->idle[POOL_REQUESTS]);

    if (!stream)
        stream = idle_take(pool->idle[POOL_QUESTIONS]);
    stream_close(stream);
    return stream != NULL;
}

// Idle connections must not keep new ones from being made.
static bool make_room(struct pool *pool, int error)
{
    return (error == EMFILE || error == ENFILE) && pool_shrink(pool);
}

// --- new connections ----------------------------------------------------------------------------

static void try_next(struct pool_ticket *t);

static void free_ticket(struct reaped *self)
{
    struct pool_ticket *t = (struct pool_ticket *)self; // the first member

    if (t->timer)
        event_free(t->timer);
    free(t->addresses);
    free(t);
}

static void end_ticket(struct pool_ticket *t)
{
    t->over = true;
    if (t->timer)
        (void)event_del(t->timer);
    resolver_cancel(t->lookup);
    t->lookup = NULL;
    reaper_add(t->pool->reaper, &t->reaped);
}

static void fail(struct pool_ticket *t, int status, const char *message)
{
    char text[640];
    struct pool_failure failure = { .status = status, .message = text };

    (void)snprintf(text, sizeof(text), "moonward: %s", message);
    stream_close(t->stream);
    t->stream = NULL;
    end_ticket(t);
    t->done(t->arg, NULL, false, &failure);
}

static void fail_errno(struct pool_ticket *t, int error)
{
    const struct endpoint *to = &t->pool->settings->upstream;
    struct err err = { "" };

    if (to->is_unix)
        dial_explain_unix(to->path, error, &err);
    else
        dial_explain_tcp(to->host, to->port, error, &err);
    fail(t, 502, err.text);
}

static void succeed(struct pool_ticket *t)
{
    struct stream *stream = t->stream;

    t->stream = NULL;
    end_ticket(t);
    t->done(t->arg, stream, false, NULL);
}

static void ticket_changed(void *arg)
{
    struct pool_ticket *t = arg;

    if (t->over || stream_connecting(t->stream))
        return;
    if (!stream_input_error(t->stream)) {
        succeed(t);
        return;
    }
    t->error = stream_input_error(t->stream);
    stream_close(t->stream);
    t->stream = NULL;
    try_next(t);
}

static void wait_until(struct pool_ticket *t, uint64_t us)
{
    struct timeval wait = { .tv_sec = (time_t)(us / 1000000),
                            .tv_usec = (suseconds_t)(us % 1000000) };

    CHECK(event_add(t->timer, &wait) == 0);
}

// Takes over the descriptor of a connection that was made or has begun.
static void adopt(struct pool_ticket *t, int fd, bool connecting)
{
    struct pool *pool = t->pool;

    t->stream = stream_new(pool->base, pool->reaper, fd, connecting, pool->settings->max_buffer,
                           ticket_changed, t);
    if (!t->stream) {
        evutil_closesocket(fd);
        fail(t, 503, "out of memory");
        return;
    }
    stream_set_patience(t->stream, pool->settings->stall_timeout_s);
    if (!connecting) {
        succeed(t);
    } else {
        uint64_t now = clock_now_us();

        wait_until(t, t->deadline_us > now ? t->deadline_us - now : 1);
    }
}

static void try_unix(struct pool_ticket *t)
{
    const char *path = t->pool->settings->upstream.path;
    bool connecting;
    int fd = dial_unix(path, &connecting);

    while (fd < 0 && make_room(t->pool, errno))
        fd = dial_unix(path, &connecting);
    if (fd >= 0)
        adopt(t, fd, connecting);
    else if (errno == EAGAIN && clock_now_us() < t->deadline_us)
        wait_until(t, RETRY_US);
    else if (errno == EAGAIN)
        fail(t, 504, "the engine accepts no connection: its queue has been full for too long");
    else
        fail_errno(t, errno);
}

static int dial_text(const char *address, unsigned port, bool *connecting)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
        return dial_address((const struct sockaddr *)&v4, sizeof(v4), connecting);
    if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
        return dial_address((const struct sockaddr *)&v6, sizeof(v6), connecting);
    errno = EAFNOSUPPORT;
    return -1;
}

static void try_next(struct pool_ticket *t)
{
    while (t->next) {
        char *address = t->next;
        char *newline = strchr(address, '\n');
        bool connecting;

        if (newline)
            *newline = '\0';
        t->next = newline ? newline + 1 : NULL;

        unsigned port = t->pool->settings->upstream.port;
        int fd = dial_text(address, port, &connecting);

        while (fd < 0 && make_room(t->pool, errno))
            fd = dial_text(address, port, &connecting);
        if (fd >= 0) {
            adopt(t, fd, connecting);
            return;
        }
        t->error = errno;
    }
    fail_errno(t, t->error);
}

static void on_addresses(void *arg, const char *addresses, const char *error)
{
    struct pool_ticket *t = arg;

    t->lookup = NULL;
    if (addresses && *addresses)
        t->addresses = strdup(addresses);
    if (t->addresses) {
        t->next = t->addresses;
        try_next(t);
        return;
    }

    struct err err;

    err_set(&err, "the engine's host name %s has no address: %s", t->pool->settings->upstream.host,
            error ? error : "empty answer");
    fail(t, 502, err.text);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct pool_ticket *t = arg;

    (void)fd;
    (void)what;
    if (t->over)
        return;
    if (clock_now_us() >= t->deadline_us)
        fail(t, 504, "the engine did not accept the connection in time (-connecttimeout)");
    else
        try_unix(t);
}

static struct pool_ticket *new_ticket(struct pool *pool, pool_fn done, void *arg)
{
    struct pool_ticket *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->reaped.free = free_ticket;
    t->pool = pool;
    t->done = done;
    t->arg = arg;
    t->deadline_us = clock_now_us() + pool->settings->connect_timeout_s * UINT64_C(1000000);
    t->timer = event_new(pool->base, -1, 0, on_timer, t);
    if (!t->timer) {
        free(t);
        return NULL;
    }
    return t;
}

struct pool_ticket *pool_get(struct pool *pool, enum pool_set from, pool_fn done, void *arg)
{
    const struct endpoint *to = &pool->settings->upstream;
    struct stream *idle = from == POOL_NONE ? NULL : idle_take(pool->idle[from]);

    if (idle) {
        done(arg, idle, true, NULL);
        return NULL;
    }

    struct pool_ticket *t = new_ticket(pool, done, arg);

    if (!t) {
        done(arg, NULL, false, &(struct pool_failure){ 503, "moonward: out of memory" });
        return NULL;
    }
    if (to->is_unix) {
        try_unix(t);
    } else {
        wait_until(t, pool->settings->connect_timeout_s * UINT64_C(1000000));
        t->lookup = resolver_ask(pool->resolver, to->host, on_addresses, t);
    }
    return t->over ? NULL : t;
}

void pool_cancel(struct pool_ticket *ticket)
{
    if (!ticket || ticket->over)
        return;
    stream_close(ticket->stream);
    ticket->stream = NULL;
    end_ticket(ticket);
}

void pool_put(struct pool *pool, enum pool_set to, struct stream *stream)
{
    if (!stream)
        return;
    if (to == POOL_NONE || !idle_put(pool->idle[to], stream))
        stream_close(stream);
}

struct pool *pool_new(struct event_base *base, struct reaper *reaper, struct resolver *resolver,
                      const struct settings *settings)
{
    struct pool *pool = calloc(1, sizeof(*pool));

    if (!pool)
        return NULL;
    pool->base = base;
    pool->reaper = reaper;
    pool->resolver = resolver;
    pool->settings = settings;
    pool->idle[POOL_REQUESTS] = idle_new(base);
    pool->idle[POOL_QUESTIONS] = idle_new(base);
    if (pool->idle[POOL_REQUESTS] && pool->idle[POOL_QUESTIONS])
        return pool;
    pool_free(pool);
    return NULL;
}

struct engine_version *pool_engine_version(struct pool *pool)
{
    return &pool->version;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    for (int set = 0; set < POOL_SETS; set++)
        idle_free(pool->idle[set]);
    free(pool);
}
