// chunked: decodes the chunked transfer coding (RFC 9112, section 7.1) byte by byte, holding
// nothing: it says how much of the input is framing and where data lies.
#pragma once

#include "base/attr.h"
#include "http/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunked {
    int state;
    uint64_t left;   // data bytes of this chunk that have not come yet
    unsigned digits; // of the size line so far
    size_t trailer;  // bytes of the trailer section so far
    size_t line;     // bytes of the current trailer line so far
};

enum chunked_status {
    CHUNKED_MORE, // everything was used; there is more to come
    CHUNKED_DATA, // *data of the input is body, after *skip bytes of framing; call again behind it
    CHUNKED_END,  // the body ended *skip bytes into the input; what follows is the next message
    CHUNKED_BAD,
};

void chunked_init(struct chunked *c);

// One step. Extensions are skipped (up to 4 KiB a line), trailers are skipped (up to 64 KiB in
// all). 'strict' is for requests: extensions and bare LF are refused there, since nobody sends
// them.
MUST_USE enum chunked_status chunked_step(struct chunked *c, const char *data, size_t len,
                                          size_t *skip, size_t *body);
