// links: which paths of an archive are links, as a set of hashes: who is in it is always found, and
// what is not in it is very rarely taken for one. Who writes the archive knows the hashes, and not
// where they lie: that is up to a secret. No I/O.
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINKS_SEED 14695981039346656037ull

struct links {
    uint64_t *slots; // 0: free
    size_t count, size, most;
    uint64_t secret; // odd
};

void links_init(struct links *l, size_t most, uint64_t secret);
void links_clear(struct links *l);

// The hash of a path, one byte after the other, from LINKS_SEED on.
uint64_t links_hash(uint64_t hash, char c);

MUST_USE bool links_add(struct links *l, uint64_t hash); // false: there are too many
bool links_have(const struct links *l, uint64_t hash);
