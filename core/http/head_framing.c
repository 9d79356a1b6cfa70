#include "http/head_framing.h"

#include "base/number.h"
#include "http/chars.h"

#include <string.h>

static enum head_status read_coding(const struct fields *f, int minor, struct head_error *error)
{
    if (f->seen[FIELD_CONTENT_LENGTH] > 0)
        return head_bad(error, 400, "both Content-Length and Transfer-Encoding");
    if (f->seen[FIELD_TRANSFER_ENCODING] > 1)
        return head_bad(error, 400, "more than one Transfer-Encoding");
    if (minor == 0)
        return head_bad(error, 400, "Transfer-Encoding in an HTTP/1.0 message");
    if (!span_is_nocase(f->first[FIELD_TRANSFER_ENCODING], SPAN("chunked")))
        return head_bad(error, 400, "a Transfer-Encoding other than chunked");
    return HEAD_OK;
}

enum head_status framing_read(const struct fields *f, int minor, struct body_found *body,
                              struct head_error *error)
{
    *body = (struct body_found){ .framing = FRAMING_NONE };
    if (f->seen[FIELD_TRANSFER_ENCODING] > 0) {
        body->framing = FRAMING_CHUNKED;
        return read_coding(f, minor, error);
    }
    if (f->seen[FIELD_CONTENT_LENGTH] == 0)
        return HEAD_OK;
    if (f->seen[FIELD_CONTENT_LENGTH] > 1)
        return head_bad(error, 400, "more than one Content-Length");
    if (number_read(f->first[FIELD_CONTENT_LENGTH], 10, INT64_MAX, &body->length) != 0)
        return head_bad(error, 400, "a Content-Length that is not a plain number");
    body->framing = FRAMING_LENGTH;
    body->has_length = true;
    return HEAD_OK;
}

// protocol-name, and maybe "/" protocol-version (RFC 9110, section 7.8).
static bool is_protocol(struct span text)
{
    const char *slash = text.len > 0 ? memchr(text.at, '/', text.len) : NULL;
    size_t name = slash ? (size_t)(slash - text.at) : text.len;

    if (!chars_is_token((struct span){ text.at, name }))
        return false;
    return !slash || chars_is_token((struct span){ slash + 1, text.len - name - 1 });
}

enum head_status framing_upgrade(const struct fields *f, struct span *token,
                                 struct head_error *error)
{
    *token = (struct span){ NULL, 0 };
    if (f->seen[FIELD_UPGRADE] == 0)
        return HEAD_OK;
    if (f->seen[FIELD_UPGRADE] > 1)
        return head_bad(error, 400, "more than one Upgrade");
    if (!is_protocol(f->first[FIELD_UPGRADE]))
        return head_bad(error, 400, "an Upgrade that is not exactly one protocol");
    *token = f->first[FIELD_UPGRADE];
    return HEAD_OK;
}
