// What lualib calls in C while it hosts policies: files, names of what runs, the log.
#include "lua/bundle.h"
#include "lua/host_parts.h"
#include "lua/view.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_LEN (1 << 20) // of a policy, and of what an option names
#define WARNINGS_MAX 16        // lines of one run

static struct host *host_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

static int fail_errno(lua_State *L, const char *path)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, strerror(errno));
    return 2;
}

static int fail(lua_State *L, const char *path, const char *text)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, text);
    return 2;
}

// The file may be anything, a pipe that never ends too: so nothing is read but a regular file, and
// the buffer is Lua's, which frees it whatever happens.
static int read_open_file(lua_State *L, int fd, const char *path)
{
    struct stat st;
    luaL_Buffer text;
    char *at;
    ssize_t got;
    size_t len = 0;

    if (fstat(fd, &st) != 0)
        return fail_errno(L, path);
    if (!S_ISREG(st.st_mode))
        return fail(L, path,
                    S_ISDIR(st.st_mode) ? "expected a file, got a folder"
                                        : "expected a file, got something else");
    if (st.st_size > FILE_MAX_LEN)
        return fail(L, path, "the file is longer than 1 MiB");
    at = luaL_buffinitsize(L, &text, (size_t)st.st_size + 1);
    while (len < (size_t)st.st_size && (got = read(fd, at + len, (size_t)st.st_size - len)) != 0) {
        if (got < 0)
            return fail_errno(L, path);
        len += (size_t)got;
    }
    luaL_pushresultsize(&text, len);
    return 1;
}

struct reading {
    int fd;
    const char *path;
};

static int read_protected(lua_State *L)
{
    struct reading *reading = lua_touserdata(L, 1);

    return read_open_file(L, reading->fd, reading->path);
}

// read(path) -> text, or nil and a message
static int native_read(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct reading reading = { .path = path };

    lua_settop(L, 1);
    lua_pushcfunction(L, read_protected); // pushed before there is a file to close
    lua_pushlightuserdata(L, &reading);
    reading.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (reading.fd < 0)
        return fail_errno(L, path);

    int status = lua_pcall(L, 1, LUA_MULTRET, 0);

    close(reading.fd);
    if (status != LUA_OK)
        return lua_error(L);
    return lua_gettop(L) - 1;
}

// exists(path) -> boolean
static int native_exists(lua_State *L)
{
    lua_pushboolean(L, access(luaL_checkstring(L, 1), F_OK) == 0);
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
    sandbox_running(host->sandbox, host_policy_at(host, host->run->policy));
    return 0;
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

// want_containers(): from now on the engine's containers are followed
static int native_want_containers(lua_State *L)
{
    host_of(L)->wants_containers = true;
    return 0;
}

// has_containers() -> whether the registry can be relied on
static int native_has_containers(lua_State *L)
{
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
    { "log", native_log },
    { "policy", native_policy },
    { "read", native_read },
    { "state", native_state },
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
    view_open(L);
    lua_setfield(L, -2, "view");
}
