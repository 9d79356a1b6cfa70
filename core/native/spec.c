#include "native/spec.h"

#include "base/file_set.h"
#include "lua/library.h"
#include "lua/sandbox.h"
#include "native/native.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>

#define PLACES_MAX 16

// Keys of the registry.
static const char function_key, value_key, places_key;

struct run {
    const struct spec *spec;
    struct sandbox *sandbox;
    struct file_set *files;
    struct buffer *result;
    bool is_guarded; // a case runs
};

static struct run *run_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

// Only what is in a file has a chunk's name that begins with "@": see place.h.
static int push_places(lua_State *L)
{
    lua_Debug ar;
    luaL_Buffer text;
    int count = 0;

    luaL_buffinit(L, &text);
    for (int level = 0; count < PLACES_MAX && lua_getstack(L, level, &ar); level++) {
        if (lua_getinfo(L, "Sl", &ar) && ar.source[0] == '@' && ar.currentline > 0) {
            lua_pushfstring(L, "%s:%d\n", ar.short_src, ar.currentline);
            luaL_addvalue(&text);
            count++;
        }
    }
    luaL_pushresult(&text);
    return 1;
}

// The handler of errors: 'places' are only there as long as the stack is.
static int keep_error(lua_State *L)
{
    push_places(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &places_key);
    return 1;
}

static int call_kept(lua_State *L)
{
    bool *fails = lua_touserdata(L, 1);

    lua_pushcfunction(L, keep_error);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &function_key);
    *fails = lua_pcall(L, 0, 0, 2) != LUA_OK;
    if (*fails)
        lua_rawsetp(L, LUA_REGISTRYINDEX, &value_key);
    return 0;
}

static void forget(lua_State *L)
{
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &value_key);
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &places_key);
}

static int guard(lua_State *L)
{
    struct run *run = run_of(L);
    struct budget budget = { .instructions = run->spec->limits.instructions,
                             .burst_us = run->spec->limits.burst_us };
    struct err err = { "" };
    bool fails = false;

    luaL_argcheck(L, !run->is_guarded, 1, "a case runs already");
    lua_settop(L, 1);
    forget(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &function_key);
    run->is_guarded = true;
    sandbox_running(run->sandbox, run->spec->path);

    int status = sandbox_call(run->sandbox, call_kept, &fails, &budget, &err);

    run->is_guarded = false;
    lua_pushboolean(L, status == 0 && !fails);
    if (status == 0 && !fails)
        return 1;
    if (status != 0)
        lua_pushstring(L, err.text);
    else
        lua_rawgetp(L, LUA_REGISTRYINDEX, &value_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &places_key);
    return 3;
}

static int read_file(lua_State *L)
{
    struct err err = { "" };
    struct span text;

    if (file_set_read(run_of(L)->files, luaL_checkstring(L, 1), &text, &err) != FILE_OK) {
        lua_pushnil(L);
        lua_pushstring(L, err.text);
        return 2;
    }
    lua_pushlstring(L, text.at, text.len);
    return 1;
}

static int say(lua_State *L)
{
    size_t len = 0;
    const char *text = luaL_checklstring(L, 1, &len);

    (void)fwrite(text, 1, len, stdout);
    return 0;
}

static const luaL_Reg tools[] = {
    { "guard", guard }, { "places", push_places }, { "read", read_file }, { "say", say },
    { NULL, NULL },
};

static void set_number(lua_State *L, const char *name, uint64_t number)
{
    lua_pushinteger(L, (lua_Integer)number);
    lua_setfield(L, -2, name);
}

static void push_tools(lua_State *L, struct run *run)
{
    const struct host_limits *hosts = &run->spec->hosts;

    luaL_newlibtable(L, tools);
    lua_pushlightuserdata(L, run);
    luaL_setfuncs(L, tools, 1);
    lua_newtable(L);
    set_number(L, "memory", hosts->memory);
    set_number(L, "instructions", hosts->instructions);
    set_number(L, "burst_us", hosts->burst_us);
    lua_setfield(L, -2, "limits");
    lua_pushstring(L, run->spec->policydir);
    lua_setfield(L, -2, "policydir");
    lua_pushboolean(L, run->spec->traces);
    lua_setfield(L, -2, "traces");
}

static int call_runner(lua_State *L)
{
    struct run *run = lua_touserdata(L, 1);
    struct span result;

    library_open(L); // leaves the table of loaded modules
    lua_pushcfunction(L, luaopen_moonward_native);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, "moonward.native");
    lua_getglobal(L, "require");
    lua_pushliteral(L, "moonward.spec.run");
    lua_call(L, 1, 1);
    push_tools(L, run);
    lua_pushstring(L, run->spec->path);
    lua_call(L, 2, 1);
    result.at = luaL_checklstring(L, -1, &result.len);
    buffer_add_span(run->result, result);
    return 0;
}

int spec_run(const struct spec *spec, struct buffer *result, struct err *err)
{
    struct run run = { .spec = spec, .result = result, .files = file_set_new(err) };
    int status = -1;

    if (!run.files)
        return -1;
    run.sandbox = sandbox_new(spec->limits.memory, err);
    if (run.sandbox) {
        sandbox_watch(run.sandbox, spec->hang);
        status = sandbox_protect(run.sandbox, call_runner, &run, err);
    }
    if (status == 0 && result->failed)
        status = err_set(err, "%.200s: more is to be said of it than fits", spec->path);
    sandbox_free(run.sandbox);
    file_set_free(run.files);
    return status;
}
