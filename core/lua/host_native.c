// What lualib calls in C while it hosts policies: files, names of what runs, the log.
#include "base/clock.h"
#include "base/file_set.h"
#include "base/reservations.h"
#include "lua/bundle.h"
#include "lua/host_parts.h"
#include "lua/view.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>

#define WARNINGS_MAX 16 // lines of one run

static struct host *host_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

// read(path) -> text, or nil and a message
static int native_read(lua_State *L)
{
    struct span text;
    struct err err;

    if (file_set_read(host_of(L)->files, luaL_checkstring(L, 1), &text, &err) == FILE_OK) {
        lua_pushlstring(L, text.at, text.len);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, err.text);
    return 2;
}

// exists(path) -> boolean
static int native_exists(lua_State *L)
{
    struct span text;
    struct err err;
    enum file_status status = file_set_read(host_of(L)->files, luaL_checkstring(L, 1), &text, &err);

    lua_pushboolean(L, status != FILE_MISSING);
    return 1;
}

// bundled(name) -> text or nil
static int native_bundled(lua_State *L)
{
    const struct bundle_file *file = bundle_find(luaL_checkstring(L, 1));

    if (file)
        lua_pushlstring(L, (const char *)file->text, file->len);
    else
        lua_pushnil(L);
    return 1;
}

static int native_bundle_names(lua_State *L)
{
    lua_newtable(L);
    for (size_t i = 0; i < bundle_count; i++) {
        lua_pushstring(L, bundle_files[i].name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

// state() -> "loading", "starting", "deciding" or "filtering"
static int native_state(lua_State *L)
{
    static const char *const names[] = { "loading", "starting", "deciding" };
    const struct host *host = host_of(L);

    lua_pushstring(L, host->run && host->run->filters ? "filtering" : names[host->state]);
    return 1;
}

// enter(index): from here on it is that policy's code that runs
static int native_enter(lua_State *L)
{
    struct host *host = host_of(L);

    host->run->policy = (int)luaL_checkinteger(L, 1);
    luaL_argcheck(L, host->run->policy >= 1 && host->run->policy <= host->policy_count, 1,
                  "no such policy");
    host->purity.is_promised = host->policies[host->run->policy - 1].is_pure;
    sandbox_running(host->sandbox, host_policy_at(host, host->run->policy));
    return 0;
}

// time() -> seconds since 1970, the same for all of a run
static int native_time(lua_State *L)
{
    struct run *run = host_of(L)->run;

    purity_break(L, "", "the clock");
    if (run->wall_s == 0)
        run->wall_s = (int64_t)(clock_wall_us() / 1000000);
    lua_pushinteger(L, (lua_Integer)run->wall_s);
    return 1;
}

// policy() -> the number of the policy that runs
static int native_policy(lua_State *L)
{
    lua_pushinteger(L, host_of(L)->run->policy);
    return 1;
}

// blame_decide(): the error that follows is about decide, not about the line that ran
static int native_blame_decide(lua_State *L)
{
    host_of(L)->run->blames_decide = true;
    return 0;
}

// blame(where): the error that follows is about that line, "file.lua:12"
static int native_blame(lua_State *L)
{
    struct run *run = host_of(L)->run;

    (void)snprintf(run->blamed, sizeof(run->blamed), "%s", luaL_checkstring(L, 1));
    return 0;
}

// warn(text)
static int native_warn(lua_State *L)
{
    struct host *host = host_of(L);
    struct span text;

    text.at = luaL_checklstring(L, 1, &text.len);
    purity_break(L, "moonward", "warn");
    if (++host->run->warnings > WARNINGS_MAX)
        return 0;
    log_line(host->log, LOG_WARN, "policy",
             LOG_TEXT("policy", host_policy_at(host, host->run->policy)), LOG_SPAN("text", text));
    return 0;
}

// log(level, text): a line of our own; level is "info" or "warn"
static int native_log(lua_State *L)
{
    static const char *const levels[] = { "info", "warn", NULL };
    static const enum log_level level[] = { LOG_INFO, LOG_WARN };
    int i = luaL_checkoption(L, 1, NULL, levels);

    log_line(host_of(L)->log, level[i], "containers", LOG_TEXT("text", luaL_checkstring(L, 2)));
    return 0;
}

// hold(name, owner, takes) -> true, or "taken" or "full"; until the request has ended
static int native_hold(lua_State *L)
{
    struct host *host = host_of(L);
    struct span name, owner;

    name.at = luaL_checklstring(L, 1, &name.len);
    owner.at = luaL_checklstring(L, 2, &owner.len);
    purity_break(L, "", "names that others hold");
    lua_pushboolean(L, 1);
    if (!host->reservations || !host->run)
        return 1;
    if (host->run->held_count == RUN_HELD)
        return luaL_error(L, "a request that holds more than %d names", RUN_HELD);

    int slot = reservations_hold(host->reservations, name, owner, lua_toboolean(L, 3));

    if (slot >= 0)
        host->run->held[host->run->held_count++] = (short)slot;
    else
        lua_pushstring(L, slot == RESERVATION_TAKEN ? "taken" : "full");
    return 1;
}

// want_containers(): from now on the engine's containers are followed
static int native_want_containers(lua_State *L)
{
    host_of(L)->wants_containers = true;
    return 0;
}

// listens_tcp() -> whether anybody who reaches an address can ask
static int native_listens_tcp(lua_State *L)
{
    lua_pushboolean(L, host_of(L)->listens_tcp);
    return 1;
}

// has_containers() -> whether the registry can be relied on
static int native_has_containers(lua_State *L)
{
    purity_break(L, "", "the engine's containers");
    lua_pushboolean(L, host_of(L)->has_containers);
    return 1;
}

static const luaL_Reg functions[] = {
    { "blame", native_blame },
    { "blame_decide", native_blame_decide },
    { "bundle_names", native_bundle_names },
    { "bundled", native_bundled },
    { "enter", native_enter },
    { "exists", native_exists },
    { "has_containers", native_has_containers },
    { "hold", native_hold },
    { "listens_tcp", native_listens_tcp },
    { "log", native_log },
    { "policy", native_policy },
    { "read", native_read },
    { "state", native_state },
    { "time", native_time },
    { "want_containers", native_want_containers },
    { "warn", native_warn },
    { NULL, NULL },
};

void host_native_open(struct host *host, lua_State *L)
{
    luaL_newlibtable(L, functions);
    lua_pushlightuserdata(L, host);
    luaL_setfuncs(L, functions, 1);
    host_proc_open(L);
    lua_newtable(L);
    view_open_request(L);
    view_open_client(L);
    lua_setfield(L, -2, "view");
}
