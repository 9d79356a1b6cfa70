// file_set: the bytes of files as they were at one moment. The child that tries a set of policies
// fills it as it reads; whoever loads the same policies after that gets exactly these bytes, and
// what was not read then does not exist.
//
// It lies in memory that is shared by fork, so that the supervisor holds what its child has read
// and hands it to the workers, without a look at it. Start reading at file_set_read().
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define FILE_SET_FILE_MAX (1u << 20) // of one file

struct file_set;

// Empty, and open for what is read. NULL with err set. The caller owns the result.
struct file_set *file_set_new(struct err *err);
void file_set_free(struct file_set *set); // NULL is fine

// From now on nothing is read any more, by this process and those it forks.
void file_set_close(struct file_set *set);

enum file_status { FILE_OK, FILE_MISSING, FILE_BAD };

// The text of a regular file, borrowed as long as the set. Otherwise err names the path and says
// why there is none. FILE_MISSING: there is nothing of that name.
MUST_USE enum file_status file_set_read(struct file_set *set, const char *path, struct span *text,
                                        struct err *err);

// All that was read, in that order: i from 0 on. False: there are no more.
MUST_USE bool file_set_entry(const struct file_set *set, size_t i, struct span *path,
                             struct span *text);
