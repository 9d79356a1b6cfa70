#include "json/fold.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

// The length of one of the two characters at the beginning of the text, and what it folds to; 0:
// none.
static size_t partner(struct span text, char *folded)
{
    if (span_starts(text, SPAN("\xc5\xbf"))) {
        *folded = 's';
        return 2;
    }
    *folded = 'k';
    return span_starts(text, SPAN("\xe2\x84\xaa")) ? 3 : 0;
}

size_t fold_write(struct span name, char *out)
{
    size_t n = 0;

    for (size_t i = 0, used; i < name.len; i += used) {
        used = partner((struct span){ name.at + i, name.len - i }, &out[n]);
        if (used == 0) {
            out[n] = lower(name.at[i]);
            used = 1;
        }
        n++;
    }
    return n;
}

bool fold_same(struct span a, struct span b)
{
    return a.len == b.len && span_is_nocase(a, b);
}

bool fold_has_partner(struct span name)
{
    char folded;

    for (size_t i = 0; i < name.len; i++)
        if ((name.at[i] & 0x80) != 0 &&
            partner((struct span){ name.at + i, name.len - i }, &folded) > 0)
            return true;
    return false;
}

// Each byte goes through a multiplication that nobody outside can foresee.
uint64_t fold_hash(struct span name, uint64_t seed)
{
    uint64_t hash = seed ^ name.len;

    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)lower(name.at[i])) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash ^ hash >> 32;
}
