// test_files: which files there are to test, and when they last changed.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"

#define TEST_FILES_MAX 4096 // of one walk

// Adds the files of specs, *_spec.lua, in and below a folder, a line each and in order; of a file
// it is the file, whatever its name. Folders that begin with a dot, and links to folders, are left
// out.
MUST_USE int test_files_find(const char *path, struct buffer *out, struct err *err);

// Adds a line for each *.lua in and below a folder, or beside a file: it is another one as soon as
// the file has changed.
MUST_USE int test_files_stamp(const char *path, struct buffer *out, struct err *err);
