// header: one block of 512 bytes that says what follows in a tar archive: POSIX (ustar, pax), GNU
// and what was before. Read so that Go's archive/tar, which the engine reads with, can see nothing
// else in it: what it would have to guess is a fault here. No I/O.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define TAR_BLOCK 512

// What a name in an archive is made of at most: prefix, "/", name.
#define TAR_NAME_MAX 256

enum tar_kind {
    TAR_FILE,
    TAR_DIRECTORY,
    TAR_LINK,  // symbolic or hard
    TAR_OTHER, // devices, pipes, comments about all of the archive
    // About the entry that follows:
    TAR_PAX,
    TAR_LONG_NAME,
    TAR_LONG_LINK,
};

struct tar_header {
    enum tar_kind kind;
    uint64_t size;               // of what follows
    unsigned mode;               // of a file; what cannot be read is 0644
    char name[TAR_NAME_MAX + 1]; // not cleaned
};

// NULL, or why it cannot be read: a constant.
MUST_USE const char *tar_header_read(struct tar_header *h, const char block[TAR_BLOCK]);

// Makes a block for a file, or for a TAR_LONG_NAME; of the name as much as there is room for.
void tar_header_write(char block[TAR_BLOCK], enum tar_kind kind, struct span name, uint64_t size,
                      unsigned mode);

// Whether the block is all zeros: two of them are the end of an archive.
bool tar_header_is_zero(const char block[TAR_BLOCK]);
