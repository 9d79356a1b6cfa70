// packed: how bytes get into an evbuffer and from one into another, so that what is held occupies
// at most about twice what it counts, however small the pieces come. Every limit on held bytes in
// core/net and core/proxy rests on that, so nobody there calls evbuffer_add() or
// evbuffer_remove_buffer() by itself.
//
// Small pieces are copied behind what is there; memory is taken for them when the last piece of it
// is full. Large ones keep the memory that they were read into, and change hands without being
// copied.
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct evbuffer;

// From so many bytes on, a piece is large.
#define PACKED_LARGE (32u << 10)

// What a block for large pieces should have: from 64 KiB on, free() tidies all of the heap.
#define PACKED_BLOCK (2 * PACKED_LARGE - 64)

// Appends a copy. False: no memory.
MUST_USE bool packed_add(struct evbuffer *to, const void *data, size_t len);

// Appends 'len' bytes of a block of PACKED_BLOCK that malloc() gave, and takes it over:
// a block that is too empty to keep is copied and freed. False: no memory; the block is freed all
// the same.
MUST_USE bool packed_add_block(struct evbuffer *to, char *block, size_t len);

// Moves the first 'n' bytes, which must be there. False: no memory; some of them may have moved.
MUST_USE bool packed_move(struct evbuffer *from, struct evbuffer *to, size_t n);

// What a buffer held since it was last empty or packed. Zero it with the buffer.
struct packed {
    size_t most;
};

// To be called when the buffer's length, which is 'len' now, may have changed, at the latest before
// somebody waits: what is left of much is copied out of the memory that the rest was in.
void packed_keep(struct packed *p, struct evbuffer *b, size_t len);
