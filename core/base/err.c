#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Macros for the analyzer only; see the header.
#undef err_set
#undef err_errno

int err_set(struct err *err, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    return -1;
}

int err_errno(struct err *err, const char *what)
{
    return err_set(err, "%s: %s", what, strerror(errno));
}
