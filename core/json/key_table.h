// key_table: the members of large objects by their keys, so that a twin is found at once however
// many there are. One for a whole document; used by document_read.c alone.
#pragma once

#include "json/document.h"

struct key_entry {
    uint32_t member, object; // numbers of nodes; member 0: free
};

struct key_table {
    uint64_t seed;
    struct key_entry *entries;
    size_t slots, used;
};

// False: there is no memory.
MUST_USE bool key_table_add(struct key_table *t, const struct document *d, uint32_t object,
                            uint32_t member);
// The member of the object that has that key; 0: none was added.
uint32_t key_table_find(const struct key_table *t, const struct document *d, uint32_t object,
                        struct span key);
void key_table_clear(struct key_table *t);
