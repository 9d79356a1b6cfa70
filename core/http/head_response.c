#include "http/head.h"

#include "http/chars.h"
#include "http/head_framing.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Reads "HTTP/1.1 SP 200 SP reason"; the reason and the space before it may be missing.
static enum head_status read_first_line(struct response_head *head, struct span line,
                                        struct head_error *error)
{
    const char *p = line.at;

    if (line.len < 12 || memcmp(p, "HTTP/1.", 7) != 0 || (p[7] != '0' && p[7] != '1') ||
        p[8] != ' ' || !is_digit(p[9]) || !is_digit(p[10]) || !is_digit(p[11]) ||
        (line.len > 12 && p[12] != ' '))
        return head_bad(error, 502, "the first line of the answer is not: HTTP/1.1 status reason");
    head->minor = p[7] - '0';
    head->status = (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
    if (head->status < 100 || head->status > 599)
        return head_bad(error, 502, "the answer's status is %d", head->status);
    if (line.len > 13)
        head->reason = (struct span){ p + 13, line.len - 13 };
    if (chars_text_end(p, p + line.len) != p + line.len)
        return head_bad(error, 502, "a control character in the first line of the answer");
    return HEAD_OK;
}

// RFC 9112, section 6.3: some answers have no body, whatever their fields say. Where the fields
// must not say anything and do, what follows the head is anybody's guess.
static enum head_status read_body(struct response_head *head, const struct fields *f,
                                  enum method asked, struct head_error *error)
{
    struct body_found body;
    bool never = head->status < 200 || head->status == 204;

    if (framing_read(f, head->minor, &body, error) != HEAD_OK)
        return HEAD_BAD;
    head->has_length = body.has_length;
    head->length = body.length;
    if (never && (body.framing == FRAMING_CHUNKED || body.length > 0))
        return head_bad(error, 502, "an answer with status %d that announces a body", head->status);
    if (never || head->status == 304 || asked == METHOD_HEAD)
        head->framing = FRAMING_NONE;
    else if (body.framing == FRAMING_NONE)
        head->framing = FRAMING_CLOSE;
    else
        head->framing = body.framing;
    return HEAD_OK;
}

static enum head_status read_meaning(struct response_head *head, const struct fields *f,
                                     enum method asked, struct head_error *error)
{
    if (read_body(head, f, asked, error) != HEAD_OK)
        return HEAD_BAD;
    head->keep_alive = head->minor == 1 && head->framing != FRAMING_CLOSE && head->status != 101 &&
                       !fields_connection_lists(f, SPAN("close"));
    if (head->status != 101)
        return HEAD_OK;
    return framing_upgrade(f, &head->upgrade, error);
}

enum head_status response_head_read(struct response_head *head, const char *data, size_t len,
                                    const struct head_limits *limits, enum method asked,
                                    struct head_error *error)
{
    struct fields f;

    *head = (struct response_head){ .headers = NULL };
    if (fields_open(&f, data, len, limits, error) != HEAD_OK)
        return HEAD_BAD;

    const char *cr = len > 0 ? memchr(f.block, '\r', len) : NULL;
    size_t line = cr ? (size_t)(cr - f.block) : len;
    enum head_status status = HEAD_BAD;

    if (line + 2 > len || f.block[line + 1] != '\n')
        status = head_bad(error, 502, "the first line of the answer does not end with CRLF");
    else
        status = read_first_line(head, (struct span){ f.block, line }, error);
    if (status == HEAD_OK)
        status = fields_read(&f, f.block + line + 2, f.block + len, error);
    if (status == HEAD_OK)
        status = read_meaning(head, &f, asked, error);
    if (status != HEAD_OK) {
        free(f.headers);
        *head = (struct response_head){ .headers = NULL };
        error->status = 502; // whatever it would be for a request, here the engine is at fault
        return HEAD_BAD;
    }
    head->block = f.block;
    head->headers = f.headers;
    head->header_count = f.count;
    return HEAD_OK;
}
