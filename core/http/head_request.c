#include "http/head.h"

#include "http/chars.h"
#include "http/head_framing.h"

#include <stdlib.h>
#include <string.h>

static enum head_status read_version(struct span text, int *minor, struct head_error *error)
{
    static const char shape[] = "HTTP/";

    if (text.len != 8 || memcmp(text.at, shape, 5) != 0 || text.at[6] != '.' || text.at[5] < '0' ||
        text.at[5] > '9' || text.at[7] < '0' || text.at[7] > '9')
        return head_bad(error, 400, "the request line is not: METHOD target HTTP/1.1");
    if (text.at[5] != '1' || text.at[7] > '1')
        return head_bad(error, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    *minor = text.at[7] - '0';
    return HEAD_OK;
}

static enum head_status unknown_method(struct span text, struct head_error *error)
{
    enum method meant = method_read_nocase(text);

    if (meant != METHOD_UNKNOWN)
        return head_bad(error, 400, "a method is written in capitals: %s", method_name(meant));
    return head_bad(error, 400, "a method that is not known here");
}

// Reads "METHOD SP target SP HTTP/1.1". 'line' is without its CRLF.
static enum head_status read_first_line(struct request_head *head, struct span line,
                                        unsigned extra_methods, struct head_error *error)
{
    const char *end = line.at + line.len;
    const char *space = line.len > 0 ? memchr(line.at, ' ', line.len) : NULL;
    const char *target = space ? space + 1 : end;
    const char *second = target < end ? memchr(target, ' ', (size_t)(end - target)) : NULL;

    if (line.len == 0)
        return head_bad(error, 400, "an empty line where the request line belongs");
    if (!space || !second || second == target || chars_text_end(line.at, end) != end ||
        memchr(line.at, '\t', line.len))
        return head_bad(error, 400, "the request line is not: METHOD target HTTP/1.1");

    head->method = method_read((struct span){ line.at, (size_t)(space - line.at) });
    head->target = (struct span){ target, (size_t)(second - target) };
    if (head->method == METHOD_UNKNOWN)
        return unknown_method((struct span){ line.at, (size_t)(space - line.at) }, error);
    if ((head->method == METHOD_CONNECT || head->method == METHOD_TRACE) &&
        (extra_methods & (1u << head->method)) == 0)
        return head_bad(error, 400, "the method %s is not accepted", method_name(head->method));
    second++;
    return read_version((struct span){ second, (size_t)(end - second) }, &head->minor, error);
}

// The bytes that Go's server takes in a Host too. Apart from the brackets and colons of addresses,
// and "=", they are those of tokens but for these four.
static bool is_host(struct span host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.at[i];

        if (chars_token[c] ? c == '#' || c == '^' || c == '`' || c == '|'
                           : c == '\0' || !strchr("(),:;=[]", c))
            return false;
    }
    return true;
}

static enum head_status check_host(const struct fields *f, int minor, struct head_error *error)
{
    if (f->seen[FIELD_HOST] > 1)
        return head_bad(error, 400, "more than one Host");
    if (f->seen[FIELD_HOST] == 0 && minor == 1)
        return head_bad(error, 400, "an HTTP/1.1 request without Host");
    if (!is_host(f->first[FIELD_HOST]))
        return head_bad(error, 400, "a Host with a character that is not allowed there");
    return HEAD_OK;
}

// True if Go's mime.ParseMediaType would take it for a form, whatever its case and parameters.
static bool is_form(struct span type)
{
    const char *semicolon = type.len > 0 ? memchr(type.at, ';', type.len) : NULL;
    struct span multipart = SPAN("multipart/");

    if (semicolon)
        type.len = (size_t)(semicolon - type.at);
    while (type.len > 0 && (type.at[type.len - 1] == ' ' || type.at[type.len - 1] == '\t'))
        type.len--;
    if (type.len >= multipart.len &&
        span_is_nocase((struct span){ type.at, multipart.len }, multipart))
        return true;
    return span_is_nocase(type, SPAN("application/x-www-form-urlencoded"));
}

// The engine ignores Content-Encoding, and unpacks a tar by its first bytes whatever the head says;
// docker-py's build(gzip=True) does send the field.
static bool is_tar(struct span type)
{
    return span_is_nocase(type, SPAN("application/tar")) ||
           span_is_nocase(type, SPAN("application/x-tar"));
}

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] > 0x7e)
            return false;
    }
    return true;
}

static enum head_status check_content(const struct fields *f, bool has_body,
                                      struct head_error *error)
{
    struct span type = f->first[FIELD_CONTENT_TYPE];
    struct span coding = f->first[FIELD_CONTENT_ENCODING];

    if (f->seen[FIELD_CONTENT_TYPE] > 1)
        return head_bad(error, 400, "more than one Content-Type");
    // Go trims U+00A0 and lower-cases U+0130 to "i" before it compares: both would hide a form.
    if (!is_ascii(type))
        return head_bad(error, 400, "a Content-Type that is not plain ASCII");
    if (has_body && is_form(type))
        return head_bad(error, 400,
                        "a form as body, which could override the query; "
                        "send Content-Type: application/json");
    if (f->seen[FIELD_CONTENT_ENCODING] > 1 ||
        (f->seen[FIELD_CONTENT_ENCODING] == 1 && !span_is_nocase(coding, SPAN("identity")) &&
         !is_tar(type)))
        return head_bad(error, 400,
                        "a request body with Content-Encoding, which the engine ignores");
    return HEAD_OK;
}

static enum head_status read_expect(struct request_head *head, const struct fields *f,
                                    bool has_body, struct head_error *error)
{
    if (f->seen[FIELD_EXPECT] == 0)
        return HEAD_OK;
    if (f->seen[FIELD_EXPECT] > 1 || !span_is_nocase(f->first[FIELD_EXPECT], SPAN("100-continue")))
        return head_bad(error, 417, "an Expect other than 100-continue");
    head->expects_continue = has_body && head->minor == 1;
    return HEAD_OK;
}

static enum head_status read_connection(struct request_head *head, const struct fields *f,
                                        struct head_error *error)
{
    struct span upgrade;

    if (f->seen[FIELD_UPGRADE] > 1)
        return head_bad(error, 400, "more than one Upgrade");
    if (head->minor == 0)
        return HEAD_OK;
    head->keep_alive = !fields_connection_lists(f, SPAN("close"));
    if (!fields_connection_lists(f, SPAN("upgrade")))
        return HEAD_OK; // dropped: it does not concern this connection
    if (framing_upgrade(f, &upgrade, error) != HEAD_OK)
        return HEAD_BAD;
    head->upgrade = upgrade;
    return HEAD_OK;
}

// All that the fields of a request mean, in the order in which faults are reported.
static enum head_status read_meaning(struct request_head *head, const struct fields *f,
                                     struct head_error *error)
{
    struct body_found body;

    if (framing_read(f, head->minor, &body, error) != HEAD_OK)
        return HEAD_BAD;
    head->framing = body.framing;
    head->length = body.length;

    bool has_body = body.framing == FRAMING_CHUNKED || body.length > 0;

    if (check_host(f, head->minor, error) != HEAD_OK ||
        check_content(f, has_body, error) != HEAD_OK ||
        read_expect(head, f, has_body, error) != HEAD_OK)
        return HEAD_BAD;
    return read_connection(head, f, error);
}

enum head_status request_head_read(struct request_head *head, const char *data, size_t len,
                                   const struct head_limits *limits, unsigned extra_methods,
                                   struct head_error *error)
{
    struct fields f;

    *head = (struct request_head){ .headers = NULL };
    if (fields_open(&f, data, len, limits, error) != HEAD_OK)
        return HEAD_BAD;

    const char *cr = len > 0 ? memchr(f.block, '\r', len) : NULL;
    size_t line = cr ? (size_t)(cr - f.block) : len;
    enum head_status status = HEAD_BAD;

    if (line + 2 > len || f.block[line + 1] != '\n')
        status = head_bad(error, 400, "the request line does not end with CRLF");
    else
        status = read_first_line(head, (struct span){ f.block, line }, extra_methods, error);
    if (status == HEAD_OK)
        status = fields_read(&f, f.block + line + 2, f.block + len, error);
    if (status == HEAD_OK)
        status = read_meaning(head, &f, error);
    if (status != HEAD_OK) {
        free(f.headers);
        *head = (struct request_head){ .headers = NULL };
        return HEAD_BAD;
    }
    head->block = f.block;
    head->headers = f.headers;
    head->header_count = f.count;
    return HEAD_OK;
}
