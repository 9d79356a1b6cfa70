// head: the first part of an HTTP/1.1 message, read strictly (RFC 9112), no input or output here.
//
// head_scan() finds where a head ends, whatever the cuts; request_head_read() and
// response_head_read() then take it apart. Anything that two readers could read in two ways is an
// error with the status to answer with. A head owns a copy of its bytes; every span in it points
// there and lives as long as it.
#pragma once

#include "base/attr.h"
#include "base/span.h"
#include "http/method.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct head_limits {
    size_t bytes;   // of the whole head, first line included
    size_t headers; // fields
};

enum head_status {
    HEAD_OK,
    HEAD_MORE, // nothing wrong so far, but the end has not come
    HEAD_BAD,
};

// Why a message was refused. The text is fit for a client to read and holds no byte of the message
// but digits of a version.
struct head_error {
    int status; // 400, 417, 431, 505; 502 for responses; 503 when memory is short
    char text[128];
};

// Writes the error and returns HEAD_BAD, so that a caller can say: return head_bad(error, 400, "");
enum head_status head_bad(struct head_error *error, int status, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

// Where head_scan() stopped. Zero it before the first byte of a head.
struct head_scan {
    size_t done; // bytes that need no second look
    size_t line; // where the unfinished line begins
};

// Looks for the end of a head in data[0..len). What was looked at before is not looked at again, so
// 'data' must begin with the same bytes each time. HEAD_OK sets *end to the head's length, the
// empty line included. Bare LF, bare CR and NUL are refused as soon as they are seen.
MUST_USE enum head_status head_scan(struct head_scan *scan, const char *data, size_t len,
                                    const struct head_limits *limits, size_t *end,
                                    struct head_error *error);

struct header {
    struct span name;  // lower case
    struct span value; // without surrounding SP and HTAB
};

// How the body of a message is delimited.
enum framing {
    FRAMING_NONE,   // no body
    FRAMING_LENGTH, // 'length' bytes
    FRAMING_CHUNKED,
    FRAMING_CLOSE, // responses only: until the connection ends
};

struct request_head {
    char *block; // what all spans point into
    struct header *headers;
    size_t header_count;
    enum method method;
    struct span target;
    int minor; // HTTP/1.minor: 0 or 1
    enum framing framing;
    uint64_t length;
    bool keep_alive;       // the client wants another request on this connection
    bool expects_continue; // Expect: 100-continue, and there is a body to wait for
    struct span upgrade;   // the token of Upgrade, if Connection lists "upgrade"; else empty
};

struct response_head {
    char *block;
    struct header *headers;
    size_t header_count;
    int status;
    int minor;
    struct span reason;
    enum framing framing;
    uint64_t length;
    bool has_length;     // there was a Content-Length; also where there is no body: HEAD, 304
    bool keep_alive;     // the connection can carry another request after this response
    struct span upgrade; // of a 101; else empty
};

// 'data' is one whole head as head_scan() found it. On HEAD_BAD nothing is held.
// 'extra_methods' are the bits (1 << METHOD_...) of methods accepted besides the usual ones.
MUST_USE enum head_status request_head_read(struct request_head *head, const char *data, size_t len,
                                            const struct head_limits *limits,
                                            unsigned extra_methods, struct head_error *error);
void request_head_clear(struct request_head *head); // fine on a zeroed or cleared one

// The framing of a response depends on what was asked: HEAD, and 1xx, 204 and 304, have no body.
MUST_USE enum head_status response_head_read(struct response_head *head, const char *data,
                                             size_t len, const struct head_limits *limits,
                                             enum method asked, struct head_error *error);
void response_head_clear(struct response_head *head);

// The first header of that (lower-case) name; an empty span with at == NULL if there is none.
struct span header_find(const struct header *headers, size_t count, struct span name);
