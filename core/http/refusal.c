#include "base/utf8.h"
#include "http/write.h"

#include <stdint.h>

// More than any message has; a longer one is cut.
#define BODY_MAX (64u << 10)
#define TEXT_MAX (8u << 10)

static void add_json_string(struct buffer *out, struct span text)
{
    const char *p = text.at;

    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len;) {
        size_t len = utf8_length(p + i, text.len - i);

        if (len == 0)
            buffer_add_string(out, "\\ufffd");
        else if (p[i] == '"' || p[i] == '\\')
            buffer_printf(out, "\\%c", p[i]);
        else if (p[i] == '\n')
            buffer_add_string(out, "\\n");
        else if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
            buffer_printf(out, "\\u%04x", p[i]);
        else
            buffer_add(out, p + i, len);
        i += len > 0 ? len : 1;
    }
    buffer_add_char(out, '"');
}

void write_message(struct buffer *out, struct span message)
{
    if (message.len > TEXT_MAX)
        message.len = TEXT_MAX;
    buffer_add_string(out, "{\"message\":");
    add_json_string(out, message);
    buffer_add_string(out, "}\n");
}

size_t write_refusal(struct buffer *out, int status, struct span message, bool keep_alive,
                     bool head_only)
{
    struct buffer body;
    struct header type = { SPAN("Content-Type"), SPAN("application/json") };

    buffer_init(&body, BODY_MAX);
    write_message(&body, message);

    struct response_out response = {
        .status = status,
        .reason = span_of(status_reason(status)),
        .headers = &type,
        .header_count = 1,
        .framing = FRAMING_LENGTH,
        .length = body.len,
        .keep_alive = keep_alive,
        .minor = 1,
    };

    write_response(out, &response);
    if (!head_only)
        buffer_add_span(out, buffer_span(&body));

    size_t len = head_only ? 0 : body.len;

    buffer_clear(&body);
    return len;
}
