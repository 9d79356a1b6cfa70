#include "proxy/filtered.h"

#include "base/attr.h"
#include "http/write.h"
#include "net/packed.h"
#include "json/members.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// The forms of an answer that a filter reads: values of JSON, one behind the other.
// application/json-seq (RFC 7464), which engines have for events as well, puts a control character
// before each.
static bool is_readable(struct span type)
{
    static const char *const forms[] = { "application/json", "application/jsonl",
                                         "application/x-ndjson" };

    for (size_t i = 0; i < type.len; i++)
        if (type.at[i] == ';' || is_blank(type.at[i])) // parameters
            type.len = i;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (span_is_nocase(type, span_of(forms[i])))
            return true;
    return false;
}

static bool changes_the_answer(struct span name)
{
    return span_is(name, SPAN("accept-encoding")) || span_is(name, SPAN("range")) ||
           span_starts(name, SPAN("if-"));
}

// Of what an Accept (RFC 9110, 12.5.1) lists, the first form that a filter reads; empty if there is
// none.
static struct span readable_of(struct span accept)
{
    while (accept.len > 0) {
        const char *comma = memchr(accept.at, ',', accept.len);
        struct span one = { accept.at, comma ? (size_t)(comma - accept.at) : accept.len };
        size_t used = comma ? one.len + 1 : one.len;

        while (one.len > 0 && is_blank(*one.at))
            one = (struct span){ one.at + 1, one.len - 1 };
        while (one.len > 0 && is_blank(one.at[one.len - 1]))
            one.len--;
        if (is_readable(one))
            return one;
        accept = (struct span){ accept.at + used, accept.len - used };
    }
    return (struct span){ 0 };
}

bool filtered_asks(struct header *header)
{
    if (changes_the_answer(header->name))
        return false;
    if (!span_is(header->name, SPAN("accept")))
        return true;
    header->value = readable_of(header->value);
    return header->value.len > 0;
}

bool filtered_passes(struct span name)
{
    static const char *const names[] = {
        "api-version",
        "builder-version",
        "cache-control",
        "content-type",
        "date",
        "deprecation",
        "docker-experimental",
        "libpod-api-version",
        "libpod-buildah-version",
        "ostype",
        "server",
        "swarm",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (span_is(name, span_of(names[i])))
            return true;
    return false;
}

// {"message":"..."}; podman's has "cause", a text, and "response", a number, as well.
static enum filter_verdict judge_error(void *arg, size_t list, struct span item,
                                       struct buffer *replacement)
{
    struct member members[3];
    size_t n = members_read(item, members, ARRAY_LEN(members), NULL, 0);
    bool has_message = false;

    (void)arg;
    (void)list;
    (void)replacement;
    if (n == MEMBERS_ODD)
        return FILTER_FAIL;
    for (size_t i = 0; i < n; i++) {
        bool is_message = span_is(members[i].key, SPAN("message"));
        bool is_text = members[i].value.len > 0 && members[i].value.at[0] == '"';
        bool is_number = members[i].value.len == 3 && members[i].value.at[0] >= '1' &&
                         members[i].value.at[0] <= '9';

        has_message = has_message || is_message;
        if (!(is_text && (is_message || span_is(members[i].key, SPAN("cause")))) &&
            !(is_number && span_is(members[i].key, SPAN("response"))))
            return FILTER_FAIL;
    }
    return has_message ? FILTER_KEEP : FILTER_FAIL;
}

static const struct cut_rules one_value = { .depth = 8 };

const struct answer_rules filtered_errors = { .cut = &one_value, .judge = judge_error };

const char *filtered_obstacle(const struct exchange *x)
{
    const struct response_head *head = &x->response;
    struct span coding = header_find(head->headers, head->header_count, SPAN("content-encoding"));
    struct span type = header_find(head->headers, head->header_count, SPAN("content-type"));

    if (coding.len > 0 && !span_is_nocase(coding, SPAN("identity")))
        return "moonward: the engine's answer is compressed, and a policy filters it";
    if ((type.len > 0 || head->status >= 300) && !is_readable(type))
        return "moonward: the engine's answer is not JSON, and a policy filters it";
    return NULL;
}

// True: the answer goes on. The head waits until the body is known to begin as it should, unless it
// is a stream, which may say nothing for days.
static bool begin_answer(struct exchange *x)
{
    if (x->head_sent)
        return true;
    if (!exchange_send_head(x, (struct span){ 0 }))
        return false;
    x->head_sent = true;
    x->status = x->response.status;
    x->ops->answered(x->io);
    return true;
}

// What came before the fault was judged and may have gone out; what is behind it never does.
static enum step abort_answer(struct exchange *x, const char *why)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "moonward: the answer can't be filtered: %s", why);
    if (!x->head_sent)
        return exchange_refuse(x, 502, text, true);
    exchange_deny(x, 502, text); // for the log
    return exchange_give_up(x);
}

// Moves into a buffer of its own first: nothing may stand in the client's before the head.
static enum body_status move(struct exchange *x, struct evbuffer *to)
{
    return answer_filter_move(x->filter, &x->response_body, x->upstream.in, x->upstream.ended, to,
                              x->out, x->limits->buffer);
}

// Nothing of the one object that was asked for may be shown: as if there were none.
static bool hides_object(const struct exchange *x, enum body_status status)
{
    const char *missing = x->rules->missing;

    return missing && missing[0] && status == BODY_END && !x->head_sent &&
           !answer_filter_began(x->filter);
}

// As the engine says it: under the head of its answer, so that what is hidden looks like what is
// not there.
static enum step answer_missing(struct exchange *x, struct evbuffer *to)
{
    struct buffer body;

    buffer_init(&body, 64u << 10);
    write_message(&body, span_of(x->rules->missing));
    x->response.status = 404;
    x->response.reason = span_of(status_reason(404));
    x->response.length = body.len;
    x->out = FRAMING_LENGTH;
    exchange_deny(x, 404, x->rules->missing); // for the log

    // What 'to' holds is the end of the answer that is not given.
    bool fine = !body.failed && evbuffer_drain(to, evbuffer_get_length(to)) == 0 &&
                packed_add(to, body.data, body.len);

    x->own_answer = true;
    x->own_bytes = body.len;
    buffer_clear(&body);
    if (!fine || !begin_answer(x) || !packed_move(to, x->client.out, evbuffer_get_length(to)))
        return abort_answer(x, "out of memory");
    return exchange_answered(x);
}

static enum step step_with(struct exchange *x, struct evbuffer *to)
{
    enum body_status status = move(x, to);
    bool begins = status != BODY_BAD && status != BODY_CUT &&
                  (status == BODY_END || answer_filter_began(x->filter) ||
                   (x->rights.is_stream && x->response.status < 300));

    if (hides_object(x, status))
        return answer_missing(x, to);
    if (begins && !begin_answer(x))
        return abort_answer(x, "out of memory");
    if (x->head_sent && !packed_move(to, x->client.out, evbuffer_get_length(to)))
        return abort_answer(x, "out of memory");
    switch (status) {
    case BODY_MORE:
    case BODY_FULL:
        return STEP_WAIT;
    case BODY_END:
        return exchange_answered(x);
    case BODY_CUT:
        return abort_answer(x, "the engine cut it short");
    case BODY_BAD:
        break;
    }
    return abort_answer(x, answer_filter_fault(x->filter));
}

enum step step_filter(struct exchange *x)
{
    if (!exchange_pump_request(x))
        return abort_answer(x, "the request's body broke off");
    exchange_pass_on_end(x);
    if (evbuffer_get_length(x->client.out) >= x->limits->buffer)
        return STEP_WAIT;

    struct evbuffer *to = evbuffer_new();

    if (!to)
        return abort_answer(x, "out of memory");

    enum step step = step_with(x, to);

    evbuffer_free(to);
    return step;
}
