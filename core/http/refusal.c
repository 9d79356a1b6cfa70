#include "base/utf8.h"
#include "http/chars.h"
#include "http/hop.h"
#include "http/write.h"

#include <stdint.h>
#include <string.h>

// More than any message has; a longer one is cut.
#define BODY_MAX   (64u << 10)
#define BODY_USUAL 1024
#define TEXT_MAX   (8u << 10)

// How many bytes a text begins with that stand for themselves in JSON, whatever comes behind.
static size_t plain_run(struct span text)
{
    size_t n = 0;

    while (n < text.len && text.at[n] >= ' ' && text.at[n] <= '~' && text.at[n] != '"' &&
           text.at[n] != '\\')
        n++;
    return n;
}

static void add_json_string(struct buffer *out, struct span text)
{
    const char *p = text.at;

    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len;) {
        size_t run = plain_run((struct span){ p + i, text.len - i });

        buffer_add(out, p + i, run);
        i += run;
        if (i == text.len)
            break;

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

// Cuts the text in front of the next NUL off.
static struct span take(struct span *fields)
{
    const char *stop = memchr(fields->at, '\0', fields->len);
    struct span text = { fields->at, stop ? (size_t)(stop - fields->at) : fields->len };
    size_t used = text.len + (stop ? 1 : 0);

    fields->at += used;
    fields->len -= used;
    return text;
}

static size_t read_fields(struct span fields, struct header *out, size_t room)
{
    size_t n = 0;

    while (fields.len > 0 && n < room) {
        struct header field = { .name = take(&fields) };

        field.value = take(&fields);
        if (chars_is_token(field.name) && !hop_is_dropped(field.name) &&
            chars_text_end(field.value.at, field.value.at + field.value.len) ==
                field.value.at + field.value.len)
            out[n++] = field;
    }
    return n;
}

size_t write_refusal(struct buffer *out, int status, struct span message, bool keep_alive,
                     bool head_only)
{
    return write_refusal_with(out, status, message, SPAN(""), keep_alive, head_only);
}

size_t write_refusal_with(struct buffer *out, int status, struct span message, struct span fields,
                          bool keep_alive, bool head_only)
{
    struct buffer body;
    char room[BODY_USUAL];
    struct header headers[1 + WRITE_FIELDS] = {
        { SPAN("Content-Type"), SPAN("application/json") },
    };

    buffer_init_in(&body, BODY_MAX, room, sizeof(room));
    write_message(&body, message);

    struct response_out response = {
        .status = status,
        .reason = span_of(status_reason(status)),
        .headers = headers,
        .header_count = 1 + read_fields(fields, headers + 1, WRITE_FIELDS),
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
