// decision_route: what lualib/moonward/operations.lua knows of a request, as a struct for C.
#include "base/check.h"
#include "http/method.h"
#include "lua/decision_parts.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

static const struct route unknown_route;

const struct route *decision_no_route(void)
{
    return &unknown_route;
}

static bool flag(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);

    bool set = lua_toboolean(L, -1);

    lua_pop(L, 1);
    return set;
}

// Stack: an operation's table on top. Its texts live as long as it does, which is for ever.
static void read_answer(lua_State *L, struct route *route)
{
    size_t n = 0;

    if (lua_getfield(L, -1, "answer") == LUA_TTABLE) {
        route->answer.is_object = flag(L, "object");
        for (; lua_rawgeti(L, -1, (lua_Integer)n + 1) == LUA_TTABLE; n++) {
            CHECK(n < CUT_LISTS_MAX);
            lua_rawgeti(L, -1, 1);
            route->answer.lists[n] = luaL_checkstring(L, -1);
            lua_pop(L, 2);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    route->answer.cut = (struct cut_rules){ .depth = GRAMMAR_DEPTH_MAX,
                                            .lists = route->answer.lists,
                                            .list_count = n };
}

// Stack: an operation's table on top.
static void read_text(lua_State *L, struct route *route)
{
    lua_getfield(L, -1, "power");
    lua_getfield(L, -2, "text");
    route->power = (int)luaL_checkinteger(L, -2);
    route->text = luaL_checkstring(L, -1);
    lua_pop(L, 2);
}

// Stack: an operation's table on top; popped. The struct is made once for each name and is kept.
static const struct route *route_of(lua_State *L, const struct host *host)
{
    struct route *route;
    const char *name;

    lua_rawgeti(L, LUA_REGISTRYINDEX, host->routes);
    lua_insert(L, -2); // routes, operation
    lua_getfield(L, -1, "name");
    name = luaL_checkstring(L, -1);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -4) != LUA_TUSERDATA) {
        lua_pop(L, 1);
        route = lua_newuserdatauv(L, sizeof(*route), 0);
        memset(route, 0, sizeof(*route));
        snprintf(route->operation, sizeof(route->operation), "%s", name);
        lua_pushvalue(L, -3);
        route->may_upgrade = flag(L, "upgrade");
        route->may_hijack = flag(L, "hijack");
        route->is_stream = flag(L, "stream");
        route->quotes = flag(L, "quotes");
        read_answer(L, route);
        read_text(L, route);
        lua_pop(L, 1);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -6);
    }
    route = lua_touserdata(L, -1);
    lua_pop(L, 4);
    return route;
}

const struct route *decision_find_route(lua_State *L, const struct decision *d)
{
    const struct request_view *request = &d->request;

    lua_rawgeti(L, LUA_REGISTRYINDEX, d->host->entries[HOST_FIND]);
    lua_pushstring(L, method_name(request->method));
    lua_pushlstring(L, request->target->path.at, request->target->path.len);
    lua_call(L, 2, 2);
    lua_insert(L, -2); // id, operation
    if (lua_istable(L, -1))
        return route_of(L, d->host);
    lua_pop(L, 1);
    return &unknown_route;
}
