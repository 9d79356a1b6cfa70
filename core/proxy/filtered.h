// filtered: the part of an exchange whose answer is filtered: what is asked of the engine so that
// the answer can be read, and the moving of it. Used by forward.c alone.
#pragma once

#include "proxy/exchange_steps.h"

// Leaves out the fields that would let the engine answer in another form or in part: conditions,
// ranges, codings. Of the types that the client accepts the first one stays that a filter reads;
// without one the engine chooses. Reorders the headers and returns how many are left.
size_t filtered_keep_headers(struct header *headers, size_t count);

// Why an answer with this head can't be filtered; NULL if it can.
const char *filtered_obstacle(const struct exchange *x);
