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

// Edits (insert, delete, change, swap of neighbours) that turn a into b, whatever the case.
static size_t distance(struct span a, struct span b)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b.len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char x = lower(a.at[i - 1]), y = lower(b.at[j - 1]);

            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b.at[j - 2]) && y == lower(a.at[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
        }

        size_t *free_row = before;

        before = last;
        last = row;
        row = free_row;
    }
    return last[b.len];
}

void nearest_init(struct nearest *n, struct span wanted)
{
    *n = (struct nearest){ .wanted = wanted };
    // A third of the letters may be wrong; more than that would be a guess.
    n->distance = (wanted.len < 6 ? 2 : wanted.len / 3) + 1;
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    struct span name = span_of(candidate);

    if (name.len == 0 || name.len > LONGEST || n->wanted.len > LONGEST)
        return;

    size_t d = distance(n->wanted, name);

    if (d < n->distance) {
        n->distance = d;
        n->best = candidate;
    }
}
