#include "base/api_version.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

#define PART_MAX 9999

static const struct api_version newest = { 1, 51 };

static int read_part(struct span text, unsigned *out)
{
    uint64_t n;

    if (text.len > 1 && text.at[0] == '0')
        return -1;
    if (number_read(text, 10, PART_MAX, &n) != 0)
        return -1;
    *out = (unsigned)n;
    return 0;
}

int api_version_read(struct span text, struct api_version *out)
{
    const char *dot = text.len > 0 ? memchr(text.at, '.', text.len) : NULL;
    struct api_version v;

    if (!dot)
        return -1;

    size_t before = (size_t)(dot - text.at);

    if (read_part((struct span){ text.at, before }, &v.major) != 0 || v.major == 0)
        return -1;
    if (read_part((struct span){ dot + 1, text.len - before - 1 }, &v.minor) != 0)
        return -1;
    *out = v;
    return 0;
}

int api_version_compare(struct api_version a, struct api_version b)
{
    if (a.major != b.major)
        return a.major < b.major ? -1 : 1;
    if (a.minor != b.minor)
        return a.minor < b.minor ? -1 : 1;
    return 0;
}

void api_version_prefix(struct span said, char out[API_VERSION_PREFIX])
{
    struct api_version v;

    out[0] = '\0';
    if (api_version_read(said, &v) != 0)
        return;
    if (api_version_compare(v, newest) > 0)
        v = newest;
    (void)snprintf(out, API_VERSION_PREFIX, "/v%u.%u", v.major, v.minor);
}
