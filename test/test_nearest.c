// Which known name a misspelt one was meant to be: what is seen at once to be far off is what a
// full count of the edits says, and costs next to nothing.
#include "test.h"

#include "base/attr.h"
#include "config/nearest.h"

#include <string.h>
#include <time.h>

// Edits that turn a into b by the definition, without shortcuts; for short lower-case names.
static size_t edits(const char *a, size_t na, const char *b, size_t nb)
{
    size_t table[16][16];

    for (size_t i = 0; i <= na; i++) {
        for (size_t j = 0; j <= nb; j++) {
            size_t best = i == 0 ? j : i;

            if (i > 0 && j > 0) {
                size_t change = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

                best = table[i - 1][j] + 1;
                best = table[i][j - 1] + 1 < best ? table[i][j - 1] + 1 : best;
                best = change < best ? change : best;
            }
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                table[i - 2][j - 2] + 1 < best)
                best = table[i - 2][j - 2] + 1;
            table[i][j] = best;
        }
    }
    return table[na][nb];
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 16;
}

static size_t make_name(char *name, unsigned *seed)
{
    static const char letters[] = "aab_1-xy";
    size_t len = next_random(seed) % 10;

    for (size_t i = 0; i < len; i++)
        name[i] = letters[next_random(seed) % (sizeof(letters) - 1)];
    name[len] = '\0';
    return len;
}

static void test_is_near_by_the_number_of_edits_and_by_nothing_else(void)
{
    unsigned seed = 1, near = 0;

    for (int round = 0; round < 200000; round++) {
        char wanted[16], known[16];
        size_t nw = make_name(wanted, &seed), nk = make_name(known, &seed);
        size_t too_far = 1 + next_random(&seed) % 5, right;
        struct nearest nearest;

        nearest_init(&nearest, span_of(wanted));
        nearest.distance = too_far;
        nearest_offer(&nearest, known);
        right = edits(wanted, nw, known, nk);
        EXPECT((nearest.best != NULL) == (nk > 0 && right < too_far));
        EXPECT(!nearest.best || nearest.distance == right);
        near += nearest.best != NULL;
    }
    EXPECT(near > 10000); // or the rounds would show little
}

static void test_the_best_of_several_is_meant(void)
{
    static const char *const known[] = { "allowpost", "allowput", "allowget", "", "allowgets" };
    struct nearest nearest;

    nearest_init(&nearest, SPAN("ALOWGET"));
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        nearest_offer(&nearest, known[i]);
    EXPECT(nearest.best && strcmp(nearest.best, "allowget") == 0);
    nearest_init(&nearest, SPAN("unlike"));
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        nearest_offer(&nearest, known[i]);
    EXPECT(!nearest.best);
}

static double time_of(const char *known)
{
    clock_t began = clock();

    for (int i = 0; i < 20000; i++) {
        struct nearest nearest;

        nearest_init(&nearest, SPAN("SP_WATCHDOG_INTERVALS"));
        nearest.distance = 3;
        nearest_offer(&nearest, known);
        EXPECT((nearest.best != NULL) == (known[0] == 'S'));
    }
    return (double)(clock() - began);
}

// At a start each variable is held against each name.
static void test_what_is_far_off_costs_little(void)
{
    double near = time_of("SP_WATCHDOG_INTERVAL");

    EXPECT(time_of("KUBERNETES_SERVICE_HO") * 3 < near); // as long, and other letters
    EXPECT(time_of("PATH") * 3 < near);
    EXPECT(time_of("LAVRETNI_GODHCTAW_PS") * 2 < near); // the same letters
}

int main(void)
{
    RUN(test_is_near_by_the_number_of_edits_and_by_nothing_else);
    RUN(test_the_best_of_several_is_meant);
    RUN(test_what_is_far_off_costs_little);
    return 0;
}
