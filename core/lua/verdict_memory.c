#include "lua/verdict_memory.h"

#include "base/check.h"
#include "base/keyed_hash.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum { REASON, POLICY, RULE, WHERE, HINT, TEXTS };

struct entry {
    uint64_t hash;
    const struct route *route;
    uint32_t next; // slot of the next one in its bucket
    bool asked;    // since the hand came by
    bool allowed, hidden;
    int status;
    uint32_t key_len;
    uint16_t lens[TEXTS]; // with the NUL
    char bytes[];         // the key, then the texts
};

struct verdict_memory {
    struct hash_secret secret;
    size_t most, most_bytes; // 'most' entries is a power of two
    size_t count, bytes;
    size_t hand; // of the clock: the slot that it looks at next
    struct entry **slots;
    uint32_t *buckets; // the first slot of each; as many as there are slots
};

#define TEXT(field)                                                           \
    {                                                                         \
        offsetof(struct verdict, field), sizeof(((struct verdict *)0)->field) \
    }
static const struct {
    size_t offset, size;
} texts[TEXTS] = {
    [REASON] = TEXT(reason), [POLICY] = TEXT(policy), [RULE] = TEXT(rule),
    [WHERE] = TEXT(where),   [HINT] = TEXT(hint),
};

struct verdict_memory *verdict_memory_new(size_t entries, size_t bytes)
{
    struct verdict_memory *m = calloc(1, sizeof(*m));

    CHECK(entries > 0 && entries < NONE);
    if (!m)
        return NULL;
    for (m->most = 1; m->most <= entries / 2;)
        m->most *= 2;
    m->most_bytes = bytes;
    m->slots = calloc(m->most, sizeof(*m->slots));
    m->buckets = malloc(m->most * sizeof(*m->buckets));
    if (!m->slots || !m->buckets || !hash_secret_new(&m->secret)) {
        verdict_memory_free(m);
        return NULL;
    }
    memset(m->buckets, 0xff, m->most * sizeof(*m->buckets)); // NONE
    return m;
}

void verdict_memory_free(struct verdict_memory *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->slots && i < m->most; i++)
        free(m->slots[i]);
    free(m->slots);
    free(m->buckets);
    free(m);
}

static uint32_t *bucket_of(const struct verdict_memory *m, uint64_t hash)
{
    return &m->buckets[hash & (m->most - 1)];
}

static size_t size_of(const struct entry *e)
{
    size_t size = sizeof(*e) + e->key_len;

    for (int i = 0; i < TEXTS; i++)
        size += e->lens[i];
    return size;
}

static struct entry *find(const struct verdict_memory *m, struct span key, uint64_t hash)
{
    for (uint32_t at = *bucket_of(m, hash); at != NONE; at = m->slots[at]->next) {
        struct entry *e = m->slots[at];

        if (e->hash == hash && span_is((struct span){ e->bytes, e->key_len }, key))
            return e;
    }
    return NULL;
}

const struct route *verdict_memory_recall(struct verdict_memory *m, struct span key,
                                          struct verdict *out)
{
    struct entry *e = find(m, key, keyed_hash(&m->secret, key));
    const char *at;

    if (!e)
        return NULL;
    e->asked = true;
    out->allowed = e->allowed;
    out->hidden = e->hidden;
    out->status = e->status;
    at = e->bytes + e->key_len;
    for (int i = 0; i < TEXTS; i++) {
        memcpy((char *)out + texts[i].offset, at, e->lens[i]);
        at += e->lens[i];
    }
    return e->route;
}

static void forget(struct verdict_memory *m, uint32_t slot)
{
    struct entry *e = m->slots[slot];
    uint32_t *link = bucket_of(m, e->hash);

    while (*link != slot)
        link = &m->slots[*link]->next;
    *link = e->next;
    m->bytes -= size_of(e);
    m->count--;
    free(e);
    m->slots[slot] = NULL;
}

// Moves the hand on until there is a free slot under it, and room for so many bytes. The newest
// entry is behind it, so it is looked at last.
static void make_room(struct verdict_memory *m, size_t size)
{
    while (m->slots[m->hand] || m->bytes + size > m->most_bytes) {
        struct entry *e = m->slots[m->hand];

        if (e && !e->asked)
            forget(m, (uint32_t)m->hand);
        else if (e)
            e->asked = false;
        if (!m->slots[m->hand] && m->bytes + size <= m->most_bytes)
            return;
        m->hand = (m->hand + 1) & (m->most - 1);
    }
}

static struct entry *new_entry(const struct verdict_memory *m, struct span key,
                               const struct route *route, const struct verdict *verdict)
{
    struct entry head = { .hash = keyed_hash(&m->secret, key),
                          .route = route,
                          .allowed = verdict->allowed,
                          .hidden = verdict->hidden,
                          .status = verdict->status,
                          .key_len = (uint32_t)key.len };
    struct entry *e;
    char *at;

    for (int i = 0; i < TEXTS; i++) {
        const char *text = (const char *)verdict + texts[i].offset;

        head.lens[i] = (uint16_t)(strnlen(text, texts[i].size - 1) + 1);
    }
    e = size_of(&head) <= m->most_bytes ? malloc(size_of(&head)) : NULL;
    if (!e)
        return NULL;
    *e = head;
    memcpy(e->bytes, key.at, key.len);
    at = e->bytes + key.len;
    for (int i = 0; i < TEXTS; i++) {
        memcpy(at, (const char *)verdict + texts[i].offset, e->lens[i]);
        at += e->lens[i];
        at[-1] = '\0';
    }
    return e;
}

void verdict_memory_keep(struct verdict_memory *m, struct span key, const struct route *route,
                         const struct verdict *verdict)
{
    struct entry *e = new_entry(m, key, route, verdict);

    if (!e)
        return;
    if (find(m, key, e->hash)) { // of a second request at the same time
        free(e);
        return;
    }
    make_room(m, size_of(e));
    e->next = *bucket_of(m, e->hash);
    *bucket_of(m, e->hash) = (uint32_t)m->hand;
    m->slots[m->hand] = e;
    m->hand = (m->hand + 1) & (m->most - 1);
    m->bytes += size_of(e);
    m->count++;
}

size_t verdict_memory_count(const struct verdict_memory *m)
{
    return m->count;
}

size_t verdict_memory_bytes(const struct verdict_memory *m)
{
    return m->bytes;
}
