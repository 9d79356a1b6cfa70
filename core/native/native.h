// native: the host as a Lua module, for specs of policies: what they require as "moonward.native",
// from moonward.so with busted, from the program itself with `moonward test`. It drives the same C
// code as the daemon; lualib/moonward/test.lua is the side that authors see.
#pragma once

struct lua_State;

int luaopen_moonward_native(struct lua_State *L);
int luaopen_moonward_core(struct lua_State *L);
