// reader: reads a tar archive as it streams by: names and contents of its entries, one after the
// other; and passes it on without its end. Holds one block, and names and attributes of one entry
// up to TAR_SPECIAL_MAX. What Go's archive/tar might read otherwise is a fault. No I/O.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/span.h"
#include "tar/header.h"

#include <stdbool.h>
#include <stddef.h>

#define TAR_SPECIAL_MAX (256u << 10)

// Both return NULL, or why it cannot go on.
struct tar_user {
    // One of the first four kinds, and the name as it stands in the archive.
    const char *(*entry)(void *arg, enum tar_kind kind, struct span name);
    const char *(*content)(void *arg, struct span piece); // of the entry before
    // The archive itself, piece by piece, but for the zeros that end it. NULL: nobody wants it.
    void (*pass)(void *arg, struct span piece);
    void *arg;
};

enum tar_state {
    TAR_AT_HEADER,
    TAR_AT_CONTENT,
    TAR_AT_SPECIAL, // what says more about the entry to come
    TAR_AT_PADDING,
    TAR_AT_SECOND_ZERO,
    TAR_AT_END, // what follows is nobody's
};

struct tar_reader {
    struct tar_user user;
    enum tar_state state;
    struct tar_header header;
    char block[TAR_BLOCK];
    size_t have;            // of that block
    uint64_t left;          // of what follows the header
    size_t padding;         // behind that
    struct buffer special;  // content of the kinds that are about the next entry
    struct buffer name;     // of the next entry, where one of these said it
    bool has_pax, has_size; // one said something
    bool has_name;
    bool awaits_entry; // one of these came, whatever it said
    uint64_t size;
    const char *fault;
};

void tar_reader_init(struct tar_reader *r, const struct tar_user *user);
void tar_reader_clear(struct tar_reader *r);

// 0, or -1: tar_reader_fault().
MUST_USE int tar_reader_feed(struct tar_reader *r, const char *data, size_t len);

// Whether an archive may end here: no entry is half there.
bool tar_reader_whole(const struct tar_reader *r);

const char *tar_reader_fault(const struct tar_reader *r); // a constant; NULL if there is none
