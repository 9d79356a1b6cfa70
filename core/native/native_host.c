#include "config/option.h"
#include "lua/host.h"
#include "lua/option_table.h"
#include "lua/sandbox.h"
#include "native/native_parts.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST_TYPE "moonward.native.host"

struct host_box {
    struct host *host;
    struct options *options;
    struct log log;
    size_t charge; // to the sandbox of the spec, if it is in one
};

struct host *native_host(lua_State *L)
{
    struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);

    luaL_argcheck(L, box->host, 1, "the host is closed");
    return box->host;
}

int native_fail(lua_State *L, const struct err *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->text);
    return 2;
}

// ---- hosts

static lua_Integer limit(lua_State *L, const char *name, lua_Integer initial)
{
    lua_getfield(L, 1, name);

    lua_Integer n = luaL_optinteger(L, -1, initial);

    lua_pop(L, 1);
    return n;
}

int native_host_new(lua_State *L)
{
    struct err err;
    struct host_box *box;
    struct host_limits limits;

    luaL_checktype(L, 1, LUA_TTABLE);
    limits.memory = (size_t)limit(L, "memory", 64 << 20); // as of the daemon
    limits.instructions = (uint64_t)limit(L, "instructions", 4000000);
    limits.burst_us = (uint64_t)limit(L, "burst_us", 1000000);
    box = lua_newuserdatauv(L, sizeof(*box), 0);
    memset(box, 0, sizeof(*box));
    box->log = (struct log){ .fd = memfd_create("log", MFD_CLOEXEC), .least = LOG_WARN };
    luaL_setmetatable(L, HOST_TYPE);
    if (box->log.fd < 0) {
        err_set(&err, "no file for the log: %s", strerror(errno));
        return native_fail(L, &err);
    }
    box->host = host_new(&limits, NULL, &box->log, &err);
    if (!box->host)
        return native_fail(L, &err);
    // Else a spec that makes many would hold what its own limit does not count.
    box->charge = sandbox_charge(L, host_memory(box->host));
    lua_getfield(L, 1, "traces");
    if (lua_toboolean(L, -1) && host_trace(box->host, &err) != 0)
        return native_fail(L, &err);
    lua_pop(L, 1);
    return 1;
}

static int host_close(lua_State *L)
{
    struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);

    host_free(box->host);
    options_free(box->options);
    if (box->charge > 0)
        sandbox_refund(L, box->charge);
    box->charge = 0;
    if (box->log.fd >= 0)
        close(box->log.fd);
    box->host = NULL;
    box->options = NULL;
    box->log.fd = -1;
    return 0;
}

// host:log(from) -> what was logged so far, warnings and errors, from that byte on
static int read_log(lua_State *L)
{
    const struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);
    luaL_Buffer text;
    off_t at = (off_t)luaL_optinteger(L, 2, 0);
    ssize_t n;

    luaL_buffinit(L, &text);
    while ((n = pread(box->log.fd, luaL_prepbuffer(&text), LUAL_BUFFERSIZE, at)) > 0) {
        luaL_addsize(&text, (size_t)n);
        at += n;
    }
    luaL_pushresult(&text);
    return 1;
}

// host:log_size() -> bytes
static int log_size(lua_State *L)
{
    const struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);

    struct stat st = { 0 };

    if (fstat(box->log.fd, &st) != 0)
        st.st_size = 0;
    lua_pushinteger(L, (lua_Integer)st.st_size);
    return 1;
}

// host:traced(i) -> what made a verdict, "file.lua:12\tdeny", from 1 on; or nil: that is all so far
static int read_traced(lua_State *L)
{
    lua_pushstring(L, host_traced(native_host(L), (size_t)luaL_checkinteger(L, 2)));
    return 1;
}

// host:load(name, directory, selectable) -> true, or nil and a message
static int load_policy(lua_State *L)
{
    struct host *host = native_host(L);
    struct err err;

    const char *name = luaL_checkstring(L, 2), *directory = luaL_optstring(L, 3, NULL);
    int status = lua_toboolean(L, 4) ? host_load_selectable(host, name, directory, &err)
                                     : host_load(host, name, directory, &err);

    if (status != 0)
        return native_fail(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

// host:policies() -> { { name=, summary= }, ... }
static int list_policies(lua_State *L)
{
    struct host *host = native_host(L);

    lua_newtable(L);
    for (size_t i = 0; i < host_policy_count(host); i++) {
        lua_newtable(L);
        lua_pushstring(L, host_policy_name(host, i));
        lua_setfield(L, -2, "name");
        lua_pushstring(L, host_policy_summary(host, i));
        lua_setfield(L, -2, "summary");
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    return 1;
}

void native_set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

// host:options() -> what the policies declare
static int list_options(lua_State *L)
{
    struct host *host = native_host(L);

    lua_newtable(L);
    for (size_t i = 0; i < host_option_count(host); i++) {
        const struct option *entry = host_option(host, i);

        if (entry->refused)
            continue;
        option_push(L, entry);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int declare_all(struct options *options, const struct host *host, struct err *err)
{
    for (size_t i = 0; i < core_option_count; i++) {
        if (options_declare(options, &core_options[i], err) != 0)
            return -1;
    }
    for (size_t i = 0; i < host_option_count(host); i++) {
        if (options_declare(options, host_option(host, i), err) != 0)
            return -1;
    }
    return 0;
}

// Fills a vector that ends in NULL with the list at 'index'; the texts stay Lua's.
static int read_list(lua_State *L, int index, const char **list)
{
    lua_Integer n = luaL_len(L, index);
    int count = 0;

    luaL_argcheck(L, n < NATIVE_ENTRIES, index, "too many entries");
    for (lua_Integer i = 1; i <= n; i++) {
        luaL_argcheck(L, lua_geti(L, index, i) == LUA_TSTRING, index, "expected texts");
        list[count++] = lua_tostring(L, -1); // the table keeps it
        lua_pop(L, 1);
    }
    list[count] = NULL;
    return count;
}

// host:start(argv, environ) -> true, or nil and a message
static int start_policies(lua_State *L)
{
    struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);
    struct host *host = native_host(L);
    const char *argv[NATIVE_ENTRIES], *environ[NATIVE_ENTRIES];
    char *argv_copy[NATIVE_ENTRIES], *environ_copy[NATIVE_ENTRIES];
    struct err err = { "" };
    int argc = read_list(L, 2, argv);

    read_list(L, 3, environ);
    memcpy(argv_copy, argv, sizeof(argv_copy)); // main()'s type, though nobody writes to the texts
    memcpy(environ_copy, environ, sizeof(environ_copy));
    luaL_argcheck(L, !box->options, 1, "the host has started");
    box->options = options_new();
    if (!box->options)
        return luaL_error(L, "not enough memory");
    if (declare_all(box->options, host, &err) != 0 ||
        options_parse(box->options, argc, argv_copy, environ_copy, NULL, &err) != OPTIONS_OK ||
        host_start(host, box->options, &err) != 0)
        return native_fail(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

// host:remember(entries, bytes)
static int remember(lua_State *L)
{
    if (!host_remember(native_host(L), (size_t)luaL_checkinteger(L, 2),
                       (size_t)luaL_checkinteger(L, 3)))
        return luaL_error(L, "not enough memory");
    return 0;
}

// host:remembered() -> how many verdicts
static int remembered(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)host_remembered(native_host(L)));
    return 1;
}

// host:is_pure() -> whether all its policies say that they are
static int is_pure(lua_State *L)
{
    lua_pushboolean(L, host_is_pure(native_host(L)));
    return 1;
}

// host:extra_methods() -> bits
static int extra_methods(lua_State *L)
{
    lua_pushinteger(L, host_extra_methods(native_host(L)));
    return 1;
}

// host:memory() -> bytes that the Lua state holds
static int host_bytes(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)host_memory(native_host(L)));
    return 1;
}

static const luaL_Reg host_methods[] = {
    { "close", host_close },       { "extra_methods", extra_methods },
    { "load", load_policy },       { "log", read_log },
    { "log_size", log_size },      { "memory", host_bytes },
    { "options", list_options },   { "is_pure", is_pure },
    { "policies", list_policies }, { "remember", remember },
    { "remembered", remembered },  { "start", start_policies },
    { "traced", read_traced },     { NULL, NULL },
};

static const luaL_Reg host_metamethods[] = { { "__gc", host_close }, { NULL, NULL } };

void native_type(lua_State *L, const char *name, const luaL_Reg *metamethods,
                 const luaL_Reg *methods)
{
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, metamethods, 0);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

void native_host_open(lua_State *L)
{
    native_type(L, HOST_TYPE, host_metamethods, host_methods);
    luaL_getmetatable(L, HOST_TYPE);
    lua_getfield(L, -1, "__index");
    lua_remove(L, -2);
}
