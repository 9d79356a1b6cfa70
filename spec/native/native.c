// native: the host as a Lua module, for busted specs of policies: require "moonward.native" of
// moonward.so. It drives the same C code as the daemon; lualib/moonward/test.lua is the side that
// authors see. Not part of the program.
#include "lua/primitives.h"
#include "native_parts.h"

static const luaL_Reg functions[] = { { "open", native_host_new }, { NULL, NULL } };

int luaopen_moonward_native(lua_State *L);
int luaopen_moonward_core(lua_State *L);

int luaopen_moonward_native(lua_State *L)
{
    native_host_open(L);
    native_containers_open(L);
    native_decision_open(L);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}

int luaopen_moonward_core(lua_State *L)
{
    return primitives_open(L);
}
