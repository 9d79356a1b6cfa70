#include "proxy/census.h"

#include "base/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024 // chains stay short up to some thousand addresses

struct entry {
    struct entry *next;
    unsigned count;
    char address[];
};

struct census {
    unsigned per_client;
    struct entry *buckets[BUCKETS];
};

// FNV-1a. Addresses are not chosen freely enough by a client to be worth a keyed hash.
static size_t bucket_of(const char *address)
{
    uint32_t h = 2166136261u;

    for (const char *p = address; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    return h % BUCKETS;
}

static struct entry **find(struct census *census, const char *address)
{
    struct entry **at = &census->buckets[bucket_of(address)];

    while (*at && strcmp((*at)->address, address) != 0)
        at = &(*at)->next;
    return at;
}

struct census *census_new(unsigned per_client)
{
    struct census *census = calloc(1, sizeof(*census));

    if (census)
        census->per_client = per_client;
    return census;
}

void census_free(struct census *census)
{
    if (!census)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (census->buckets[i]) {
            struct entry *next = census->buckets[i]->next;

            free(census->buckets[i]);
            census->buckets[i] = next;
        }
    }
    free(census);
}

bool census_enter(struct census *census, const char *address)
{
    struct entry **at = find(census, address);

    if (!*at) {
        size_t len = strlen(address) + 1;
        struct entry *entry = malloc(sizeof(*entry) + len);

        if (!entry)
            return false;
        entry->next = NULL;
        entry->count = 0;
        memcpy(entry->address, address, len);
        *at = entry;
    }
    if ((*at)->count >= census->per_client)
        return false;
    (*at)->count++;
    return true;
}

void census_leave(struct census *census, const char *address)
{
    struct entry **at = find(census, address);
    struct entry *entry = *at;

    CHECK(entry && entry->count > 0);
    if (--entry->count > 0)
        return;
    *at = entry->next;
    free(entry);
}
