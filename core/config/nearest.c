#include "config/nearest.h"

#include <string.h>

#define LONGEST 64 // of the names that are compared; a longer one is near to nothing

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Which letters, whatever their case, and whether digits and others are in it: each that only one
// of two names has costs an edit.
static uint32_t letters_of(struct span name)
{
    uint32_t letters = 0;

    for (size_t i = 0; i < name.len; i++) {
        char c = lower(name.at[i]);
        unsigned bit = c >= 'a' && c <= 'z'   ? (unsigned)(c - 'a')
                       : c >= '0' && c <= '9' ? 26
                       : c == '_'             ? 27
                                              : 28;

        letters |= UINT32_C(1) << bit;
    }
    return letters;
}

// Every variable of the environment is held against the names of all options, and next to none is
// near one: what can be seen at once is not worked out.
static bool is_hopeless(const struct nearest *n, struct span name)
{
    size_t longer = name.len > n->wanted.len ? name.len : n->wanted.len;
    uint32_t letters;

    if (name.len == 0 || longer > LONGEST || longer - least(name.len, n->wanted.len) >= n->distance)
        return true;
    letters = letters_of(name);
    return (size_t)__builtin_popcount(n->letters & ~letters) >= n->distance ||
           (size_t)__builtin_popcount(letters & ~n->letters) >= n->distance;
}

// Edits (insert, delete, change, swap of neighbours) that turn a into b, whatever the case;
// 'enough' if there are as many or more.
static size_t distance(struct span a, struct span b, size_t enough)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    size_t least_before = 0, least_last = 0;

    for (size_t j = 0; j <= b.len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t least_here = row[0] = i;

        for (size_t j = 1; j <= b.len; j++) {
            char x = lower(a.at[i - 1]), y = lower(b.at[j - 1]);

            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b.at[j - 2]) && y == lower(a.at[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
            least_here = least(least_here, row[j]);
        }
        least_before = least_last;
        least_last = least_here;
        if (least(least_before, least_last) >= enough)
            return enough; // what follows is made of these two rows, and is no less

        size_t *free_row = before;

        before = last;
        last = row;
        row = free_row;
    }
    return last[b.len];
}

void nearest_init(struct nearest *n, struct span wanted)
{
    *n = (struct nearest){ .wanted = wanted, .letters = letters_of(wanted) };
    // A third of the letters may be wrong; more than that would be a guess.
    n->distance = (wanted.len < 6 ? 2 : wanted.len / 3) + 1;
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    struct span name = span_of(candidate);

    if (is_hopeless(n, name))
        return;

    size_t d = distance(n->wanted, name, n->distance);

    if (d < n->distance) {
        n->distance = d;
        n->best = candidate;
    }
}
