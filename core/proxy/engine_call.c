#include "proxy/engine_call.h"

#include "base/check.h"
#include "http/write.h"
#include "net/reaper.h"
#include "net/stream.h"
#include "proxy/body.h"
#include "proxy/pool.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#define ANSWER_MAX (8u << 20)
#define HEAD_MAX   (64u << 10)
#define TIMEOUT_S  10

static const struct head_limits limits = { .bytes = HEAD_MAX, .headers = 256 };

struct engine_call {
    struct reaped reaped;
    struct reaper *reaper;
    struct pool *pool;
    struct pool_ticket *ticket;
    struct stream *stream;
    struct event *deadline;
    engine_call_fn done;
    void *arg;
    struct buffer request;
    struct head_scan scan;
    struct response_head head;
    bool has_head;
    struct body body;
    struct evbuffer *answer;
    bool over;
};

static void free_call(struct reaped *self)
{
    struct engine_call *call = (struct engine_call *)self; // the first member

    if (call->deadline)
        event_free(call->deadline);
    if (call->answer)
        evbuffer_free(call->answer);
    response_head_clear(&call->head);
    body_clear(&call->body);
    buffer_clear(&call->request);
    free(call);
}

static void end_call(struct engine_call *call, bool reusable)
{
    call->over = true;
    (void)event_del(call->deadline);
    pool_cancel(call->ticket);
    call->ticket = NULL;
    pool_put(call->pool, call->stream, reusable);
    call->stream = NULL;
    reaper_add(call->reaper, &call->reaped);
}

static void fail(struct engine_call *call, const char *error)
{
    end_call(call, false);
    call->done(call->arg, 0, (struct span){ 0 }, error);
}

static void succeed(struct engine_call *call)
{
    size_t len = evbuffer_get_length(call->answer);
    const unsigned char *data = len > 0 ? evbuffer_pullup(call->answer, -1) : NULL;

    end_call(call, call->head.keep_alive && !stream_input_ended(call->stream) &&
                       evbuffer_get_length(stream_input(call->stream)) == 0);
    call->done(call->arg, call->head.status, (struct span){ (const char *)data, len }, NULL);
}

// False: more has to come, or the call is over.
static bool read_head(struct engine_call *call)
{
    struct evbuffer *in = stream_input(call->stream);
    size_t len = evbuffer_get_length(in);
    size_t end = 0;
    struct head_error error;

    if (len > limits.bytes + 1)
        len = limits.bytes + 1;

    const char *data = len > 0 ? (const char *)evbuffer_pullup(in, (ev_ssize_t)len) : "";

    switch (head_scan(&call->scan, data, len, &limits, &end, &error)) {
    case HEAD_OK:
        break;
    case HEAD_MORE:
        if (stream_input_ended(call->stream))
            fail(call, "the engine closed the connection without an answer");
        return false;
    case HEAD_BAD:
        fail(call, "the engine's answer is malformed");
        return false;
    }
    if (response_head_read(&call->head, data, end, &limits, METHOD_GET, &error) != HEAD_OK ||
        call->head.status < 200) {
        fail(call, "the engine's answer is malformed");
        return false;
    }
    CHECK(evbuffer_drain(in, end) == 0);
    call->has_head = true;
    body_init(&call->body, call->head.framing, call->head.length, FRAMING_CLOSE, false);
    return true;
}

static void stream_changed(void *arg)
{
    struct engine_call *call = arg;

    if (call->over || (!call->has_head && !read_head(call)))
        return;

    enum body_status status = body_move(&call->body, stream_input(call->stream),
                                        stream_input_ended(call->stream), call->answer, ANSWER_MAX);

    stream_update(call->stream);
    switch (status) {
    case BODY_MORE:
        return;
    case BODY_END:
        succeed(call);
        return;
    case BODY_FULL:
        fail(call, "the engine's answer is too long");
        return;
    case BODY_CUT:
    case BODY_BAD:
        break;
    }
    fail(call, "the engine's answer was cut short");
}

static void on_connection(void *arg, struct stream *stream, bool reused,
                          const struct pool_failure *failure)
{
    struct engine_call *call = arg;

    (void)reused;
    call->ticket = NULL;
    if (failure) {
        fail(call, failure->message);
        return;
    }
    call->stream = stream;
    stream_set_owner(stream, stream_changed, call);
    CHECK(evbuffer_add(stream_output(stream), call->request.data, call->request.len) == 0);
    stream_update(stream);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct engine_call *call = arg;

    (void)fd;
    (void)what;
    if (!call->over)
        fail(call, "the engine did not answer in time");
}

static void write_head(struct engine_call *call, const char *path)
{
    struct request_out out = { .method = METHOD_GET,
                               .canonical = span_of(path),
                               .host = SPAN("docker") };

    buffer_init(&call->request, HEAD_MAX);
    write_request(&call->request, &out);
}

struct engine_call *engine_call_start(struct event_base *base, struct reaper *reaper,
                                      struct pool *pool, const char *path, engine_call_fn done,
                                      void *arg)
{
    static const struct timeval timeout = { .tv_sec = TIMEOUT_S };
    struct engine_call *call = calloc(1, sizeof(*call));

    if (!call) {
        done(arg, 0, (struct span){ 0 }, "out of memory");
        return NULL;
    }
    call->reaped.free = free_call;
    call->reaper = reaper;
    call->pool = pool;
    call->done = done;
    call->arg = arg;
    body_init(&call->body, FRAMING_NONE, 0, FRAMING_NONE, false);
    write_head(call, path);
    call->answer = evbuffer_new();
    call->deadline = event_new(base, -1, 0, on_deadline, call);
    if (!call->answer || !call->deadline || call->request.failed) {
        free_call(&call->reaped);
        done(arg, 0, (struct span){ 0 }, "out of memory");
        return NULL;
    }
    (void)event_add(call->deadline, &timeout);
    // A fresh connection: one that broke meanwhile would need a second try here.
    call->ticket = pool_get(pool, true, on_connection, call);
    return call->over ? NULL : call;
}

void engine_call_cancel(struct engine_call *call)
{
    if (call && !call->over)
        end_call(call, false);
}
