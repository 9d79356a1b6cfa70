// hang: ends the process when a run of Lua hangs inside a C function, where no hook can see it (a
// pathological LPeg grammar). What it was working on is refused; the supervisor starts another.
//
// A timer of this process's CPU time ticks while the process is busy: an idle or stopped process
// has no ticks, and a decision costs two additions and no system call. A run that a tick comes upon
// is told, so that it can begin to count what it spends. One that is seen by enough ticks in a row
// has hung. The timer belongs to the process that made it, so make it after fork.
// Start reading at hang_enter().
#pragma once

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"

#include <stddef.h>

#define HANG_STATUS 86 // the exit status of a worker
// Of CPU time; the kernel's own ticks may be longer.
#define HANG_TICK_MS (4 * CLOCK_SLOWER)

struct hang;
struct lua_State;

// Both run inside a signal handler, so they may only call what signal-safety(7) lists.
struct hang_hooks {
    void (*refuse)(void *arg); // write the refusal that was prepared
    // Then say so. 'where' is "file.lua:12", or "" when that is not known.
    void (*report)(void *arg, const char *policy, const char *where);
    void *arg;
    int status; // of the process that ends; 0: HANG_STATUS
};

// One per process. The caller owns the result. Hooks may be NULL.
struct hang *hang_new(unsigned deadline_ms, const struct hang_hooks *hooks, struct err *err);
void hang_free(struct hang *hang);

// Around each run of Lua. Runs do not nest. 'seen' is called at each tick that comes upon the run,
// inside the signal handler.
void hang_enter(struct hang *hang, struct lua_State *L, void (*seen)(struct lua_State *L));
void hang_leave(struct hang *hang);

// Whose code runs, for the report: kept by reference until the run ends.
void hang_policy(struct hang *hang, const char *name);
