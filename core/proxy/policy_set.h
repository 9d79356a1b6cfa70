// policy_set: what a generation of workers serves: the bytes of the policies' files and the
// settings, as one child of the supervisor has read and tried them. It lies in memory that is
// shared by fork, so all workers of a generation, and those that take a dead one's place, serve the
// same.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/file_set.h"
#include "config/settings.h"
#include "lua/setup.h"

#include <stdbool.h>
#include <stdint.h>

#define POLICY_SET_HASH 17 // letters, with the NUL

struct policy_set {
    struct file_set *files;
    struct settings settings;
    char hash[POLICY_SET_HASH]; // of the files' bytes and the options' values: who has it serves
                                // this
    bool complete;              // the child has got to the end
    uint64_t patience_us;       // for a worker that starts with it, until it serves
};

// Empty, for a child to fill. NULL with err set. The caller owns the result.
struct policy_set *policy_set_new(struct err *err);
void policy_set_free(struct policy_set *set); // workers keep theirs; NULL is fine

// In the child, once everything has been tried.
void policy_set_fill(struct policy_set *set, const struct setup *setup);
