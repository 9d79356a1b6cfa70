// number: whole numbers from text that somebody else wrote. The only place that turns digits into
// numbers, so that no sign, space, underscore or overflow slips through.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

// The value of a digit of base 16, in either case, or -1 if it is none.
int number_digit(char c);

// Reads the whole span as digits of base 2 to 16, without sign or prefix. Returns 0 and the number,
// or -1 if the span is empty, has another character, or is more than 'max'.
MUST_USE int number_read(struct span text, unsigned base, uint64_t max, uint64_t *out);

// Whether a number as JSON writes it is more than a double holds.
bool number_overflows(struct span text);
