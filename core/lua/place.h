// place: which line of a policy is running. Our own Lua has chunk names that begin with "=" and a
// policy's begin with "@", so the first line that is not ours is the one to name.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct lua_State;

// Writes "file.lua:12", or "" when no policy's function is on the stack. Allocates nothing and only
// reads, so it works on a coroutine that died of lack of memory, and in a handler (hang.c).
bool place_of_policy(struct lua_State *L, char *out, size_t size);

// The same for the line on which the Lua function on top of the stack begins. Pops the function.
bool place_of_function(struct lua_State *L, char *out, size_t size);
