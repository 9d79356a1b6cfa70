// keyed_hash: SipHash-1-3, for tables whose keys strangers choose: who does not know the secret
// cannot make many keys fall together.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct hash_secret {
    uint64_t first, second;
};

// Draws one. False: the kernel has no random numbers.
MUST_USE bool hash_secret_new(struct hash_secret *secret);

uint64_t keyed_hash(const struct hash_secret *secret, struct span text);
