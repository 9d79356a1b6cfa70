#include "native/native.h"

#include "lua/bundle.h"
#include "lua/primitives.h"
#include "native/native_parts.h"

// bundled(name) -> the text of a file inside the program, "policies/default.lua"; or nil
static int push_bundled(lua_State *L)
{
    const struct bundle_file *file = bundle_find(luaL_checkstring(L, 1));

    if (!file)
        return 0;
    lua_pushlstring(L, (const char *)file->text, file->len);
    return 1;
}

static const luaL_Reg functions[] = {
    { "bundled", push_bundled },
    { "open", native_host_new },
    { NULL, NULL },
};

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
