// members: where the members of a JSON object are in its text, so that those that are asked for can
// be read alone. For text that was checked already: of other text it says something, but not what
// is wrong.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stddef.h>

struct member {
    struct span key; // what is between the quotes
    struct span value;
};

#define MEMBERS_ODD  ((size_t)-1)
#define MEMBERS_NONE ((size_t)-2)

// An object inside of the one that is read, whose members are wanted, too.
struct members_within {
    const struct span *names; // by which it is found
    size_t name_count;
    struct member *out;
    size_t most;
    size_t count; // what was found: MEMBERS_NONE, MEMBERS_ODD, or so many
};

// The members in their order, borrowed from the text. MEMBERS_ODD if it is no object, if there are
// more than 'most', or if a key has an escape, so that comparing it is not enough; an object inside
// is also odd where one on the way to it is. Of equal keys the last counts.
MUST_USE size_t members_read(struct span object, struct member *out, size_t most,
                             struct members_within *within, size_t within_count);
