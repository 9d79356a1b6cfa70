#include "base/clock.h"

#include "base/check.h"

#include <time.h>

static uint64_t read_clock(clockid_t id)
{
    struct timespec t;

    CHECK(clock_gettime(id, &t) == 0);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

uint64_t clock_now_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint64_t clock_cpu_us(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

#define SECONDS_LEN 19 // of "2026-01-02T03:04:05"

struct span clock_wall_text(struct clock_text *text)
{
    uint64_t now = clock_wall_us();
    unsigned ms = (unsigned)(now / 1000 % 1000);
    char *end = text->at + SECONDS_LEN;

    if (text->second != now / 1000000) {
        time_t seconds = (time_t)(now / 1000000);
        struct tm tm;

        if (!gmtime_r(&seconds, &tm) ||
            strftime(text->at, sizeof(text->at), "%Y-%m-%dT%H:%M:%S", &tm) != SECONDS_LEN)
            return (struct span){ "", 0 };
        text->second = now / 1000000;
    }
    *end++ = '.';
    *end++ = (char)('0' + ms / 100);
    *end++ = (char)('0' + ms / 10 % 10);
    *end++ = (char)('0' + ms % 10);
    *end++ = 'Z';
    return (struct span){ text->at, (size_t)(end - text->at) };
}
