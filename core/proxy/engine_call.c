#include "proxy/engine_call.h"

#include "base/check.h"
#include "http/write.h"
#include "net/packed.h"
#include "net/reaper.h"
#include "net/stream.h"
#include "proxy/body.h"
#include "proxy/head_input.h"
#include "proxy/judge.h"
#include "proxy/pool.h"
#include "json/cut.h"
#include "json/item_list.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#define ANSWER_MAX (8u << 20) // of one that is told whole
#define ITEM_MAX   ITEM_LIST_MAX
#define EVENT_MAX  (64u << 20)  // of one of which only the beginning is told
#define PIECE_MAX  (256u << 10) // of one that is told in items, held at a time
#define HEAD_MAX   (64u << 10)
#define TIMEOUT_S  10
#define DEPTH_MAX  64

static const struct head_limits limits = { .bytes = HEAD_MAX, .headers = 256 };

struct engine_call {
    struct reaped reaped;
    const struct judge_tools *tools;
    enum engine_shape shape;
    struct engine_listener listener;
    struct pool_ticket *ticket;
    struct stream *stream;
    struct event *deadline;
    struct buffer request;
    struct head_scan scan;
    struct response_head head;
    bool reused; // the connection had carried another question
    bool has_head;
    bool in_items; // of this answer, too: a failure comes whole
    struct body body;
    struct evbuffer *answer;
    enum body_status status; // of the last that was read of it
    const char *list[1];     // where its items are
    struct cut_rules rules;
    struct cut cut;
    struct buffer item;
    size_t long_item; // bytes so far of one that is too long to be told; 0: there is none
    bool held;        // the listener wants no more for now
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
    buffer_clear(&call->item);
    free(call);
}

static void end_call(struct engine_call *call, bool reusable)
{
    call->over = true;
    (void)event_del(call->deadline);
    pool_cancel(call->ticket);
    call->ticket = NULL;
    pool_put(call->tools->pool, reusable ? POOL_QUESTIONS : POOL_NONE, call->stream);
    call->stream = NULL;
    reaper_add(call->tools->reaper, &call->reaped);
}

static void fail(struct engine_call *call, const char *error)
{
    end_call(call, false);
    call->listener.on_end(call->listener.arg, &(struct engine_answer){ .error = error });
}

static void succeed(struct engine_call *call)
{
    size_t len = evbuffer_get_length(call->answer);
    struct engine_answer answer = {
        .status = call->head.status,
        .api_version =
            header_find(call->head.headers, call->head.header_count, SPAN("api-version")),
    };

    if (len > 0)
        answer.body = (struct span){ (const char *)evbuffer_pullup(call->answer, -1), len };
    end_call(call, call->head.keep_alive && !stream_input_ended(call->stream) &&
                       evbuffer_get_length(stream_input(call->stream)) == 0);
    call->listener.on_end(call->listener.arg, &answer);
}

// --- the answer's head --------------------------------------------------------------------------

static void begin_body(struct engine_call *call)
{
    call->has_head = true;
    call->in_items = call->shape != ENGINE_WHOLE && call->head.status == 200;
    body_init(&call->body, call->head.framing, call->head.length, FRAMING_CLOSE, false);
    call->list[0] = call->listener.list ? call->listener.list : "";
    call->rules = (struct cut_rules){ .depth = DEPTH_MAX,
                                      .lists = call->list,
                                      .list_count = call->shape == ENGINE_LIST };
    cut_init(&call->cut, &call->rules);
    if (call->shape == ENGINE_EVENTS && call->in_items)
        (void)event_del(call->deadline);
    if (call->in_items && call->listener.on_open)
        call->listener.on_open(call->listener.arg);
}

static void dial(struct engine_call *call, enum pool_set from);

// An idle connection may end as the question comes. That has no effect, so it is asked once more.
static void no_answer(struct engine_call *call)
{
    if (!call->reused || evbuffer_get_length(stream_input(call->stream)) > 0) {
        fail(call, "the engine closed the connection without an answer");
        return;
    }
    stream_close(call->stream);
    call->stream = NULL;
    dial(call, POOL_NONE);
}

// False: more has to come, or the call is over.
static bool read_head(struct engine_call *call)
{
    struct evbuffer *in = stream_input(call->stream);
    struct head_error error;
    struct span head;

    switch (head_input(&call->scan, in, &limits, &head, &error)) {
    case HEAD_OK:
        break;
    case HEAD_MORE:
        if (stream_input_ended(call->stream))
            no_answer(call);
        return false;
    case HEAD_BAD:
        fail(call, "the engine's answer is malformed");
        return false;
    }
    if (response_head_read(&call->head, head.at, head.len, &limits, METHOD_GET, &error) !=
            HEAD_OK ||
        call->head.status < 200) {
        fail(call, "the engine's answer is malformed");
        return false;
    }
    CHECK(evbuffer_drain(in, head.len) == 0);
    begin_body(call);
    return !call->over;
}

// --- the answer's body --------------------------------------------------------------------------

// An event can't be left out as an element of a list can: what it said would be missing. Whoever
// makes a container chooses its labels, and so how long its events are: that must not end the
// stream for all. So the listener is told how the event begins.
static void begin_long_event(struct engine_call *call)
{
    const struct engine_listener *listener = &call->listener;

    if (!listener->on_long || !listener->on_long(listener->arg, buffer_span(&call->item)))
        fail(call, "the engine sent an event of more than 1 MiB");
}

// An element that is too long takes nothing but itself out of a list.
static void begin_long_item(struct engine_call *call)
{
    call->long_item = call->item.len;
    if (call->shape == ENGINE_EVENTS)
        begin_long_event(call);
    else if (call->listener.on_skip)
        call->listener.on_skip(call->listener.arg, "it is longer than 1 MiB",
                               buffer_span(&call->item));
    buffer_clear(&call->item);
}

static void add_to_long_item(struct engine_call *call, size_t len, bool ends)
{
    if (call->long_item == 0)
        begin_long_item(call);
    call->long_item += len;
    if (!call->over && call->shape == ENGINE_EVENTS && call->long_item > EVENT_MAX)
        fail(call, "the engine sent an event of more than 64 MiB");
    if (ends)
        call->long_item = 0;
}

static void add_to_item(struct engine_call *call, const char *data, size_t len, bool ends)
{
    if (call->long_item > 0 || len > ITEM_MAX - call->item.len) {
        add_to_long_item(call, len, ends);
        return;
    }
    buffer_add(&call->item, data, len);
    if (!ends)
        return;
    if (call->item.failed)
        fail(call, "out of memory");
    else
        call->listener.on_item(call->listener.arg, buffer_span(&call->item));
    buffer_reset(&call->item);
    call->held =
        !call->over && call->listener.is_full && call->listener.is_full(call->listener.arg);
}

// How much of the piece was told.
static size_t cut_piece(struct engine_call *call, const char *data, size_t len)
{
    size_t used = 0, all = 0;
    enum cut_kind kind;

    while (!call->over && !call->held &&
           (kind = cut_step(&call->cut, data + all, len - all, &used)) != CUT_MORE) {
        if (kind == CUT_BAD)
            fail(call, cut_fault(&call->cut));
        else if (kind == CUT_ITEM || kind == CUT_ITEM_END)
            add_to_item(call, data + all, used, kind == CUT_ITEM_END);
        all += used;
    }
    return all;
}

// False: the call is over, or held.
static bool cut_answer(struct engine_call *call)
{
    struct evbuffer_iovec piece;

    while (!call->over && !call->held && evbuffer_get_length(call->answer) > 0) {
        CHECK(evbuffer_peek(call->answer, -1, NULL, &piece, 1) >= 1);
        CHECK(evbuffer_drain(call->answer, cut_piece(call, piece.iov_base, piece.iov_len)) == 0);
    }
    return !call->over && !call->held;
}

static void end_of_body(struct engine_call *call)
{
    if (call->in_items && cut_end(&call->cut) == CUT_BAD)
        fail(call, cut_fault(&call->cut));
    else
        succeed(call);
}

static void give_up_length(struct engine_call *call)
{
    end_call(call, false);
    call->listener.on_end(call->listener.arg, &(struct engine_answer){ .status = ENGINE_TOO_LONG });
}

static void read_body(struct engine_call *call)
{
    size_t most = call->in_items ? PIECE_MAX : ANSWER_MAX;

    do {
        if (call->status == BODY_MORE || call->status == BODY_FULL)
            call->status = body_move(&call->body, stream_input(call->stream),
                                     stream_input_ended(call->stream), call->answer, most);
        if (call->in_items && !cut_answer(call)) {
            if (call->held)
                call->listener.on_full(call->listener.arg);
            return;
        }
    } while (call->status == BODY_FULL && call->in_items);
    switch (call->status) {
    case BODY_MORE:
        stream_update(call->stream);
        return;
    case BODY_END:
        end_of_body(call);
        return;
    case BODY_FULL:
        give_up_length(call);
        return;
    case BODY_CUT:
    case BODY_BAD:
        break;
    }
    fail(call, "the engine's answer was cut short");
}

static void stream_changed(void *arg)
{
    struct engine_call *call = arg;

    if (!call->over && !call->held && (call->has_head || read_head(call)))
        read_body(call);
}

void engine_call_go_on(struct engine_call *call)
{
    call->held = false;
    stream_changed(call);
}

void engine_call_catch_up(struct engine_call *call)
{
    if (call->over || !call->stream)
        return;
    stream_read_now(call->stream);
    stream_changed(call);
}

// --- the request --------------------------------------------------------------------------------

static void on_connection(void *arg, struct stream *stream, bool reused,
                          const struct pool_failure *failure)
{
    struct engine_call *call = arg;

    call->ticket = NULL;
    call->reused = reused;
    if (failure) {
        fail(call, failure->message);
        return;
    }
    call->stream = stream;
    stream_set_owner(stream, stream_changed, call);
    CHECK(packed_add(stream_output(stream), call->request.data, call->request.len));
    stream_update(stream);
}

static void dial(struct engine_call *call, enum pool_set from)
{
    call->ticket = pool_get(call->tools->pool, from, on_connection, call);
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

static struct engine_call *new_call(const struct judge_tools *tools, const char *path)
{
    struct engine_call *call = calloc(1, sizeof(*call));

    if (!call)
        return NULL;
    call->reaped.free = free_call;
    call->tools = tools;
    call->status = BODY_MORE;
    body_init(&call->body, FRAMING_NONE, 0, FRAMING_NONE, false);
    buffer_init(&call->item, ITEM_MAX);
    write_head(call, path);
    call->answer = evbuffer_new();
    call->deadline = event_new(tools->base, -1, 0, on_deadline, call);
    if (call->answer && call->deadline && !call->request.failed)
        return call;
    free_call(&call->reaped);
    return NULL;
}

struct engine_call *engine_call_start(const struct judge_tools *tools, enum engine_shape shape,
                                      const char *path, const struct engine_listener *listener)
{
    static const struct timeval timeout = { .tv_sec = TIMEOUT_S };
    struct engine_call *call = new_call(tools, path);

    if (!call) {
        listener->on_end(listener->arg, &(struct engine_answer){ .error = "out of memory" });
        return NULL;
    }
    call->shape = shape;
    call->listener = *listener;
    (void)event_add(call->deadline, &timeout);
    dial(call, POOL_QUESTIONS);
    return call->over ? NULL : call;
}

void engine_call_cancel(struct engine_call *call)
{
    if (call && !call->over)
        end_call(call, false);
}
