// write: heads as moonward sends them. Nothing of the other side's bytes passes but names and
// values that were read strictly; hop-by-hop fields (RFC 9110, section 7.6.1) stay behind, framing
// is anew.
#pragma once

#include "base/buffer.h"
#include "http/head.h"
#include "http/target.h"

struct request_out {
    enum method method;
    struct span canonical; // struct target's
    struct span host;
    const struct header *headers;
    size_t header_count;
    enum framing framing;
    uint64_t length;
    struct span upgrade; // empty: not an upgrade
};

void write_request(struct buffer *out, const struct request_out *request);

struct response_out {
    int status;
    struct span reason;
    const struct header *headers;
    size_t header_count;
    enum framing framing; // CLOSE adds "Connection: close" and so does !keep_alive
    uint64_t length;
    bool has_length; // Content-Length even without a body: HEAD, 304
    bool keep_alive;
    int minor;           // the client's HTTP/1.minor
    struct span upgrade; // for 101
};

void write_response(struct buffer *out, const struct response_out *response);

// A whole response of our own: {"message": "moonward: <text>"}, as the engine words its errors.
// 'head_only' is for HEAD: the length, but no body.
void write_refusal(struct buffer *out, int status, struct span message, bool keep_alive,
                   bool head_only);

const char *status_reason(int status); // "Forbidden"; "" for one that nobody registered
