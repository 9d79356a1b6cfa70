#include "proxy/client.h"

#include "base/check.h"
#include "base/clock.h"
#include "http/write.h"
#include "net/reaper.h"
#include "net/stream.h"
#include "proxy/access_log.h"
#include "proxy/census.h"
#include "proxy/pool.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// How long a client may go on sending what nobody reads, so that it sees our answer before the
// reset that closing on unread bytes would send.
#define LINGER_S 2

// Why the timer runs.
enum wait {
    WAIT_NOTHING,
    WAIT_IDLE,
    WAIT_HEAD,
    WAIT_BODY,
    WAIT_ANSWER,
    WAIT_LINGER,
};

struct client {
    struct reaped reaped;
    struct client_shared *shared;
    struct client *next, *prev;
    struct peer peer;
    char listener[64];
    bool counted; // in the census
    struct stream *stream;
    struct exchange *exchange;
    struct policies *policies; // that judge
    struct judge *judge;
    struct pool_ticket *ticket;
    struct stream *upstream;
    struct event *timer;
    enum wait waiting;
    uint64_t started_us;
    bool owes_body; // the judge waits for it
    bool opened;    // the opening line of a stream was logged
    bool closing;   // no further request; what is in the output still goes out
    bool closed;
};

static void serve(void *arg);

// --- leaving ------------------------------------------------------------------------------------

static void free_client(struct reaped *self)
{
    struct client *c = (struct client *)self; // the first member

    exchange_free(c->exchange);
    if (c->timer)
        event_free(c->timer);
    free(c);
}

static void drop_judge(struct client *c)
{
    judge_free(c->judge);
    c->judge = NULL;
    c->owes_body = false;
    policies_drop(c->policies);
    c->policies = NULL;
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
    if (c->counted)
        census_leave(shared->census, c->peer.address);
}

static void close_client(struct client *c)
{
    if (c->closed)
        return;
    c->closed = true;
    (void)event_del(c->timer);
    drop_judge(c);
    stream_close(c->stream);
    unlink_client(c);
    reaper_add(c->shared->tools.reaper, &c->reaped);
    c->shared->on_leave(c->shared->arg);
}

// --- the log ------------------------------------------------------------------------------------

static void log_access(const struct client *c, enum access_event event)
{
    const struct exchange *x = c->exchange;
    const struct request_head *request = exchange_request(x);
    bool judged = c->judge && exchange_state(x) != EXCHANGE_JUDGE;

    access_log_write(
        c->shared->log, event,
        &(struct access_entry){
            .peer = &c->peer,
            .listener = c->listener,
            .method = request->block ? span_of(method_name(request->method)) : (struct span){ 0 },
            .target = exchange_target(x),
            .operation = c->judge ? judge_route(c->judge)->operation : "",
            .verdict = judged ? judge_verdict(c->judge) : NULL,
            .refusal = exchange_refusal(x),
            .status = exchange_status(x),
            .cut = exchange_was_cut(x),
            .duration_us = clock_now_us() - c->started_us,
            .bytes_in = exchange_bytes_in(x),
            .bytes_out = exchange_bytes_out(x),
        });
}

// --- what the exchange asks for -----------------------------------------------------------------

static struct client_view view_of(const struct client *c)
{
    return (struct client_view){
        .address = span_of(c->peer.address),
        .port = c->peer.port,
        .listener = span_of(c->listener),
        .has_credentials = c->peer.has_credentials,
        .pid = c->peer.pid,
        .uid = c->peer.uid,
        .gid = c->peer.gid,
    };
}

static bool begin_judging(struct client *c)
{
    const struct request_head *head = exchange_request(c->exchange);
    struct request_view request = {
        .method = head->method,
        .target = exchange_target(c->exchange),
        .headers = head->headers,
        .header_count = head->header_count,
        .has_body = head->framing == FRAMING_CHUNKED ||
                    (head->framing == FRAMING_LENGTH && head->length > 0),
    };
    struct client_view client = view_of(c);

    c->policies = policies_use(c->shared->policies);
    c->judge = judge_new(&c->shared->tools, c->policies->setup->host, &request, &client, serve, c);
    return c->judge != NULL;
}

static enum judgement deny(struct client *c)
{
    const struct verdict *v = judge_verdict(c->judge);
    char message[640];

    (void)snprintf(message, sizeof(message), v->hidden ? "%s" : "moonward: %s", v->reason);
    exchange_deny(c->exchange, v->status, message);
    return JUDGE_DENY;
}

static enum judgement judge(void *io, struct exchange_rights *rights)
{
    struct client *c = io;

    if (!c->judge && !begin_judging(c)) {
        exchange_deny(c->exchange, 503, "moonward: out of memory");
        return JUDGE_DENY;
    }
    if (c->owes_body)
        judge_give_body(c->judge, exchange_body(c->exchange));
    c->owes_body = false;
    switch (judge_run(c->judge)) {
    case JUDGE_STATE_BUSY:
        return JUDGE_WAIT;
    case JUDGE_STATE_BODY:
        c->owes_body = true;
        return JUDGE_WANTS_BODY;
    case JUDGE_STATE_DONE:
        break;
    }
    if (!judge_verdict(c->judge)->allowed)
        return deny(c);

    const struct route *route = judge_route(c->judge);

    *rights = (struct exchange_rights){ route->may_upgrade, route->may_hijack };
    return JUDGE_ALLOW;
}

static void upstream_changed(void *arg)
{
    serve(arg);
}

static void on_connection(void *arg, struct stream *stream, bool reused,
                          const struct pool_failure *failure)
{
    struct client *c = arg;
    bool later = c->ticket != NULL; // not from inside dial()

    c->ticket = NULL;
    if (failure) {
        exchange_dial_failed(c->exchange, failure->status, failure->message);
    } else {
        c->upstream = stream;
        stream_set_owner(stream, upstream_changed, c);
        exchange_dialled(c->exchange, stream_input(stream), stream_output(stream), reused);
    }
    if (later)
        serve(c);
}

static void dial(void *io, bool fresh)
{
    struct client *c = io;

    c->ticket = pool_get(c->shared->tools.pool, fresh, on_connection, c);
}

static void hang_up(void *io, bool reusable)
{
    struct client *c = io;

    pool_cancel(c->ticket);
    c->ticket = NULL;
    pool_put(c->shared->tools.pool, c->upstream, reusable);
    c->upstream = NULL;
}

static void answered(void *io)
{
    struct client *c = io;
    bool allowed = c->judge && exchange_refusal(c->exchange)[0] == '\0';

    if (!allowed || exchange_status(c->exchange) >= 300)
        return;
    if (!judge_route(c->judge)->is_stream && exchange_status(c->exchange) != 101)
        return;
    c->opened = true;
    log_access(c, ACCESS_OPENED);
}

static const struct exchange_ops ops = { judge, dial, hang_up, answered };

// --- time ---------------------------------------------------------------------------------------

static enum wait what_for(const struct client *c)
{
    if (c->closing)
        return WAIT_LINGER;
    switch (exchange_state(c->exchange)) {
    case EXCHANGE_READ_HEAD:
        return evbuffer_get_length(stream_input(c->stream)) > 0 ? WAIT_HEAD : WAIT_IDLE;
    case EXCHANGE_READ_BODY:
    case EXCHANGE_DRAIN:
        return WAIT_BODY;
    case EXCHANGE_AWAIT:
        return WAIT_ANSWER;
    case EXCHANGE_JUDGE:
    case EXCHANGE_DIAL:
    case EXCHANGE_RELAY:
    case EXCHANGE_TUNNEL:
    case EXCHANGE_REFUSE:
    case EXCHANGE_DONE:
        break;
    }
    return WAIT_NOTHING;
}

static unsigned seconds_for(const struct client *c, enum wait wait)
{
    const struct settings *s = c->shared->settings;

    switch (wait) {
    case WAIT_IDLE:
        return s->idle_timeout_s;
    case WAIT_HEAD:
        return s->head_timeout_s;
    case WAIT_BODY:
        return s->body_timeout_s;
    case WAIT_ANSWER:
        return s->response_timeout_s;
    case WAIT_LINGER:
        return LINGER_S;
    case WAIT_NOTHING:
        break;
    }
    return 0;
}

// A deadline is set when the reason to wait changes, and not moved by bytes that trickle in.
static void set_timer(struct client *c)
{
    enum wait wait = what_for(c);
    struct timeval time = { .tv_sec = seconds_for(c, wait) };

    if (wait == c->waiting)
        return;
    c->waiting = wait;
    if (time.tv_sec > 0)
        (void)event_add(c->timer, &time);
    else
        (void)event_del(c->timer);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct client *c = arg;

    (void)fd;
    (void)what;
    switch (c->waiting) {
    case WAIT_NOTHING:
        return;
    case WAIT_IDLE:
    case WAIT_LINGER:
        close_client(c);
        return;
    case WAIT_HEAD:
        exchange_expire(c->exchange, 408,
                        "moonward: the request's head took too long "
                        "(-headtimeout)");
        break;
    case WAIT_BODY:
        exchange_expire(c->exchange, 408,
                        "moonward: the request's body took too long "
                        "(-bodytimeout)");
        break;
    case WAIT_ANSWER:
        exchange_expire(c->exchange, 504,
                        "moonward: the engine did not answer in time "
                        "(-responsetimeout)");
        break;
    }
    serve(c);
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
    bool room = update(c->stream, exchange_client(c->exchange));

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
    if (stream_output_error(c->stream) ||
        (stream_output_done(c->stream) && stream_input_ended(c->stream))) {
        close_client(c);
        return;
    }
    // While output is left, the reader is only slow.
    if (stream_output_done(c->stream))
        set_timer(c);
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
    if (exchange_request(x)->block || exchange_status(x) > 0)
        log_access(c, c->opened ? ACCESS_CLOSED : ACCESS_DONE);
    c->opened = false;
    drop_judge(c);
    if (!again) {
        end_connection(c);
        return false;
    }
    exchange_reset(x);
    return true;
}

static void serve(void *arg)
{
    struct client *c = arg;

    if (c->closed)
        return;
    if (c->closing) {
        go_on_closing(c);
        return;
    }
    for (;;) {
        tell_exchange(c);

        bool done = exchange_run(c->exchange);
        bool room = update_streams(c);

        if (done && !end_exchange(c))
            return;
        if (!done && !room)
            break;
    }
    set_timer(c);
}

// --- arriving -----------------------------------------------------------------------------------

static void refuse_connection(struct client *c, const char *refusal)
{
    struct buffer head;

    buffer_init(&head, 4096);
    write_refusal(&head, 503, span_of(refusal), false, false);
    if (!head.failed)
        (void)evbuffer_add(stream_output(c->stream), head.data, head.len);
    buffer_clear(&head);
    end_connection(c);
}

static bool open_parts(struct client *c, int fd)
{
    struct client_shared *shared = c->shared;

    c->timer = event_new(shared->tools.base, -1, 0, on_timer, c);
    c->stream = stream_new(shared->tools.base, shared->tools.reaper, fd, false,
                           shared->settings->max_buffer, serve, c);
    if (!c->timer || !c->stream)
        return false;
    c->exchange =
        exchange_new(&ops, c, &shared->limits, stream_input(c->stream), stream_output(c->stream));
    return c->exchange != NULL;
}

bool client_new(struct client_shared *shared, int fd, const struct peer *peer, const char *listener,
                const char *refusal)
{
    struct client *c = calloc(1, sizeof(*c));

    if (!c) {
        close(fd);
        return false;
    }
    c->reaped.free = free_client;
    c->shared = shared;
    c->peer = *peer;
    (void)snprintf(c->listener, sizeof(c->listener), "%s", listener);
    if (!open_parts(c, fd)) {
        if (c->stream)
            stream_close(c->stream);
        else
            close(fd);
        free_client(&c->reaped);
        return false;
    }
    c->next = shared->first;
    if (c->next)
        c->next->prev = c;
    shared->first = c;
    shared->count++;
    if (refusal) {
        refuse_connection(c, refusal);
        return true;
    }
    c->counted = true; // the worker has entered it in the census
    set_timer(c);
    return true;
}

void client_drain_all(struct client_shared *shared)
{
    shared->draining = true;
    shared->limits.closing = true;
    for (struct client *c = shared->first, *next; c; c = next) {
        next = c->next;
        if (!c->closing && exchange_state(c->exchange) == EXCHANGE_READ_HEAD &&
            evbuffer_get_length(stream_input(c->stream)) == 0)
            close_client(c);
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
