#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "moonward: %s:%d: this must not happen: %s\n", file, line, what);
    abort();
}
