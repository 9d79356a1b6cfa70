// write: heads as moonward sends them. Nothing of the other side's bytes passes but names and
// values that were read strictly; hop-by-hop fields (hop.h) stay behind, framing is anew.
//
// The caller asks the buffer, once, whether it all fitted.
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
    bool (*passes)(struct span name); // which of them go on, by their lower-case names; NULL: all
    enum framing framing;             // CLOSE adds "Connection: close" and so does !keep_alive
    uint64_t length;
    bool has_length; // with FRAMING_NONE: Content-Length all the same, for HEAD and 304
    bool keep_alive;
    int minor;           // the client's HTTP/1.minor
    struct span upgrade; // for 101
};

void write_response(struct buffer *out, const struct response_out *response);

// The framing that write_response() announces: HTTP/1.0 knows no chunks, so there they become
// CLOSE.
enum framing write_response_framing(const struct response_out *response);

// The body of an error as the engine words its own: {"message":"<text>"}. Any bytes may stand in
// the text; what is not UTF-8 becomes U+FFFD.
void write_message(struct buffer *out, struct span message);

// A whole response of our own with such a body, whose length it returns. 'head_only' is for HEAD:
// the length, but no body, and 0 is returned.
size_t write_refusal(struct buffer *out, int status, struct span message, bool keep_alive,
                     bool head_only);

// The same with fields besides: name and value of each with a NUL behind, as whoever denies wrote
// them. Only those that are well formed and no part of framing are taken, and no more than
// WRITE_FIELDS.
#define WRITE_FIELDS 8
size_t write_refusal_with(struct buffer *out, int status, struct span message, struct span fields,
                          bool keep_alive, bool head_only);

const char *status_reason(int status); // "Forbidden"; "" for one that nobody registered
