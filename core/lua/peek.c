#include "lua/peek.h"

#include "json/members.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#define TYPE "moonward.peek"
#define MOST 128 // members; an object with more is decoded at once

// Of an object: the text that the members lie in, what was found, and the two functions.
enum { TEXT = 1, FOUND, DECODE, MISSING };

struct object {
    size_t count;
    struct member members[];
};

static struct object *object_at(lua_State *L, int index)
{
    return luaL_checkudata(L, index, TYPE);
}

static bool is_plain_string(struct span value)
{
    return *value.at == '"' && !memchr(value.at, '\\', value.len);
}

// Pushes the value of the object at 1.
static void push_value(lua_State *L, const struct member *member)
{
    struct span value = member->value;

    lua_getiuservalue(L, 1, DECODE);
    lua_pushlstring(L, value.at, value.len);
    lua_pushlstring(L, member->key.at, member->key.len);
    lua_call(L, 2, 1);
}

// Keeps the value on top as what the field with the name at 2 is.
static void keep(lua_State *L)
{
    if (lua_getiuservalue(L, 1, FOUND) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, 1, FOUND);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static bool push_found(lua_State *L)
{
    if (lua_getiuservalue(L, 1, FOUND) == LUA_TTABLE) {
        lua_pushvalue(L, 2);
        if (lua_rawget(L, -2) != LUA_TNIL)
            return true;
    }
    return false;
}

static int meta_index(lua_State *L)
{
    const struct object *object = object_at(L, 1);
    const struct member *member = NULL;
    struct span key;

    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING) {
        key.at = lua_tolstring(L, 2, &key.len);
        member = members_find(object->members, object->count, key);
    }
    if (member && is_plain_string(member->value)) {
        lua_pushlstring(L, member->value.at + 1, member->value.len - 2);
        return 1;
    }
    if (push_found(L))
        return 1;
    if (member) {
        push_value(L, member);
    } else {
        if (lua_getiuservalue(L, 1, MISSING) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 1);
    }
    if (!lua_isnil(L, -1))
        keep(L);
    return 1;
}

static int meta_newindex(lua_State *L)
{
    return luaL_error(L, "what a filter is shown is read-only; 'edit' gets it to change it");
}

static int meta_pairs(lua_State *L)
{
    const struct object *object = object_at(L, 1);

    lua_settop(L, 1);
    lua_getglobal(L, "next");
    lua_createtable(L, 0, (int)object->count);
    for (size_t i = 0; i < object->count; i++) {
        lua_pushlstring(L, object->members[i].key.at, object->members[i].key.len);
        lua_pushvalue(L, -1);
        lua_gettable(L, 1); // of equal keys the last, each time
        lua_rawset(L, -3);
    }
    return 2;
}

// Pushes an object for the text, which lies in the string at 'source'; false: it is not for that.
static bool push_object(lua_State *L, int source, struct span text, int decode, int missing)
{
    struct member members[MOST];
    size_t count = members_read(text, members, MOST);
    struct object *object;

    if (count == MEMBERS_ODD)
        return false;
    object = lua_newuserdatauv(L, sizeof(*object) + count * sizeof(*members), MISSING);
    object->count = count;
    memcpy(object->members, members, count * sizeof(*members));
    luaL_setmetatable(L, TYPE);
    lua_pushvalue(L, source);
    lua_setiuservalue(L, -2, TEXT);
    lua_pushvalue(L, decode);
    lua_setiuservalue(L, -2, DECODE);
    if (missing != 0) {
        lua_pushvalue(L, missing);
        lua_setiuservalue(L, -2, MISSING);
    }
    return true;
}

static int peek(lua_State *L)
{
    struct span text;

    luaL_checktype(L, 1, LUA_TSTRING);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 3);
    text.at = lua_tolstring(L, 1, &text.len);
    if (push_object(L, 1, text, 2, 3))
        return 1;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

enum found { NOT_THERE, THERE, STRANGE };

// The value below the names at 3 and so on. STRANGE: something on the way has to be decoded.
static enum found find_below(lua_State *L, const struct object *object, struct span *out)
{
    struct member inner[MOST];
    const struct member *members = object->members, *found = NULL;
    size_t count = object->count;
    int names = lua_gettop(L);

    for (int i = 3; i <= names; i++) {
        struct span name;

        luaL_checktype(L, i, LUA_TSTRING);
        name.at = lua_tolstring(L, i, &name.len);
        if (found) {
            count = members_read(found->value, inner, MOST);
            members = inner;
        }
        if (count == MEMBERS_ODD)
            return STRANGE;
        found = members_find(members, count, name);
        if (!found)
            return NOT_THERE;
        *out = found->value;
    }
    return found ? THERE : NOT_THERE;
}

static int peek_at(lua_State *L)
{
    const struct object *object = object_at(L, 1);
    struct span value;
    enum found found;

    luaL_checktype(L, 2, LUA_TFUNCTION);
    found = find_below(L, object, &value);
    if (found == NOT_THERE)
        lua_pushnil(L);
    else
        lua_getiuservalue(L, 1, TEXT);
    if (found == THERE && push_object(L, lua_gettop(L), value, 2, 0))
        return 1;
    if (found != NOT_THERE)
        lua_pushboolean(L, 0);
    return 1;
}

static const luaL_Reg metamethods[] = {
    { "__index", meta_index },
    { "__newindex", meta_newindex },
    { "__pairs", meta_pairs },
    { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "peek", peek },
    { "peek_at", peek_at },
    { NULL, NULL },
};

void peek_open(lua_State *L)
{
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
