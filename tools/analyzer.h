// Read by clang-tidy before each file: what it can't know of other people's headers.
#pragma once

struct lua_State;

// Both leave by longjmp.
int luaL_error(struct lua_State *L, const char *fmt, ...) __attribute__((analyzer_noreturn));
int lua_error(struct lua_State *L) __attribute__((analyzer_noreturn));
