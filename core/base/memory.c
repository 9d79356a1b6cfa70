#include "base/memory.h"

#include "base/number.h"
#include "base/span.h"

#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#define GROWTH 256u // pages, from which on it is worth the time

// The second number there; 0: not known.
static size_t pages(const struct memory *m)
{
    char text[128];
    ssize_t len = pread(m->statm, text, sizeof(text), 0);
    uint64_t n = 0;

    if (len <= 0)
        return 0;

    const char *from = memchr(text, ' ', (size_t)len);
    const char *to = from ? memchr(from + 1, ' ', (size_t)(text + len - from - 1)) : NULL;

    if (!to ||
        number_read((struct span){ from + 1, (size_t)(to - from - 1) }, 10, SIZE_MAX, &n) != 0)
        return 0;
    return (size_t)n;
}

void memory_open(struct memory *m)
{
    m->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    m->least = pages(m);
}

void memory_close(struct memory *m)
{
    if (m->statm >= 0)
        close(m->statm);
}

void memory_give_back(struct memory *m)
{
    size_t now = pages(m);

    if (now > m->least + GROWTH) {
        (void)malloc_trim(0);
        m->least = pages(m);
    } else if (now < m->least) {
        m->least = now;
    }
}
