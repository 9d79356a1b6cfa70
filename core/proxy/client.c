#include "proxy/client.h"

#include "base/check.h"
#include "base/clock.h"
#include "config/settings.h"
#include "http/write.h"
#include "net/packed.h"
#include "net/stream.h"
#include "proxy/client_parts.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOW_US 10000000 // that a last answer may take when others need the place

// --- leaving ------------------------------------------------------------------------------------

static void free_client(struct reaped *self)
{
    struct client *c = (struct client *)self; // the first member

    exchange_free(c->exchange);
    if (c->timer)
        event_free(c->timer);
    free(c);
}

static void unlink_client(struct client *c)
{
    struct client_shared *shared = c->shared;

    if (c->prev)
        c->prev->next = c->next;
    else
        shared->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    shared->count--;
    if (c->share)
        share_leave(shared->shares, c->share);
    else
        shared->refused--;
    c->share = NULL;
}

// May be called twice.
static void close_client(struct client *c)
{
    if (c->closed)
        return;
    c->closed = true;
    (void)event_del(c->timer);
    client_drop_judge(c);
    exchange_forget_body(c->exchange);
    stream_close(c->stream);
    turns_leave(c->shared->turns, &c->turn);
    unlink_client(c);
    reaper_add(c->shared->tools.reaper, &c->reaped);
    c->shared->on_leave(c->shared->arg);
}

// --- the course of a connection -----------------------------------------------------------------

static void tell_exchange(struct client *c)
{
    struct exchange *x = c->exchange;

    if (exchange_state(x) == EXCHANGE_READ_HEAD && c->waiting != WAIT_HEAD)
        c->started_us = clock_now_us(); // the first bytes of a request, if any

    if (stream_input_ended(c->stream))
        exchange_client_ended(x);
    if (stream_output_error(c->stream) ||
        (stream_input_ended(c->stream) && stream_gone(c->stream) &&
         evbuffer_get_length(stream_input(c->stream)) == 0))
        exchange_abort(x);
    if (stream_stalled(c->stream))
        exchange_stall_client(x, "moonward: the client took nothing of what is there for it in "
                                 "the time of -stalltimeout");
    if (!c->upstream)
        return;
    if (stream_stalled(c->upstream))
        exchange_stall_upstream(x, "moonward: the engine took nothing of what is there for it in "
                                   "the time of -stalltimeout");
    if (!c->upstream)
        return;
    if (stream_input_ended(c->upstream))
        exchange_upstream_ended(x);
    if (stream_output_error(c->upstream) ||
        (stream_input_ended(c->upstream) && stream_gone(c->upstream)))
        exchange_upstream_deaf(x);
}

// True: an output that was full has room again, so the exchange may go on at once.
static bool update(struct stream *s, const struct exchange_side *side)
{
    bool was_full = stream_full(s);

    if (side->end)
        stream_end_output(s);
    stream_update(s);
    return was_full && !stream_full(s);
}

static bool update_streams(struct client *c)
{
    const struct settings *settings = c->shared->settings;
    bool long_head =
        exchange_has_long_head(c->exchange) && settings->max_head >= settings->max_buffer;
    bool room;

    stream_limit_input(c->stream, long_head ? settings->max_head + 1 : settings->max_buffer);
    room = update(c->stream, exchange_client(c->exchange));

    if (c->upstream)
        room = update(c->upstream, exchange_upstream(c->exchange)) || room;
    return room;
}

// A cut answer that only the connection's end would delimit must not look whole.
static void reset_on_close(int fd)
{
    struct linger now = { .l_onoff = 1 };

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

// What was written goes out first; then the client may finish sending for a while.
static void go_on_closing(struct client *c)
{
    struct evbuffer *in = stream_input(c->stream);

    (void)evbuffer_drain(in, evbuffer_get_length(in));
    stream_end_output(c->stream);
    stream_update(c->stream);
    if (stream_stalled(c->stream))
        reset_on_close(stream_fd(c->stream)); // else the kernel goes on for it
    if (stream_output_error(c->stream) || stream_stalled(c->stream) ||
        (stream_output_done(c->stream) && stream_input_ended(c->stream))) {
        close_client(c);
        return;
    }
    // While output is left, the reader is only slow.
    if (stream_output_done(c->stream))
        client_set_timer(c);
}

static void end_connection(struct client *c)
{
    c->closing = true;
    if (c->exchange && exchange_must_reset(c->exchange))
        reset_on_close(stream_fd(c->stream));
    go_on_closing(c);
}

// True: the connection goes on with another request.
static bool end_exchange(struct client *c)
{
    struct exchange *x = c->exchange;
    bool again = exchange_keeps_alive(x) && !c->shared->draining;

    // A connection that ends without a request is no decision.
    if (exchange_request(x)->block || exchange_status(x) > 0 || exchange_stalled(x))
        client_log(c, c->opened ? ACCESS_CLOSED : ACCESS_DONE);
    c->opened = false;
    client_drop_judge(c);
    if (!again) {
        end_connection(c);
        return false;
    }
    exchange_reset(x);
    c->idle_us = clock_now_us();
    c->waiting = WAIT_NOTHING; // what is waited for next has a deadline of its own
    return true;
}

// True: there is more to do, in a later turn.
static bool run(struct client *c)
{
    bool over = false;

    while (!over) {
        tell_exchange(c);

        bool done = exchange_run(c->exchange);
        bool room = update_streams(c);

        if (done && !end_exchange(c))
            return false;
        if (!done && !room)
            break;
        over = turns_over(c->shared->turns);
    }
    client_set_timer(c);
    return over;
}

// Something changed: goes on as far as possible. A stream's callback.
static void serve(void *arg)
{
    struct client *c = arg;
    bool again = false;

    if (c->closed || !turns_begin(c->shared->turns, &c->turn))
        return;
    if (c->closing)
        go_on_closing(c);
    else
        again = run(c);
    turns_end(c->shared->turns, &c->turn, again);
}

static void on_timer(int fd, short what, void *arg)
{
    struct client *c = arg;

    (void)fd;
    (void)what;
    if (c->turn.queued) { // it is we who are late
        c->waiting = WAIT_NOTHING;
        client_set_timer(c);
    } else if (c->waiting != WAIT_NOTHING) {
        if (client_expire(c))
            serve(c);
        else
            close_client(c);
    }
}

// --- arriving -----------------------------------------------------------------------------------

static void refuse_connection(struct client *c, const char *refusal)
{
    struct buffer head;

    buffer_init(&head, 4096);
    write_refusal(&head, 503, span_of(refusal), false, false);

    bool told = !head.failed && packed_add(stream_output(c->stream), head.data, head.len);

    buffer_clear(&head);
    if (told)
        end_connection(c);
    else
        close_client(c);
}

static bool open_parts(struct client *c, int fd)
{
    struct client_shared *shared = c->shared;

    c->timer = event_new(shared->tools.base, -1, 0, on_timer, c);
    c->stream = stream_new(shared->tools.base, shared->tools.reaper, fd, false,
                           shared->settings->max_buffer, serve, c);
    if (!c->timer || !c->stream)
        return false;
    stream_set_patience(c->stream, shared->settings->stall_timeout_s);
    c->exchange = exchange_new(&client_ops, c, &shared->limits, stream_input(c->stream),
                               stream_output(c->stream), c->share ? &c->share->held : NULL);
    return c->exchange != NULL;
}

bool client_new(struct client_shared *shared, int fd, const struct peer *peer, const char *listener,
                struct share *share, const char *refusal)
{
    struct client *c = calloc(1, sizeof(*c));

    if (!c) {
        if (share)
            share_leave(shared->shares, share);
        close(fd);
        return false;
    }
    c->reaped.free = free_client;
    c->shared = shared;
    c->peer = *peer;
    c->accepted_us = clock_wall_us();
    c->idle_us = clock_now_us();
    c->share = share;
    c->turn = (struct turn){ .share = share, .run = serve, .arg = c };
    (void)snprintf(c->listener, sizeof(c->listener), "%s", listener);
    if (!open_parts(c, fd)) {
        if (c->stream)
            stream_close(c->stream);
        else
            close(fd);
        if (share)
            share_leave(shared->shares, share);
        free_client(&c->reaped);
        return false;
    }
    c->next = shared->first;
    if (c->next)
        c->next->prev = c;
    shared->first = c;
    shared->count++;
    if (refusal) {
        shared->refused++;
        refuse_connection(c, refusal);
        return true;
    }
    client_set_timer(c);
    return true;
}

// Nothing of it is under way that the engine, or somebody who waits for an answer, knows of.
static bool is_idle(const struct client *c)
{
    if (!c->share || (!c->closing && exchange_state(c->exchange) != EXCHANGE_READ_HEAD))
        return false;
    // What is written to it may still be read, for a while.
    return stream_output_done(c->stream) || clock_now_us() - c->idle_us > SLOW_US;
}

const char *client_make_room(struct client_shared *shared)
{
    struct client *best = NULL;

    for (struct client *c = shared->first; c; c = c->next) {
        if (!is_idle(c))
            continue;
        if (!best || c->share->connections > best->share->connections ||
            (c->share->connections == best->share->connections && c->idle_us < best->idle_us))
            best = c;
    }
    if (!best)
        return NULL;
    (void)snprintf(shared->gone, sizeof(shared->gone), "%s", best->share->name);
    close_client(best);
    return shared->gone;
}

static bool waits_for_request(const struct client *c)
{
    return !c->closing && exchange_state(c->exchange) == EXCHANGE_READ_HEAD &&
           evbuffer_get_length(stream_input(c->stream)) == 0;
}

void client_drain_all(struct client_shared *shared, bool keep_fresh)
{
    shared->draining = true;
    shared->limits.closing = true;
    for (struct client *c = shared->first, *next; c; c = next) {
        next = c->next;
        if (!waits_for_request(c))
            continue;
        stream_read_now(c->stream); // what came in this moment is still answered
        if (!waits_for_request(c))
            serve(c);
        else if (!keep_fresh || c->started_us != 0)
            close_client(c);
    }
}

static void sweep(struct client *c)
{
    uint64_t moved = exchange_bytes_in(c->exchange) + exchange_bytes_out(c->exchange);
    bool lost = !c->closing && stream_lost(c->stream);
    bool over = lost && c->was_lost && moved == c->swept;

    c->was_lost = lost;
    c->swept = moved;
    if (!over)
        return;
    exchange_abort(c->exchange);
    serve(c);
}

void client_sweep(struct client_shared *shared)
{
    for (struct client *c = shared->first, *next; c; c = next) {
        next = c->next;
        sweep(c);
    }
}

void client_close_all(struct client_shared *shared)
{
    while (shared->first) {
        struct client *c = shared->first;

        if (!c->closing)
            exchange_abort(c->exchange);
        close_client(c);
    }
}
