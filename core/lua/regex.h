// regex: regular expressions in the syntax and with the meaning of Go's regexp package, in linear
// time (RE2). The only place that knows RE2; no exception leaves it.
//
// Like Go, text is UTF-8 and a byte that is not part of a valid sequence counts as one U+FFFD. RE2
// alone would let "." not match such a byte, and a rule that forbids "/secret.*" would miss it.
#pragma once

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct regex;

// The caller owns the result. NULL when memory is short or the pattern is wrong; then 'error' says
// why, as RE2 words it.
struct regex *regex_new(struct span pattern, char *error, size_t size);
void regex_free(struct regex *regex);

bool regex_match(const struct regex *regex, struct span text); // the whole of it
bool regex_find(const struct regex *regex, struct span text);  // anywhere in it

// How many groups it has, and the name of each ("" if it has none), from 1 on; borrowed.
size_t regex_groups(const struct regex *regex);
const char *regex_group_name(const struct regex *regex, size_t group);

// Matches the whole text and says what each group took: parts of 'text', of which 'at' is NULL for
// a group that took no part. 'parts' has room for regex_groups(). False: it does not match.
bool regex_capture(const struct regex *regex, struct span text, struct span *parts);

// Whether a match of the whole text may begin with this one; true where that is not known.
bool regex_may_begin(const struct regex *regex, struct span text);

// How many bytes it may come to hold, with the tables that matching builds.
size_t regex_size(const struct regex *regex);

#ifdef __cplusplus
}
#endif
