#include "http/write.h"

#include <stdint.h>

// More than any message has; a longer one is cut.
#define BODY_MAX (64u << 10)
#define TEXT_MAX (8u << 10)

// The length of the UTF-8 sequence that begins here (RFC 3629: no surrogates, nothing overlong,
// nothing above U+10FFFF), or 0 if none does.
static size_t utf8_length(const unsigned char *p, size_t left)
{
    static const struct {
        unsigned char lead_min, lead_max, second_min, second_max;
        size_t len;
    } forms[] = {
        { 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (p[0] < forms[i].lead_min || p[0] > forms[i].lead_max)
            continue;
        if (left < forms[i].len)
            return 0;
        if (forms[i].len > 1 && (p[1] < forms[i].second_min || p[1] > forms[i].second_max))
            return 0;
        for (size_t k = 2; k < forms[i].len; k++) {
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        }
        return forms[i].len;
    }
    return 0;
}

static void add_json_string(struct buffer *out, struct span text)
{
    const unsigned char *p = (const unsigned char *)text.at;

    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len;) {
        size_t len = utf8_length(p + i, text.len - i);

        if (len == 0)
            buffer_add_string(out, "\\ufffd");
        else if (p[i] == '"' || p[i] == '\\')
            buffer_printf(out, "\\%c", p[i]);
        else if (p[i] == '\n')
            buffer_add_string(out, "\\n");
        else if (p[i] < 0x20 || p[i] == 0x7f)
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
