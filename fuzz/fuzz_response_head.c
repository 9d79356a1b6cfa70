// A response head means the same after it was written anew, wherever the input was cut. The first
// byte chooses what was asked.
#include "heads.h"

#include "http/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_anew(struct buffer *out, const struct response_head *head)
{
    struct response_out response = {
        .status = head->status,
        .reason = head->reason,
        .headers = head->headers,
        .header_count = head->header_count,
        .framing = head->framing,
        .length = head->length,
        .has_length = head->has_length,
        .keep_alive = head->keep_alive,
        .minor = 1,
        .upgrade = head->upgrade,
    };

    buffer_init(out, wide.bytes);
    write_response(out, &response);
    CHECK(!out->failed);
}

static void check_again(const struct response_head *head, enum method asked)
{
    bool never = head->status < 200 || head->status == 204;
    struct response_head again;
    struct head_error error;
    struct buffer once, twice;
    struct head_scan scan = { 0 };
    size_t end = 0;

    write_anew(&once, head);
    CHECK(head_scan(&scan, once.data, once.len, &wide, &end, &error) == HEAD_OK);
    CHECK(end == once.len);
    CHECK(response_head_read(&again, once.data, once.len, &wide, asked, &error) == HEAD_OK);
    CHECK(again.status == head->status && span_is(again.reason, head->reason));
    CHECK(again.framing == head->framing && again.length == head->length);
    CHECK(never || again.has_length == head->has_length);
    CHECK(head->status < 200 || again.keep_alive == head->keep_alive);
    CHECK(span_is(again.upgrade, head->upgrade));
    check_passed_on(head->headers, head->header_count, again.headers, again.header_count);
    write_anew(&twice, &again);
    CHECK(span_is(buffer_span(&once), buffer_span(&twice)));
    buffer_clear(&once);
    buffer_clear(&twice);
    response_head_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct response_head head;
    struct head_error error = { 0 };
    size_t end = 0;

    if (size == 0)
        return 0;

    enum method asked = data[0] % 2 == 1 ? METHOD_HEAD : METHOD_GET;
    const char *text = (const char *)data + 1;

    if (!find_head(text, size - 1, &end))
        return 0;
    if (response_head_read(&head, text, end, &narrow, asked, &error) != HEAD_OK) {
        CHECK(error.status == 502 && error.text[0] && head.headers == NULL);
        return 0;
    }
    CHECK(head.header_count <= narrow.headers && head.status >= 100 && head.status <= 599);
    CHECK(asked == METHOD_GET || head.framing == FRAMING_NONE);
    CHECK(head.minor == 1 || (head.framing != FRAMING_CHUNKED && !head.keep_alive));
    CHECK(head.framing != FRAMING_CLOSE || !head.keep_alive);
    check_headers(head.headers, head.header_count, head.framing);
    check_again(&head, asked);
    response_head_clear(&head);
    return 0;
}
