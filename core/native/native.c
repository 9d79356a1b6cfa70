#include "native/native.h"

#include "lua/primitives.h"
#include "native/native_parts.h"

static const luaL_Reg functions[] = { { "open", native_host_new }, { NULL, NULL } };

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
