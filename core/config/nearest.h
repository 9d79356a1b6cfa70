// nearest: which of some known names a misspelt one was meant to be.
#pragma once

#include "base/span.h"

#include <stddef.h>
#include <stdint.h>

struct nearest {
    struct span wanted;
    const char *best; // NULL: nothing is near enough to be worth a word
    size_t distance;  // of the best so far, or what is too far
    uint32_t letters; // of 'wanted'
};

void nearest_init(struct nearest *n, struct span wanted);
void nearest_offer(struct nearest *n, const char *candidate); // borrowed
