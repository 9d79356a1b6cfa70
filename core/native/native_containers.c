#include "lua/containers.h"
#include "native/native_parts.h"

// host:wants_containers() -> boolean
static int wants_containers(lua_State *L)
{
    lua_pushboolean(L, containers_wanted(native_host(L)));
    return 1;
}

// host:events_path(version) -> path
static int events_path(lua_State *L)
{
    struct span version;

    version.at = luaL_checklstring(L, 2, &version.len);
    lua_pushstring(L, containers_events_path(native_host(L), version));
    return 1;
}

// host:question() -> path or nil, and whether the answer is a list
static int question(lua_State *L)
{
    bool is_list = false;

    lua_pushstring(L, containers_question(native_host(L), &is_list));
    lua_pushboolean(L, is_list);
    return 2;
}

// host:progress() -> numbers of the last question, and of the last that is settled
static int progress(lua_State *L)
{
    struct containers_progress progress = containers_progress(native_host(L));

    lua_pushinteger(L, (lua_Integer)progress.last);
    lua_pushinteger(L, (lua_Integer)progress.settled);
    return 2;
}

// host:follows() -> whether the event stream is open
static int follows(lua_State *L)
{
    lua_pushboolean(L, containers_progress(native_host(L)).last > 0);
    return 1;
}

// host:tell(news, status, text, path) -> boolean; the path for "aside"
static int tell(lua_State *L)
{
    enum containers_news news =
        (enum containers_news)luaL_checkoption(L, 2, NULL, containers_news_names);
    struct span text;

    text.at = luaL_optlstring(L, 4, "", &text.len);
    if (news == CONTAINERS_ASIDE)
        lua_pushboolean(L, containers_tell_aside(native_host(L), luaL_checkstring(L, 5),
                                                 (int)luaL_optinteger(L, 3, 0), text));
    else
        lua_pushboolean(L,
                        containers_tell(native_host(L), news, (int)luaL_optinteger(L, 3, 0), text));
    return 1;
}

static const luaL_Reg methods[] = {
    { "events_path", events_path },
    { "follows", follows },
    { "progress", progress },
    { "question", question },
    { "tell", tell },
    { "wants_containers", wants_containers },
    { NULL, NULL },
};

void native_containers_open(lua_State *L)
{
    luaL_setfuncs(L, methods, 0);
}
