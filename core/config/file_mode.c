#include "config/file_mode.h"

#include "base/number.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#define OWNER_WRITES 0200u

// Group and others have no more than the owner.
static bool is_descending(uint64_t mode)
{
    uint64_t owner = mode >> 6 & 7, group = mode >> 3 & 7, others = mode & 7;

    return ((group | others) & ~owner) == 0;
}

static bool is_sane(uint64_t mode)
{
    return mode <= 0777 && is_descending(mode) && (mode & OWNER_WRITES) != 0;
}

void file_mode_hint(struct span written, char *out, size_t size)
{
    uint64_t number = 0;
    bool is_decimal = written.len > 0 && written.at[0] != '0' &&
                      number_read(written, 10, UINT64_MAX, &number) == 0 && is_sane(number);

    out[0] = '\0';
    if (is_decimal)
        (void)snprintf(out, size,
                       "; %" PRIu64 " is 0%" PRIo64
                       " in decimal, which YAML makes of it: quote it, "
                       "as in \"0%" PRIo64 "\"",
                       number, number, number);
}

int file_mode_check(uint64_t mode, struct span written, struct err *err)
{
    char hint[160];

    if (is_sane(mode))
        return 0;
    file_mode_hint(written, hint, sizeof(hint));
    if (mode > 0777)
        return err_set(err, "file mode has to be between 0 and 0o777, got 0o%" PRIo64, mode);
    if (!is_descending(mode))
        return err_set(err, "mode 0%03" PRIo64 " gives group or others what the owner has not%s",
                       mode, hint);
    return err_set(err,
                   "mode 0%03" PRIo64 " does not let the owner write, and so nobody can connect%s",
                   mode, hint);
}
