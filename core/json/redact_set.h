// redact_set: the paths of redact.h, and which of them a value is on. Sets of paths are bits; a
// path is its number. Used by redact.c alone.
#pragma once

#include "base/span.h"
#include "json/redact.h"
#include "json/redact_path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redact_set {
    struct redact_path paths[REDACT_PATHS_MAX];
    size_t count;
    size_t size;
    uint64_t all;
    uint64_t ending[REDACT_STEPS_MAX + 1]; // those with so many steps
    uint64_t keeping;
};

// Of the paths in 'bits', which have more than n steps, those whose n-th is this name or index.
uint64_t redact_set_follow(const struct redact_set *set, uint64_t bits, size_t n, bool in_object,
                           struct span name, size_t index);

// The same for a name that is too long to be looked at: it counts as one that stars fit.
uint64_t redact_set_follow_long(const struct redact_set *set, uint64_t bits, size_t n);

// Those of the paths that end at a value within so many brackets.
uint64_t redact_set_ending(const struct redact_set *set, uint64_t paths, size_t depth);

// With which bytes a name may begin that one of the paths goes on with at its n-th step: most names
// begin with none of them and need no closer look.
uint64_t redact_set_first_bits(const struct redact_set *set, uint64_t paths, size_t n);
uint64_t redact_set_first_bit(char c);
