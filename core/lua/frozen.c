#include "lua/frozen.h"

#include "lua/place.h"

#include <lauxlib.h>
#include <lua.h>

static const char values_key, complaint_key, missing_key, found_key; // of metatables

bool frozen_push_values(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return false;
    if (lua_rawgetp(L, -1, &values_key) != LUA_TTABLE) {
        lua_pop(L, 2);
        return false;
    }
    lua_remove(L, -2);
    return true;
}

// Stack: the table, the key, its metatable. Pushes what was found earlier, or is found now.
static int push_missing(lua_State *L)
{
    if (lua_rawgetp(L, 3, &found_key) == LUA_TTABLE) {
        lua_pushvalue(L, 2);
        if (lua_rawget(L, -2) != LUA_TNIL)
            return 1;
        lua_pop(L, 1);
    } else {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, 3, &found_key);
    }
    lua_rawgetp(L, 3, &missing_key);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    if (lua_isnil(L, -1))
        return 1;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 4);
    return 1;
}

static int meta_index(lua_State *L)
{
    lua_settop(L, 2);
    lua_getmetatable(L, 1);
    lua_rawgetp(L, 3, &values_key);
    lua_pushvalue(L, 2);
    if (lua_gettable(L, 4) != LUA_TNIL)
        return 1;
    lua_settop(L, 3);
    if (lua_rawgetp(L, 3, &missing_key) != LUA_TFUNCTION)
        return 0;
    lua_settop(L, 3);
    return push_missing(L);
}

static int meta_newindex(lua_State *L)
{
    lua_getmetatable(L, 1);
    lua_rawgetp(L, -1, &complaint_key);
    return luaL_error(L, "%s", lua_tostring(L, -1));
}

static int meta_len(lua_State *L)
{
    frozen_push_values(L, 1);
    lua_pushinteger(L, luaL_len(L, -1));
    return 1;
}

static int step(lua_State *L)
{
    lua_settop(L, 2);
    frozen_push_values(L, 1);
    lua_insert(L, 2);
    return lua_next(L, 2) ? 2 : 0;
}

// The values themselves are not handed out.
static int meta_pairs(lua_State *L)
{
    lua_settop(L, 1);
    frozen_push_values(L, 1);
    if (luaL_getmetafield(L, 2, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 2);
        lua_call(L, 1, 3);
        return 3;
    }
    lua_pushcfunction(L, step);
    lua_pushvalue(L, 1);
    return 2;
}

static const luaL_Reg metamethods[] = {
    { "__index", meta_index },
    { "__newindex", meta_newindex },
    { "__len", meta_len },
    { "__pairs", meta_pairs },
    { NULL, NULL },
};

static int make(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TSTRING);
    lua_settop(L, 3);
    lua_newtable(L);
    lua_createtable(L, 0, 8);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, 1);
    lua_rawsetp(L, -2, &values_key);
    lua_pushvalue(L, 2);
    lua_rawsetp(L, -2, &complaint_key);
    lua_pushvalue(L, 3);
    lua_rawsetp(L, -2, &missing_key);
    lua_setmetatable(L, -2);
    return 1;
}

static int place(lua_State *L)
{
    char text[80];

    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    if (!place_of_function(L, text, sizeof(text)))
        return 0;
    lua_pushstring(L, text);
    return 1;
}

static const luaL_Reg functions[] = {
    { "frozen", make },
    { "place", place },
    { NULL, NULL },
};

void frozen_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
