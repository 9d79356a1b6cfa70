#include "tar/links.h"

#include <stdlib.h>

#define FIRST 64

void links_init(struct links *l, size_t most, uint64_t secret)
{
    *l = (struct links){ .most = most, .secret = secret | 1 };
}

void links_clear(struct links *l)
{
    free(l->slots);
    links_init(l, l->most, l->secret);
}

uint64_t links_hash(uint64_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 1099511628211ull;
}

static uint64_t key_of(uint64_t hash)
{
    return hash ? hash : 1;
}

// The highest bits of a product depend on all bits of the key. The size is a power of 2, and not 1.
static uint64_t *slot_of(uint64_t *slots, size_t size, uint64_t secret, uint64_t key)
{
    size_t at = (size_t)(key * secret >> (64 - __builtin_ctzll(size)));

    while (slots[at] != 0 && slots[at] != key)
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static bool grow(struct links *l)
{
    size_t size = l->size ? 2 * l->size : FIRST;
    uint64_t *slots = calloc(size, sizeof(*slots));

    if (!slots)
        return false;
    for (size_t i = 0; i < l->size; i++)
        if (l->slots[i] != 0)
            *slot_of(slots, size, l->secret, l->slots[i]) = l->slots[i];
    free(l->slots);
    l->slots = slots;
    l->size = size;
    return true;
}

bool links_add(struct links *l, uint64_t hash)
{
    uint64_t *slot;

    if (l->count == l->most || (2 * (l->count + 1) > l->size && !grow(l)))
        return false;
    slot = slot_of(l->slots, l->size, l->secret, key_of(hash));
    l->count += *slot == 0;
    *slot = key_of(hash);
    return true;
}

bool links_have(const struct links *l, uint64_t hash)
{
    return l->size > 0 && *slot_of(l->slots, l->size, l->secret, key_of(hash)) != 0;
}
