// err: a failure's explanation, written where it happens and printed once, at the top.
// It lives on the caller's stack and never allocates, so it also works when memory is short.
#pragma once

#include "base/attr.h"

struct err {
    char text[512];
};

// Both write the text and return -1, so that a caller can say: return err_set(err, "...");
int err_set(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
int err_errno(struct err *err, const char *what); // appends ": " and what errno means

// The analyzer can't see into another file, and would follow failures that return 0.
#ifdef __clang_analyzer__
#define err_set(...)   (err_set(__VA_ARGS__), -1)
#define err_errno(...) (err_errno(__VA_ARGS__), -1)
#endif
