#include "lua/library.h"

#include "base/attr.h"
#include "base/check.h"
#include "lua/bundle.h"
#include "lua/primitives.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <lua-lpeg.h> // which does not include what it needs

#define NAME_MAX_LEN 64

static const char *const left_out[] = { "collectgarbage", "dofile", "loadfile", "print", "warn" };

static const luaL_Reg native[] = {
    { "lpeg", luaopen_lpeg },
    { "moonward.core", primitives_open },
    { NULL, NULL },
};

// "moonward.host.names" -> "moonward/host/names.lua", or ".../names/init.lua" when that exists.
static const struct bundle_file *find_file(const char *name)
{
    char path[NAME_MAX_LEN + sizeof("/init.lua")];
    const struct bundle_file *file;
    size_t len = strlen(name);

    if (len >= NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; i < len; i++)
        path[i] = name[i] == '.' ? '/' : name[i];
    memcpy(path + len, ".lua", sizeof(".lua"));
    file = bundle_find(path);
    if (file)
        return file;
    memcpy(path + len, "/init.lua", sizeof("/init.lua"));
    return bundle_find(path);
}

// Pushes the module's value.
static void load_module(lua_State *L, const char *name)
{
    char chunk[NAME_MAX_LEN + 16];
    const struct bundle_file *file = find_file(name);

    for (const luaL_Reg *module = native; module->name; module++) {
        if (strcmp(module->name, name) == 0) {
            lua_pushcfunction(L, module->func);
            lua_call(L, 0, 1);
            return;
        }
    }
    if (!file)
        luaL_error(L, "module '%s' is not part of this build", name);
    snprintf(chunk, sizeof(chunk), "=%s", file->name); // "=": one of ours, see place.h
    if (luaL_loadbufferx(L, (const char *)file->text, file->len, chunk, "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1))
        luaL_error(L, "module '%s' returned nothing", name);
}

// Upvalue: the modules that are loaded, by name.
static int require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);

    lua_settop(L, 1);
    if (lua_getfield(L, lua_upvalueindex(1), name) != LUA_TNIL)
        return 1;
    load_module(L, name);
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(1), name);
    return 1;
}

static void open_coroutine(lua_State *L)
{
    static const char *const names[] = { "isyieldable", "yield" };

    luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 0);
    lua_createtable(L, 0, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CHECK(lua_getfield(L, -2, names[i]) == LUA_TFUNCTION);
        lua_setfield(L, -2, names[i]);
    }
    lua_setglobal(L, LUA_COLIBNAME);
    lua_pop(L, 1);
}

void library_open(lua_State *L)
{
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    lua_pop(L, 5);
    open_coroutine(L);
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
        lua_pushnil(L);
        lua_setglobal(L, left_out[i]);
    }
    // luaL_requiref keeps every library, coroutine too, under this name in the registry.
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, require, 1);
    lua_setglobal(L, "require");
}
