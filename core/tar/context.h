// context: what `docker build` sends to the classic builder, a tar archive that may be packed by
// gzip, and the Dockerfile in it, as the builder will find it. Reads along while the archive
// streams by, and says when its end begins, which must not pass before the Dockerfile was judged:
// the builder starts as soon as it has that.
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

enum context_status {
    CONTEXT_BAD,    // context_fault()
    CONTEXT_PASS,   // the builder cannot have started with what it was fed
    CONTEXT_ENDING, // with what was fed last it might
};

// 'name' as the request says it, "" if it does not; 'secret' is a number that the client does not
// know. NULL: no memory.
struct context *context_new(struct span name, uint64_t secret);
void context_free(struct context *c); // NULL is fine

MUST_USE enum context_status context_feed(struct context *c, const char *data, size_t len);

// No more will come. The Dockerfile, borrowed until context_free(); false: context_fault().
MUST_USE bool context_end(struct context *c, struct span *dockerfile);

const char *context_fault(const struct context *c); // what people can do something with
