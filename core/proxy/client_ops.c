// client_ops: carries out what the exchange of a client asks for (struct exchange_ops): judging,
// connections to the engine, lines in the log.
#include "base/clock.h"
#include "net/stream.h"
#include "proxy/client_parts.h"
#include "proxy/last_words.h"
#include "proxy/pool.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

void client_log(const struct client *c, enum access_event event)
{
    const struct exchange *x = c->exchange;
    const struct request_head *request = exchange_request(x);
    bool allowed = c->judged && judge_verdict(c->judge)->allowed;
    bool waits = c->judge && !c->judged;

    if (event == ACCESS_DONE && !allowed && c->share && log_wants(c->shared->log, LOG_WARN) &&
        !share_may_log(c->shared->shares, c->share))
        return;
    access_log_write(c->shared->log, event,
                     &(struct access_entry){
                         .peer = &c->peer,
                         .listener = c->listener,
                         .method = request->block ? span_of(method_name(request->method))
                                                  : span_of(exchange_raw_method(x)),
                         .target = exchange_target(x),
                         .raw_target = exchange_raw_target(x),
                         .operation = c->judge ? judge_route(c->judge)->operation : "",
                         .verdict = c->judged ? judge_verdict(c->judge) : NULL,
                         .asker = waits ? judge_asker(c->judge) : "",
                         .abandoned = !c->judged && exchange_status(x) == 0 && !exchange_stalled(x),
                         .refusal = exchange_refusal(x),
                         .status = exchange_status(x),
                         .cut = exchange_was_cut(x),
                         .stalled = exchange_stalled(x),
                         .duration_us = clock_now_us() - c->started_us,
                         .bytes_in = exchange_bytes_in(x),
                         .bytes_out = exchange_bytes_out(x),
                     });
}

void client_drop_judge(struct client *c)
{
    const struct exchange *x = c->exchange;

    if (c->judge && exchange_state(x) == EXCHANGE_DONE && exchange_status(x) != 0 &&
        !exchange_was_cut(x))
        judge_settled(c->judge);
    judge_free(c->judge);
    c->judge = NULL;
    c->owes_body = false;
    c->judged = c->gave_dockerfile = false;
}

static struct client_view view_of(struct client *c)
{
    return (struct client_view){
        .address = span_of(c->peer.address),
        .port = c->peer.port,
        .listener = span_of(c->listener),
        .has_credentials = c->peer.has_credentials,
        .socket = stream_fd(c->stream),
        .pid = c->peer.pid,
        .uid = c->peer.uid,
        .gid = c->peer.gid,
        .connected_us = c->peer.connected_us,
        .connected_by_us = c->peer.connected_by_us,
        .accepted_us = c->accepted_us,
        .found = &c->container,
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

    c->judge = judge_new(&c->shared->tools, c->shared->policies, &request, &client, c->turn.run, c);
    return c->judge != NULL;
}

// If the policy hangs, this client gets the worker's last words; unless it is still reading others.
static enum judge_state run_judge(struct client *c)
{
    bool idle = evbuffer_get_length(stream_output(c->stream)) == 0;

    last_words_for(c->shared->last_words, idle ? stream_fd(c->stream) : -1);

    enum judge_state state = judge_run(c->judge);

    last_words_for(c->shared->last_words, -1);
    return state;
}

// Both texts, cut to size; without printf, since every denial comes by.
static void write_reason(char *out, size_t size, const char *name, const char *reason)
{
    size_t first = strlen(name), second = strnlen(reason, size - 1 - first);

    memcpy(out, name, first);
    memcpy(out + first, reason, second);
    out[first + second] = '\0';
}

static enum judgement deny(struct client *c)
{
    const struct verdict *v = judge_verdict(c->judge);
    char message[640];

    // What went wrong inside a policy, and where, is for the log alone.
    if (v->failed)
        (void)snprintf(message, sizeof(message),
                       "moonward: policy %s failed; the proxy's log says why", v->policy);
    else
        write_reason(message, sizeof(message), v->hidden ? "" : "moonward: ", v->reason);
    exchange_deny_with(c->exchange, v->status, message,
                       (struct span){ v->headers, v->headers_len });
    return JUDGE_DENY;
}

// What was judged by its id goes on by its id, with what the policies want in the query.
static bool rename_target(struct client *c)
{
    const struct verdict *v = judge_verdict(c->judge);
    struct query_pair set[VERDICT_PAIRS];
    size_t count = verdict_query(v, set);

    if (!v->path[0] && count == 0)
        return true;
    return exchange_rename(c->exchange, span_of(v->path), set, count);
}

static bool replace_body(struct client *c)
{
    struct span body;

    return !judge_body(c->judge, &body) || exchange_replace_body(c->exchange, body);
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
    switch (run_judge(c)) {
    case JUDGE_STATE_BUSY:
        return JUDGE_WAIT;
    case JUDGE_STATE_BODY:
        c->owes_body = true;
        return JUDGE_WANTS_BODY;
    case JUDGE_STATE_DONE:
        c->judged = true;
        break;
    }
    if (!judge_verdict(c->judge)->allowed)
        return deny(c);
    if (!rename_target(c)) {
        exchange_deny(c->exchange, 500, "moonward: the request can't be sent as it was judged");
        return JUDGE_DENY;
    }
    if (!replace_body(c)) {
        exchange_deny(c->exchange, 413,
                      "moonward: the body is larger than -maxbody once the policy "
                      "has edited it");
        return JUDGE_DENY;
    }

    const struct route *route = judge_route(c->judge);
    const char *dockerfile = judge_verdict(c->judge)->dockerfile;

    *rights = (struct exchange_rights){ .may_upgrade = route->may_upgrade,
                                        .may_hijack = route->may_hijack,
                                        .is_stream = route->is_stream,
                                        .filter = judge_filter(c->judge),
                                        .error_filter = judge_error_filter(c->judge),
                                        .dockerfile = dockerfile[0] ? dockerfile : NULL };
    return JUDGE_ALLOW;
}

static enum judgement judge_upload(void *io, bool fine, struct span text, struct span *instead)
{
    struct client *c = io;

    if (!c->gave_dockerfile)
        judge_give_dockerfile(c->judge, fine, text);
    c->gave_dockerfile = true;
    switch (run_judge(c)) {
    case JUDGE_STATE_BUSY:
        return JUDGE_WAIT;
    case JUDGE_STATE_BODY: // it has gone by
        exchange_deny(c->exchange, 403, "moonward: the body of a build cannot be read twice");
        return JUDGE_DENY;
    case JUDGE_STATE_DONE:
        break;
    }
    if (!judge_verdict(c->judge)->allowed)
        return deny(c);
    if (!judge_dockerfile(c->judge, instead))
        *instead = (struct span){ 0 };
    return JUDGE_ALLOW;
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
        stream_set_owner(stream, c->turn.run, c);
        exchange_dialled(c->exchange, stream_input(stream), stream_output(stream), reused);
    }
    if (later)
        c->turn.run(c);
}

static void dial(void *io, bool fresh)
{
    struct client *c = io;

    c->ticket =
        pool_get(c->shared->tools.pool, fresh ? POOL_NONE : POOL_REQUESTS, on_connection, c);
}

static void hang_up(void *io, bool reusable)
{
    struct client *c = io;

    pool_cancel(c->ticket);
    c->ticket = NULL;
    pool_put(c->shared->tools.pool, reusable ? POOL_REQUESTS : POOL_NONE, c->upstream);
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
    client_log(c, ACCESS_OPENED);
}

const struct exchange_ops client_ops = { judge, judge_upload, dial, hang_up, answered };
