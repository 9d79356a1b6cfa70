// body: moves the body of one message from one buffer to another, out of one framing into another.
// Holds nothing itself. Works on evbuffers alone, so tests drive it without sockets.
#pragma once

#include "base/attr.h"
#include "http/chunked.h"
#include "http/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;

enum body_status {
    BODY_MORE, // all that is there was moved; more is to come
    BODY_FULL, // the target holds its limit; call again when it has drained
    BODY_END,  // the whole body was moved, its end written
    BODY_CUT,  // the source ended in the middle
    BODY_BAD,  // the source broke its framing
};

struct body {
    enum framing in, out;
    uint64_t left;   // FRAMING_LENGTH: bytes to come
    uint64_t passed; // bytes of content so far
    struct chunked chunked;
    bool ended;
};

// 'strict': the source is a client. A body that is FRAMING_NONE has ended at once.
void body_init(struct body *b, enum framing in, uint64_t length, enum framing out, bool strict);
void body_clear(struct body *b); // fine on a zeroed or cleared one

// Moves until 'to' holds 'limit' bytes. to == NULL: the bytes are dropped. 'from_ended': no more
// will come into 'from'.
MUST_USE enum body_status body_move(struct body *b, struct evbuffer *from, bool from_ended,
                                    struct evbuffer *to, size_t limit);

// The line in front of a chunk of n bytes, n > 0; behind them goes "\r\n".
void body_begin_chunk(struct evbuffer *to, size_t n);
