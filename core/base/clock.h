// clock: the two clocks. Deadlines and durations use the monotonic one; log lines the wall clock.
#pragma once

#include <stdint.h>

uint64_t clock_now_us(void);  // monotonic, microseconds since some point in the past
uint64_t clock_wall_us(void); // microseconds since 1970, UTC
