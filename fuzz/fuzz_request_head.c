// A request head means the same after it was written anew, wherever the input was cut.
#include "heads.h"

#include "http/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_anew(struct buffer *out, const struct request_head *head)
{
    struct request_out request = {
        .method = head->method,
        .canonical = head->target,
        .host = header_find(head->headers, head->header_count, SPAN("host")),
        .headers = head->headers,
        .header_count = head->header_count,
        .framing = head->framing,
        .length = head->length,
        .upgrade = head->upgrade,
    };

    buffer_init(out, wide.bytes);
    write_request(out, &request);
    CHECK(!out->failed);
}

static void check_again(const struct request_head *head)
{
    unsigned all = ~0u;
    struct request_head again;
    struct head_error error;
    struct buffer once, twice;
    struct head_scan scan = { 0 };
    size_t end = 0;

    write_anew(&once, head);
    CHECK(head_scan(&scan, once.data, once.len, &wide, &end, &error) == HEAD_OK);
    CHECK(end == once.len);
    CHECK(request_head_read(&again, once.data, once.len, &wide, all, &error) == HEAD_OK);
    CHECK(again.method == head->method && span_is(again.target, head->target));
    CHECK(again.framing == head->framing && again.length == head->length);
    CHECK(again.minor == 1 && again.keep_alive && span_is(again.upgrade, head->upgrade));
    CHECK(head->minor == 0 || again.expects_continue == head->expects_continue);
    check_passed_on(head->headers, head->header_count, again.headers, again.header_count);
    write_anew(&twice, &again);
    CHECK(span_is(buffer_span(&once), buffer_span(&twice)));
    buffer_clear(&once);
    buffer_clear(&twice);
    request_head_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    unsigned connect_too = 1u << METHOD_CONNECT;
    struct request_head head;
    struct head_error error = { 0 };
    size_t end = 0;

    if (!find_head(text, size, &end))
        return 0;
    if (request_head_read(&head, text, end, &narrow, connect_too, &error) != HEAD_OK) {
        CHECK(error.status >= 400 && error.text[0] && head.headers == NULL);
        return 0;
    }
    CHECK(head.header_count <= narrow.headers && head.method != METHOD_TRACE);
    CHECK(head.framing != FRAMING_CLOSE && (head.minor == 0 || head.minor == 1));
    CHECK(head.minor == 1 || (head.framing != FRAMING_CHUNKED && !head.keep_alive));
    CHECK(head.target.len > 0 && !memchr(head.target.at, ' ', head.target.len));
    check_headers(head.headers, head.header_count, head.framing);
    check_again(&head);
    request_head_clear(&head);
    return 0;
}
