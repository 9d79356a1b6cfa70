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

#define MEMBERS_ODD ((size_t)-1)

// The members in their order, borrowed from the text. MEMBERS_ODD if it is no object, if there are
// more than 'most', or if a key has an escape, so that comparing it is not enough.
MUST_USE size_t members_read(struct span object, struct member *out, size_t most);

// The last member with that key, which is the one that counts; NULL if there is none.
const struct member *members_find(const struct member *members, size_t count, struct span key);
