// clock: the clocks. Deadlines and durations use the monotonic one, log lines the wall clock,
// limits on what a policy may spend the CPU clock.
#pragma once

#include "base/span.h"

#include <stdint.h>

// How many times as long everything takes as it should: more where an emulator counts (make
// MODE=count). Times that limit what a piece of work takes are multiples of it.
#ifndef CLOCK_SLOWER
#define CLOCK_SLOWER 1
#endif

uint64_t clock_now_us(void);  // monotonic, microseconds since some point in the past
uint64_t clock_wall_us(void); // microseconds since 1970, UTC
uint64_t clock_cpu_us(void);  // CPU time of this thread: stands still while it waits or is stopped

// The wall clock in words, "2026-01-02T03:04:05.678Z". All but the milliseconds is put together
// once a second. Borrowed until the next call with the same 'text'.
struct clock_text {
    uint64_t second; // that 'at' is of; 0: none yet
    char at[32];
};
struct span clock_wall_text(struct clock_text *text);
