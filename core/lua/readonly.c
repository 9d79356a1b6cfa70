#include "lua/readonly.h"

#include <lauxlib.h>
#include <lua.h>

#define TYPE "moonward.readonly"

enum { VALUES = 1, NAME, COMPLAIN };

// Pushes what an object has in a slot.
static int push_part(lua_State *L, int slot)
{
    luaL_checkudata(L, 1, TYPE);
    return lua_getiuservalue(L, 1, slot);
}

static int make(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 3);
    lua_newuserdatauv(L, 0, COMPLAIN);
    luaL_setmetatable(L, TYPE);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, NAME);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, VALUES);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, COMPLAIN);
    return 1;
}

static int meta_index(lua_State *L)
{
    lua_settop(L, 2);
    push_part(L, VALUES);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) != LUA_TNIL || push_part(L, COMPLAIN) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_call(L, 2, 0);
    lua_pushnil(L);
    return 1;
}

static int meta_len(lua_State *L)
{
    push_part(L, VALUES);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

static int meta_newindex(lua_State *L)
{
    push_part(L, NAME);
    return luaL_error(L, "%s is read-only", lua_tostring(L, -1));
}

// The table itself is not handed out, but a copy.
static int meta_pairs(lua_State *L)
{
    lua_settop(L, 1);
    push_part(L, VALUES);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 3);
    }
    lua_getglobal(L, "next");
    lua_insert(L, -2);
    return 2;
}

static int meta_tostring(lua_State *L)
{
    push_part(L, NAME);
    return 1;
}

static const luaL_Reg metamethods[] = {
    { "__index", meta_index }, { "__len", meta_len },           { "__newindex", meta_newindex },
    { "__pairs", meta_pairs }, { "__tostring", meta_tostring }, { NULL, NULL },
};

void readonly_open(lua_State *L)
{
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    lua_pushcfunction(L, make);
    lua_setfield(L, -2, "readonly");
}
