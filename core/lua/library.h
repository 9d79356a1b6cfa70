// library: what our own Lua, lualib, runs in: the full libraries (without files and processes, and
// without new coroutines, in which a hook would count anew), and a 'require' that knows the bundle,
// and lpeg. Policies get a small environment of their own instead, see
// lualib/moonward/host/environment.lua.
#pragma once

struct lua_State;

// Fills the global table of a fresh state, and leaves the table of loaded modules on the stack, for
// more to be put into. May raise errors.
void library_open(struct lua_State *L);
