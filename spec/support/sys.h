// sys: the system calls that the specs need and Lua does not have. A Lua module, built by `make`
// for the tests only. Descriptors are plain numbers, and never block unless said otherwise;
// failures are nil and a text. Start reading at luaopen_sys().
#pragma once

#include <lua.h>

int luaopen_sys(lua_State *L);

// Adds spawn, wait, kill, terminal and uid to the module on top of the stack.
void sys_add_processes(lua_State *L);
