#include "http/write.h"

#include "http/hop.h"

#include <string.h>

static void add_literal(struct buffer *out, struct span text)
{
    buffer_add(out, text.at, text.len);
}

static void add_line(struct buffer *out, struct span name, struct span value)
{
    size_t len = name.len + value.len + 4;
    char *at = buffer_room(out, len);

    if (!at)
        return;
    memcpy(at, name.at, name.len);
    at[name.len] = ':';
    at[name.len + 1] = ' ';
    if (value.len > 0)
        memcpy(at + name.len + 2, value.at, value.len);
    at[len - 2] = '\r';
    at[len - 1] = '\n';
    buffer_filled(out, len);
}

// 'trailer': the Trailer field may stay, because what it announces will be passed on.
static void add_headers(struct buffer *out, const struct header *headers, size_t count,
                        bool (*passes)(struct span name), bool trailer)
{
    for (size_t i = 0; i < count; i++) {
        struct span name = headers[i].name;

        if (passes && !passes(name))
            continue;
        if (!hop_is_dropped(name) || (trailer && span_is(name, SPAN("trailer"))))
            add_line(out, name, headers[i].value);
    }
}

static void add_length(struct buffer *out, uint64_t length)
{
    add_literal(out, SPAN("Content-Length: "));
    buffer_add_number(out, length);
    add_literal(out, SPAN("\r\n"));
}

static void add_upgrade(struct buffer *out, struct span token)
{
    add_literal(out, SPAN("Connection: Upgrade\r\n"));
    add_line(out, SPAN("Upgrade"), token);
}

void write_request(struct buffer *out, const struct request_out *request)
{
    buffer_add_string(out, method_name(request->method));
    buffer_add_char(out, ' ');
    buffer_add_span(out, request->canonical);
    add_literal(out, SPAN(" HTTP/1.1\r\n"));
    add_line(out, SPAN("Host"), request->host);
    add_headers(out, request->headers, request->header_count, NULL, false);
    switch (request->framing) {
    case FRAMING_LENGTH:
        add_length(out, request->length);
        break;
    case FRAMING_CHUNKED:
        add_literal(out, SPAN("Transfer-Encoding: chunked\r\n"));
        break;
    case FRAMING_NONE:
    case FRAMING_CLOSE: // a request cannot end so; it has no body then
        break;
    }
    if (request->upgrade.len > 0)
        add_upgrade(out, request->upgrade);
    buffer_add(out, "\r\n", 2);
}

enum framing write_response_framing(const struct response_out *response)
{
    if (response->framing == FRAMING_CHUNKED && response->minor == 0)
        return FRAMING_CLOSE;
    return response->framing;
}

static void add_status_line(struct buffer *out, int status, struct span reason)
{
    add_literal(out, SPAN("HTTP/1.1 "));
    buffer_add_number(out, (uint64_t)status);
    buffer_add_char(out, ' ');
    buffer_add_span(out, reason);
    buffer_add(out, "\r\n", 2);
}

// The length of a body that does not follow: for HEAD and 304, never for 1xx and 204 (RFC
// 9110, 8.6).
static bool tells_length(const struct response_out *response)
{
    return response->framing == FRAMING_NONE && response->has_length && response->status >= 200 &&
           response->status != 204;
}

void write_response(struct buffer *out, const struct response_out *response)
{
    enum framing framing = write_response_framing(response);
    bool close = !response->keep_alive || response->minor == 0 || framing == FRAMING_CLOSE;

    add_status_line(out, response->status, response->reason);
    add_headers(out, response->headers, response->header_count, response->passes,
                framing == FRAMING_CHUNKED);
    if (framing == FRAMING_LENGTH || tells_length(response))
        add_length(out, response->length);
    else if (framing == FRAMING_CHUNKED)
        add_literal(out, SPAN("Transfer-Encoding: chunked\r\n"));
    if (response->upgrade.len > 0)
        add_upgrade(out, response->upgrade);
    else if (close && response->status >= 200)
        add_literal(out, SPAN("Connection: close\r\n"));
    buffer_add(out, "\r\n", 2);
}
