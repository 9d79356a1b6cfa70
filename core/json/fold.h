// fold: names of fields as Go's encoding/json compares them: ASCII letters in either case are one,
// and so are "s" and U+017F, "k" and U+212A; no other character has a partner in ASCII.
#pragma once

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Writes the folded name, which is never longer; returns its length.
size_t fold_write(struct span name, char *out);

// Compares names of which neither has one of the two characters.
bool fold_same(struct span a, struct span b);
uint64_t fold_hash(struct span name, uint64_t seed);

bool fold_has_partner(struct span name); // it has one of the two characters
