// chunked: decodes the chunked transfer coding (RFC 9112, section 7.1) as it comes. It copies no
// data: it says how much of the input is framing and where data lies. Only trailers are held.
//
//   input    "5\r\nhello\r\n0\r\n\r\nGET ..."
//   step 1    [3 ][ 5 ]                        CHUNKED_DATA, skip 3, body 5
//   step 2             [ 7         ]           CHUNKED_END, skip 7
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "http/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunked {
    int state;
    bool strict;
    uint64_t left;         // data bytes of this chunk that have not come yet
    unsigned digits;       // of the size line so far
    size_t line;           // bytes of the extension or of the trailer line so far
    struct buffer section; // the trailer section as it came
    struct buffer trailer; // what is passed on of it
    const char *fault;     // why it is BAD, a constant
};

enum chunked_status {
    CHUNKED_MORE, // everything was used; there is more to come
    CHUNKED_DATA, // *body bytes of data, after *skip bytes of framing; call again behind them
    CHUNKED_END,  // the body ended *skip bytes into the input; what follows is the next message
    CHUNKED_BAD,  // see chunked_fault()
};

// 'strict' is for requests: extensions are refused, since nobody sends them and readers differ. In
// responses they are skipped, up to 4 KiB a line. Bare LF is refused in both.
void chunked_init(struct chunked *c, bool strict);
void chunked_clear(struct chunked *c); // frees the trailer

// One step. Not to be called again after END or BAD.
MUST_USE enum chunked_status chunked_step(struct chunked *c, const char *data, size_t len,
                                          size_t *skip, size_t *body);

// After CHUNKED_END: the trailer of a response as lines "name: value\r\n" to pass on, without the
// fields that must not come so late (framing, routing, hop-by-hop); empty if there is none, and for
// requests, whose trailers are read and dropped. At most 16 KiB of trailer are read. Valid until
// chunked_clear().
struct span chunked_trailer(const struct chunked *c);

// After CHUNKED_BAD: what is wrong, fit for a client to read.
const char *chunked_fault(const struct chunked *c);
