// name_pattern: names with stars, as in secret.*: a star stands for any bytes, also for none.
// Linear in the name. No memory of its own.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>

#define NAME_PATTERN_STARS 8

struct name_pattern {
    struct span pieces[NAME_PATTERN_STARS + 1]; // what is between the stars
    unsigned count;
};

// Reads a pattern from *at up to 'stop', or up to the end if that is NUL; leaves *at behind it. A
// backslash takes a star, a quote or a backslash as it is. The literal bytes are written to *store,
// which must have room for as many as are read and must live as long as the pattern.
// NULL, or what is wrong, a constant; *at is then where.
MUST_USE const char *name_pattern_read(struct name_pattern *p, const char **at, const char *end,
                                       char stop, char **store);

bool name_pattern_fits(const struct name_pattern *p, struct span name);
