#include "lua/containers.h"

#include "base/api_version.h"
#include "base/clock.h"
#include "lua/host_parts.h"

#include <lua.h>
#include <stdio.h>
#include <string.h>

bool containers_wanted(const struct host *host)
{
    return host->wants_containers;
}

static void complain(const struct host *host, const struct err *err)
{
    log_line(host->log, LOG_WARN, "containers", LOG_TEXT("error", err->text));
}

// ---- paths

struct path {
    struct host *host;
    enum host_entry entry;
    struct span prefix; // of the paths of questions
    bool found, is_list;
};

// The path that was returned at 'index', into the host.
static void keep_path(lua_State *L, int index, struct path *path)
{
    size_t len = 0;
    const char *text = lua_tolstring(L, index, &len);
    char *out = path->host->containers_path;

    path->found = text && len < sizeof(path->host->containers_path);
    if (path->found)
        memcpy(out, text, len + 1);
}

static int ask_path(lua_State *L)
{
    struct path *path = lua_touserdata(L, 1);
    int nargs = 1;

    lua_rawgeti(L, LUA_REGISTRYINDEX, path->host->entries[path->entry]);
    if (path->entry == HOST_EVENTS) {
        lua_pushlstring(L, path->prefix.at, path->prefix.len);
        nargs++;
    }
    lua_pushinteger(L, (lua_Integer)clock_wall_us());
    lua_call(L, nargs, 2);
    path->is_list = lua_toboolean(L, -1);
    keep_path(L, -2, path);
    return 0;
}

static const char *get_path(struct path *path)
{
    struct err err;

    if (sandbox_protect(path->host->sandbox, ask_path, path, &err) != 0) {
        complain(path->host, &err);
        return NULL;
    }
    return path->found ? path->host->containers_path : NULL;
}

const char *containers_events_path(struct host *host, struct span version)
{
    char prefix[API_VERSION_PREFIX];
    struct path path = { .host = host, .entry = HOST_EVENTS };

    api_version_prefix(version, prefix);
    path.prefix = span_of(prefix);
    return get_path(&path);
}

const char *containers_question(struct host *host, bool *is_list)
{
    struct path path = { .host = host, .entry = HOST_QUESTION };
    const char *text = get_path(&path);

    *is_list = path.is_list;
    return text;
}

// ---- progress

struct asking {
    struct host *host;
    struct containers_progress progress;
};

static int ask_progress(lua_State *L)
{
    struct asking *asking = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, asking->host->entries[HOST_PROGRESS]);
    lua_call(L, 0, 2);
    asking->progress.last = (uint64_t)lua_tointeger(L, -2);
    asking->progress.settled = (uint64_t)lua_tointeger(L, -1);
    return 0;
}

struct containers_progress containers_progress(struct host *host)
{
    struct asking asking = { .host = host };
    struct err err;

    if (sandbox_protect(host->sandbox, ask_progress, &asking, &err) != 0) {
        complain(host, &err);
        return (struct containers_progress){ .last = UINT64_MAX };
    }
    return asking.progress;
}

// ---- for explain

struct reading {
    struct host *host;
    struct span answer;
    char *out;
    size_t size;
};

static int read_address(lua_State *L)
{
    struct reading *reading = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, reading->host->entries[HOST_ADDRESS]);
    lua_pushlstring(L, reading->answer.at, reading->answer.len);
    lua_call(L, 1, 1);
    snprintf(reading->out, reading->size, "%s", lua_tostring(L, -1));
    return 0;
}

int containers_address(struct host *host, struct span answer, char *out, size_t size,
                       struct err *err)
{
    struct reading reading = { host, answer, out, size };

    return sandbox_protect(host->sandbox, read_address, &reading, err);
}

// ---- news

struct telling {
    struct host *host;
    enum containers_news news;
    int status;
    struct span text;
    const char *path; // NULL: what was asked last
    bool ok;
};

const char *const containers_news_names[] = {
    [CONTAINERS_DOWN] = "down", [CONTAINERS_OPEN] = "open",   [CONTAINERS_EVENT] = "event",
    [CONTAINERS_LONG] = "long", [CONTAINERS_ITEM] = "item",   [CONTAINERS_ANSWER] = "answer",
    [CONTAINERS_LATE] = "late", [CONTAINERS_ASIDE] = "aside", NULL,
};

static int tell(lua_State *L)
{
    struct telling *telling = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, telling->host->entries[HOST_TELL]);
    lua_pushstring(L, containers_news_names[telling->news]);
    lua_pushinteger(L, telling->status);
    lua_pushlstring(L, telling->text.at ? telling->text.at : "", telling->text.len);
    lua_pushstring(L, telling->path);
    lua_call(L, 4, 1);
    telling->ok = lua_toboolean(L, -1);
    return 0;
}

static bool tell_all(struct telling *telling)
{
    struct host *host = telling->host;
    enum containers_news news = telling->news;
    struct err err;

    if (sandbox_protect(host->sandbox, tell, telling, &err) != 0)
        complain(host, &err);
    // What was not told is missing, so from then on nothing is known until the next beginning.
    host->has_containers = telling->ok && (news == CONTAINERS_OPEN ||
                                           (host->has_containers && news != CONTAINERS_DOWN));
    return telling->ok;
}

bool containers_tell(struct host *host, enum containers_news news, int status, struct span text)
{
    struct telling telling = { .host = host, .news = news, .status = status, .text = text };

    return tell_all(&telling);
}

bool containers_tell_aside(struct host *host, const char *path, int status, struct span text)
{
    struct telling telling = {
        .host = host, .news = CONTAINERS_ASIDE, .status = status, .text = text, .path = path
    };

    return tell_all(&telling);
}
