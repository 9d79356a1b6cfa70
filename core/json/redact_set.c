#include "json/redact_set.h"

#include "base/check.h"
#include "json/redact.h"

#include <stdlib.h>

// --- sets ---------------------------------------------------------------------------------------

struct redact_set *redact_new(void)
{
    struct redact_set *set = calloc(1, sizeof(*set));

    if (set)
        set->size = sizeof(*set);
    return set;
}

void redact_free(struct redact_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        redact_path_clear(&set->paths[i]);
    free(set);
}

size_t redact_size(const struct redact_set *set)
{
    return set->size;
}

int redact_keep(struct redact_set *set, struct span path, const struct span *names, size_t count,
                struct err *err)
{
    if (set->count == REDACT_PATHS_MAX)
        return err_set(err, "more than %d paths", REDACT_PATHS_MAX);

    struct redact_path *added = &set->paths[set->count];
    uint64_t bit = UINT64_C(1) << set->count;

    if (redact_path_read(added, path, names, count, err) != 0) {
        redact_path_clear(added);
        return -1;
    }
    set->all |= bit;
    set->ending[added->step_count] |= bit;
    if (count > 0)
        set->keeping |= bit;
    set->size += added->size;
    set->count++;
    return 0;
}

int redact_add(struct redact_set *set, struct span path, struct err *err)
{
    return redact_keep(set, path, NULL, 0, err);
}

// --- which paths a value is on ------------------------------------------------------------------

static bool takes(const struct redact_step *step, bool in_object, struct span name, size_t index)
{
    switch (step->kind) {
    case REDACT_ANY:
        return true;
    case REDACT_NAME:
        return in_object && name_pattern_fits(&step->name, name);
    case REDACT_INDEX:
        return !in_object && step->index == index;
    }
    return true;
}

uint64_t redact_set_follow(const struct redact_set *set, uint64_t bits, size_t n, bool in_object,
                           struct span name, size_t index)
{
    uint64_t found = 0;

    for (; bits != 0; bits &= bits - 1) {
        const struct redact_path *path = &set->paths[__builtin_ctzll(bits)];

        CHECK(n < path->step_count);
        if (takes(&path->steps[n], in_object, name, index))
            found |= bits & -bits;
    }
    return found;
}

uint64_t redact_set_follow_long(const struct redact_set *set, uint64_t bits, size_t n)
{
    uint64_t found = 0;

    for (; bits != 0; bits &= bits - 1) {
        const struct redact_step *step = &set->paths[__builtin_ctzll(bits)].steps[n];

        if (step->kind == REDACT_ANY || (step->kind == REDACT_NAME && step->name.count > 1))
            found |= bits & -bits;
    }
    return found;
}

uint64_t redact_set_ending(const struct redact_set *set, uint64_t paths, size_t depth)
{
    return depth <= REDACT_STEPS_MAX ? paths & set->ending[depth] : 0;
}

uint64_t redact_set_first_bit(char c)
{
    return UINT64_C(1) << ((unsigned char)c % 64);
}

uint64_t redact_set_first_bits(const struct redact_set *set, uint64_t paths, size_t n)
{
    uint64_t bits = 0;

    for (; paths != 0; paths &= paths - 1) {
        const struct redact_step *step = &set->paths[__builtin_ctzll(paths)].steps[n];

        if (step->kind == REDACT_ANY ||
            (step->kind == REDACT_NAME && step->name.pieces[0].len == 0))
            return UINT64_MAX;
        if (step->kind == REDACT_NAME)
            bits |= redact_set_first_bit(*step->name.pieces[0].at);
    }
    return bits;
}
