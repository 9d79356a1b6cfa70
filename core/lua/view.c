#include "lua/view.h"

#include "lua/purity.h"
#include "lua/view_parts.h"

#include <stdbool.h>

// Upvalues of an __index: every known name with what it is (the number of a field of C, a method,
// or true for a field of Lua); the fields of Lua; what to call for other names.
enum { NAMES = 1, LAZY, UNKNOWN };

static int refuse_write(lua_State *L)
{
    luaL_getmetafield(L, 1, "__name");
    return luaL_error(L, "%s is read-only", lua_tostring(L, -1));
}

static int finish(lua_State *L, int status, lua_KContext context)
{
    (void)L;
    (void)status;
    (void)context;
    return 1;
}

// A field of Lua may have to wait, so the call has a continuation.
static int call_lazy(lua_State *L)
{
    luaL_getmetafield(L, 1, "__name");
    purity_break(L, lua_tostring(L, -1), lua_tostring(L, 2));
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(LAZY));
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 1, 0, finish);
    return 1;
}

static int complain(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(UNKNOWN));
    lua_pushvalue(L, 2);
    lua_pushvalue(L, lua_upvalueindex(NAMES));
    lua_call(L, 2, 0);
    return luaL_error(L, "unknown field");
}

int view_index(lua_State *L, const struct field *fields)
{
    lua_pushvalue(L, 2);
    switch (lua_rawget(L, lua_upvalueindex(NAMES))) {
    case LUA_TNUMBER:
        return fields[lua_tointeger(L, -1)].push(L);
    case LUA_TFUNCTION:
        return 1;
    case LUA_TBOOLEAN:
        return call_lazy(L);
    default:
        return complain(L);
    }
}

// Copies the table at 'from' into the one at 'into'; with 'mark' its keys only, each as true.
static void merge(lua_State *L, int from, int into, bool mark)
{
    lua_pushnil(L);
    while (lua_next(L, from)) {
        if (mark) {
            lua_pop(L, 1);
            lua_pushboolean(L, 1);
        }
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, into);
    }
}

void view_set_index(lua_State *L, const char *type, const struct field *fields, lua_CFunction index)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    lua_settop(L, 3);
    luaL_getmetatable(L, type);
    lua_newtable(L);
    for (int i = 0; fields[i].name; i++) {
        lua_pushinteger(L, i);
        lua_setfield(L, 5, fields[i].name);
    }
    merge(L, 1, 5, true);
    merge(L, 2, 5, false);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, index, 3);
    lua_setfield(L, 4, "__index");
}

void view_type(lua_State *L, const char *name, const luaL_Reg *metamethods)
{
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

int view_push_part(lua_State *L, const char *type, int slot)
{
    if (lua_getiuservalue(L, 1, slot) != LUA_TNIL)
        return 1;
    lua_newuserdatauv(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, type);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, slot);
    return 1;
}

int view_push_cache(lua_State *L, int slot)
{
    if (lua_getiuservalue(L, 1, slot) != LUA_TNIL)
        return 1;
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, slot);
    return 1;
}

int view_push_span(lua_State *L, struct span span)
{
    if (span.len > 0)
        lua_pushlstring(L, span.at, span.len);
    else
        lua_pushnil(L);
    return 1;
}

struct span view_string(lua_State *L, int index)
{
    struct span span;

    luaL_checktype(L, index, LUA_TSTRING); // a number would be read as its digits
    span.at = lua_tolstring(L, index, &span.len);
    return span;
}

int view_push_first(lua_State *L, const struct query_pair *pairs, size_t n)
{
    struct span name = view_string(L, 2);

    for (size_t i = 0; i < n; i++) {
        if (span_is(pairs[i].key, name)) {
            lua_pushlstring(L, pairs[i].value.at, pairs[i].value.len);
            return 1;
        }
    }
    lua_pushnil(L);
    return 1;
}

int view_push_pairs(lua_State *L, const struct query_pair *pairs, size_t n)
{
    lua_getglobal(L, "next");
    lua_newtable(L);
    for (size_t i = n; i-- > 0;) { // backwards, so that the first of a name stays
        lua_pushlstring(L, pairs[i].key.at, pairs[i].key.len);
        lua_pushlstring(L, pairs[i].value.at, pairs[i].value.len);
        lua_rawset(L, -3);
    }
    return 2;
}
