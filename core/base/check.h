// check: an assertion that stays on in release builds. Use it for "this cannot happen unless the
// program is wrong"; use an error return for anything a peer, a file or the kernel can cause.
// Stopping is safer than going on: a worker that ends denies, and the supervisor starts another.
#pragma once

#include "base/attr.h"

NORETURN void check_failed(const char *what, const char *file, int line);

#define CHECK(cond)                                  \
    do {                                             \
        if (!(cond))                                 \
            check_failed(#cond, __FILE__, __LINE__); \
    } while (0)
