#include "json/key_table.h"

#include "json/fold.h"

#include <stdlib.h>

#define FIRST_SLOTS 128

static size_t slot_of(const struct key_table *t, uint32_t object, struct span key)
{
    uint64_t seed = t->seed + object * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)fold_hash(key, seed) & (t->slots - 1);
}

static void put(struct key_table *t, const struct document *d, struct key_entry entry)
{
    size_t slot = slot_of(t, entry.object, document_key(d, &d->nodes[entry.member]));

    while (t->entries[slot].member != 0)
        slot = (slot + 1) & (t->slots - 1);
    t->entries[slot] = entry;
}

static bool grow(struct key_table *t, const struct document *d)
{
    struct key_table larger = { .seed = t->seed, .used = t->used };

    larger.slots = t->slots > 0 ? 2 * t->slots : FIRST_SLOTS;
    larger.entries = calloc(larger.slots, sizeof(*larger.entries));
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < t->slots; i++)
        if (t->entries[i].member != 0)
            put(&larger, d, t->entries[i]);
    free(t->entries);
    t->entries = larger.entries;
    t->slots = larger.slots;
    return true;
}

bool key_table_add(struct key_table *t, const struct document *d, uint32_t object, uint32_t member)
{
    if (2 * t->used >= t->slots && !grow(t, d))
        return false;
    put(t, d, (struct key_entry){ member, object });
    t->used++;
    return true;
}

uint32_t key_table_find(const struct key_table *t, const struct document *d, uint32_t object,
                        struct span key)
{
    const struct node *node = &d->nodes[object];

    for (size_t slot = slot_of(t, object, key); t->entries[slot].member != 0;
         slot = (slot + 1) & (t->slots - 1)) {
        struct key_entry entry = t->entries[slot];

        if (entry.object == object &&
            document_same_key(node, document_key(d, &d->nodes[entry.member]), key))
            return entry.member;
    }
    return 0;
}

void key_table_clear(struct key_table *t)
{
    free(t->entries);
}
