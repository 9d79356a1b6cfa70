// sandbox: a Lua state with a limit on its memory, and runs with a limit on what they may spend.
//
// Bounded are memory (allocator), instructions and time (count hook; of a state that is watched it
// comes with the first tick of hang.h, unless there are few instructions to spend). Not bounded is
// the time spent inside one C library function, which no hook can see: that is what hang.h is for,
// and why the names that a policy sees (lualib/moonward/host/names.lua) are few.
// Start reading at sandbox_resume().
#pragma once

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lua_State;
struct sandbox;
struct hang;

enum budget_hit { BUDGET_LEFT, BUDGET_INSTRUCTIONS, BUDGET_TIME, BUDGET_MEMORY };

// What one run may spend; it may be spent in several bursts. Once it is used up every further
// instruction raises the error again, so that a policy's pcall cannot go on. That holds for memory
// too: each attempt to get more than there is costs a full collection.
struct budget {
    uint64_t instructions; // left
    uint64_t burst_us;     // CPU time of one burst: a process that is stopped spends none
    uint64_t
        burst_end; // of the burst that is running, on clock_cpu_us()'s clock; 0: not yet looked
    enum budget_hit hit;
    char where[80]; // "file.lua:12": what ran when it was used up, if that is known
};

// The caller owns the result. NULL with err set on failure.
struct sandbox *sandbox_new(size_t memory, struct err *err);
void sandbox_free(struct sandbox *sb);

struct lua_State *sandbox_state(struct sandbox *sb);
struct sandbox *sandbox_of(struct lua_State *L); // the owner of a state or of its coroutines
size_t sandbox_used(const struct sandbox *sb);   // bytes
size_t sandbox_limit(const struct sandbox *sb);

// From now on runs are watched for hanging inside C. 'hang' is borrowed; NULL: not watched.
void sandbox_watch(struct sandbox *sb, struct hang *hang);
// Whose code runs from here on; kept by reference until the run ends.
void sandbox_running(struct sandbox *sb, const char *policy);

// Counts memory that C holds for an object of this state, and returns what its __gc has to refund:
// nothing in a state without a sandbox, which specs have. Raises an error when it is too much, so
// only to be called from inside a protected call.
size_t sandbox_charge(struct lua_State *L, size_t bytes);
void sandbox_refund(struct lua_State *L, size_t bytes);

// To be called when a run that spent all memory is over and its coroutine is reset: the collections
// in between run no finalizers, so what C++ holds would stay.
void sandbox_collect(struct sandbox *sb);

// Runs a C function with one light userdata, protected, without a budget: for our own code, because
// every push that allocates can fail. Leaves nothing on the stack.
MUST_USE int sandbox_protect(struct sandbox *sb, int (*fn)(struct lua_State *), void *arg,
                             struct err *err);

// The same for a function that runs a policy's code: under a budget.
MUST_USE int sandbox_call(struct sandbox *sb, int (*fn)(struct lua_State *), void *arg,
                          struct budget *budget, struct err *err);

// Resumes a coroutine of this state for one burst; the result is lua_resume()'s. 'first' begins
// to count, later bursts go on. A run that swallowed the error in its last instruction shows
// only in budget->hit.
MUST_USE int sandbox_resume(struct sandbox *sb, struct lua_State *co, int nargs, bool first,
                            struct budget *budget);

// The error on top of the stack as text, without converting it: a conversion may allocate and so
// may fail. Borrowed until it is popped.
const char *sandbox_error(struct lua_State *L);
