// target: the request target in its one canonical form. What a policy judges and what the engine
// receives are both made from this, so they cannot mean two things.
//
// Raw bytes are decoded once; what is not an origin-form, holds dot segments, doubled slashes,
// control characters, a broken escape or an escaped slash outside names that may hold slashes is
// refused with a text that says so (threats.md, sections 0 and 1).
#pragma once

#include "base/api_version.h"
#include "base/attr.h"
#include "base/span.h"
#include "http/head.h"

#include <stddef.h>

struct query_pair {
    struct span key, value; // decoded
};

struct target {
    char *block;         // what the spans point into
    struct span path;    // decoded, without version, begins with "/"
    struct span version; // "1.41", or empty
    struct query_pair *pairs;
    size_t pair_count;
    struct span canonical; // to be sent: "/v1.41/containers/json?all=1"
};

struct target_rules {
    struct api_version least; // a lower version in the path is refused
    size_t pairs;             // most pairs in a query
};

// 'raw' is the target as it stood in the request line. HEAD_BAD sets the error and holds nothing.
MUST_USE enum head_status target_read(struct target *target, struct span raw,
                                      const struct target_rules *rules, struct head_error *error);
void target_clear(struct target *target);

// Gives a target another path (empty: the same) and the pairs of that key another value (empty key:
// none). Both decoded; the version stays. On HEAD_BAD the target is as it was.
MUST_USE enum head_status target_rename(struct target *target, struct span path,
                                        const struct query_pair *set, size_t count,
                                        const struct target_rules *rules, struct head_error *error);
