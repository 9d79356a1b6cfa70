// context: what `docker build` sends to the classic builder, a tar archive that may be packed by
// gzip, and the Dockerfile in it, as the builder will find it. Reads along while the archive
// streams by, and passes it on unpacked, but for its end: the builder starts as soon as it has
// that. context_finish() makes one, with another Dockerfile in front of it if one is wanted: of two
// files of one name the builder has the last.
//
// Held are the Dockerfile, up to CONTEXT_FILE_MAX, and what the libraries need. What the builder
// might read otherwise, or might find elsewhere (through links), is a fault. No I/O.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct context;

#define CONTEXT_FILE_MAX  (1u << 20)
#define CONTEXT_LINKS_MAX (64u << 10) // of one archive

struct buffer;

// Gets the archive, piece by piece.
struct context_user {
    void (*pass)(void *arg, struct span piece);
    void *arg;
};

enum context_status {
    CONTEXT_BAD,  // context_fault()
    CONTEXT_MORE, // of what was fed, more can be unpacked: call again, with what was not used
    CONTEXT_PASS,
    CONTEXT_OVER, // the archive has ended; what follows is nobody's
};

#define CONTEXT_UNPACKED (32u << 10) // bytes at a time

// 'name' as the request says it, "" if it does not; 'secret' is a number that the client does not
// know. NULL: no memory.
struct context *context_new(struct span name, uint64_t secret, struct context_user user);
void context_free(struct context *c); // NULL is fine

// Uses some of the data, *len bytes in the end: what is packed, no more than becomes
// CONTEXT_UNPACKED, and all of what is not.
MUST_USE enum context_status context_feed(struct context *c, const char *data, size_t *len);

// No more will come. The Dockerfile, borrowed until context_free(); false: context_fault().
MUST_USE bool context_end(struct context *c, struct span *dockerfile);

// Writes the end of the archive, behind a Dockerfile that takes the place of the one that was
// found; an empty one leaves that. After context_end() has found it.
void context_finish(const struct context *c, struct span dockerfile, struct buffer *out);
#define CONTEXT_FINISH_MAX (CONTEXT_FILE_MAX + (8u << 10)) // bytes of that

const char *context_fault(const struct context *c); // what people can do something with
