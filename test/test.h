// The whole C test framework: each test program is a list of cases; a failed EXPECT ends it with
// the place. The runner (tools/test) counts the lines that begin with "ok".
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define EXPECT(cond)                                                                   \
    do {                                                                               \
        if (!(cond)) {                                                                 \
            fprintf(stderr, "not ok %s:%d: expected %s\n", __FILE__, __LINE__, #cond); \
            exit(1);                                                                   \
        }                                                                              \
    } while (0)

#define RUN(test)                 \
    do {                          \
        test();                   \
        printf("ok %s\n", #test); \
    } while (0)
