#include "proxy/answer_form.h"

#include "json/members.h"

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

bool answer_form_asks(struct header *header)
{
    if (changes_the_answer(header->name))
        return false;
    if (!span_is(header->name, SPAN("accept")))
        return true;
    header->value = readable_of(header->value);
    return header->value.len > 0;
}

bool answer_form_passes(struct span name)
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

const struct answer_rules answer_form_errors = { .cut = &one_value, .judge = judge_error };

const char *answer_form_obstacle(const struct response_head *head)
{
    struct span coding = header_find(head->headers, head->header_count, SPAN("content-encoding"));
    struct span type = header_find(head->headers, head->header_count, SPAN("content-type"));

    if (coding.len > 0 && !span_is_nocase(coding, SPAN("identity")))
        return "moonward: the engine's answer is compressed, and a policy filters it";
    if ((type.len > 0 || head->status >= 300) && !is_readable(type))
        return "moonward: the engine's answer is not JSON, and a policy filters it";
    return NULL;
}
