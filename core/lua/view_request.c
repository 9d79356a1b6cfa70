#include "http/head.h"
#include "http/method.h"
#include "lua/purity.h"
#include "lua/view.h"
#include "lua/view_parts.h"

#define REQUEST_TYPE "request"
#define QUERY_TYPE   "request.query"
#define OVER         "the request is over; copy what you need while the policy decides"

// User values of a request.
enum { CACHE = 1, ID, QUERY };

// request.is("x"): the dot is where a colon belongs.
static void check_colon(lua_State *L)
{
    lua_Debug called;

    if (luaL_testudata(L, 1, REQUEST_TYPE))
        return;
    if (lua_getstack(L, 0, &called) != 0 && lua_getinfo(L, "n", &called) != 0 && called.name)
        luaL_error(L, "write request:%s(...), with a colon", called.name);
    luaL_checkudata(L, 1, REQUEST_TYPE);
}

static const struct request_view *request_at(lua_State *L, int index)
{
    if (index == 1)
        check_colon(L);

    const struct request_box *box = luaL_checkudata(L, index, REQUEST_TYPE);

    if (!box->view)
        luaL_error(L, OVER);
    return box->view;
}

// Only for fields: their __index cannot be had without an object of the type, since nobody gets at
// the metatable.
static const struct request_view *request_self(lua_State *L)
{
    const struct request_box *box = lua_touserdata(L, 1);

    if (!box->view)
        luaL_error(L, OVER);
    return box->view;
}

// ---- request: fields

static int request_has_body(lua_State *L)
{
    lua_pushboolean(L, request_self(L)->has_body);
    return 1;
}

static int request_id(lua_State *L)
{
    request_self(L);
    lua_getiuservalue(L, 1, ID);
    return 1;
}

static int request_method(lua_State *L)
{
    lua_pushstring(L, method_name(request_self(L)->method));
    return 1;
}

static int request_operation(lua_State *L)
{
    const struct request_box *box = lua_touserdata(L, 1);

    request_self(L);
    return view_push_span(L, span_of(box->route->operation));
}

static int request_path(lua_State *L)
{
    return view_push_span(L, request_self(L)->target->path);
}

static int request_query(lua_State *L)
{
    request_self(L);
    return view_push_part(L, QUERY_TYPE, QUERY);
}

static int request_version(lua_State *L)
{
    return view_push_span(L, request_self(L)->target->version);
}

static const struct field request_fields[] = {
    { "has_body", request_has_body },   { "id", request_id },     { "method", request_method },
    { "operation", request_operation }, { "path", request_path }, { "query", request_query },
    { "version", request_version },     { NULL, NULL },
};

// ---- request: functions for lualib

static int request_cache(lua_State *L)
{
    request_at(L, 1);
    return view_push_cache(L, CACHE);
}

// Nil: nobody has asked for it yet.
static int request_cached(lua_State *L)
{
    request_at(L, 1);
    lua_getiuservalue(L, 1, CACHE);
    return 1;
}

// Several fields of one name count as one with commas (RFC 9110, section 5.3), so that a policy
// sees all that the engine may see.
static int request_header(lua_State *L)
{
    const struct request_view *view = request_at(L, 1);
    struct span name = view_string(L, 2);
    luaL_Buffer value;
    int found = 0;

    purity_break(L, "request", "header");
    luaL_buffinit(L, &value);
    for (size_t i = 0; i < view->header_count; i++) {
        if (!span_is_nocase(view->headers[i].name, name))
            continue;
        if (found++ > 0)
            luaL_addstring(&value, ", ");
        luaL_addlstring(&value, view->headers[i].value.at, view->headers[i].value.len);
    }
    luaL_pushresult(&value);
    if (found == 0)
        lua_pushnil(L);
    return 1;
}

static int request_values(lua_State *L)
{
    const struct target *target = request_at(L, 1)->target;
    struct span name = view_string(L, 2);
    lua_Integer n = 0;

    lua_newtable(L);
    for (size_t i = 0; i < target->pair_count; i++) {
        if (!span_is(target->pairs[i].key, name))
            continue;
        lua_pushlstring(L, target->pairs[i].value.at, target->pairs[i].value.len);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

// "container.list" itself, or "container.*" and everything below "container.".
static bool covers(struct span name, struct span operation)
{
    if (name.len >= 2 && name.at[name.len - 1] == '*' && name.at[name.len - 2] == '.')
        return span_starts(operation, (struct span){ name.at, name.len - 1 });
    return span_is(name, operation);
}

// Whether the set on top of the stack has the operation; pops it.
static bool set_has(lua_State *L, const char *operation)
{
    bool has;

    lua_pushstring(L, operation);
    has = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 2);
    return has;
}

// Upvalues: known names, as true, and patterns, as sets of names; a function that makes the set of
// another pattern, and complains about what is none. Every name is checked, also those behind the
// one that fits, so that a typo shows at the first request.
static int request_is(lua_State *L)
{
    int n = lua_gettop(L);
    bool is = false;

    request_at(L, 1);

    const struct request_box *box = lua_touserdata(L, 1);

    luaL_argcheck(L, n > 1, 1, "expected the name of an operation");
    for (int i = 2; i <= n; i++) {
        lua_pushvalue(L, i);
        if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushvalue(L, lua_upvalueindex(2));
            lua_pushvalue(L, i);
            lua_call(L, 1, 1);
        }
        if (lua_istable(L, -1)) {
            is = set_has(L, box->route->operation) || is;
        } else {
            lua_pop(L, 1);
            is = is || covers(view_string(L, i), span_of(box->route->operation));
        }
    }
    lua_pushboolean(L, is);
    return 1;
}

static int make_is(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_pushcclosure(L, request_is, 2);
    return 1;
}

static int request_tostring(lua_State *L)
{
    const struct request_view *view = request_at(L, 1);

    lua_pushfstring(L, "request(%s ", method_name(view->method));
    lua_pushlstring(L, view->target->path.at, view->target->path.len);
    lua_pushliteral(L, ")");
    lua_concat(L, 3);
    return 1;
}

// ---- request.query

static const struct target *query_at(lua_State *L)
{
    const struct target *target;

    lua_getiuservalue(L, 1, 1);
    target = request_at(L, -1)->target;
    lua_pop(L, 1);
    return target;
}

static int query_index(lua_State *L)
{
    const struct target *target = query_at(L);

    return view_push_first(L, target->pairs, target->pair_count);
}

static int query_pairs(lua_State *L)
{
    const struct target *target = query_at(L);

    return view_push_pairs(L, target->pairs, target->pair_count);
}

static int request_index(lua_State *L)
{
    return view_index(L, request_fields);
}

static int set_request(lua_State *L)
{
    view_set_index(L, REQUEST_TYPE, request_fields, request_index);
    return 0;
}

static const luaL_Reg request_metamethods[] = {
    { "__tostring", request_tostring },
    { NULL, NULL },
};

static const luaL_Reg query_metamethods[] = {
    { "__index", query_index },
    { "__pairs", query_pairs },
    { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "cache", request_cache },
    { "cached", request_cached },
    { "header", request_header },
    { "is", make_is },
    { "request", set_request },
    { "values", request_values },
    { NULL, NULL },
};

struct request_box *view_push_request(lua_State *L, const struct request_view *view,
                                      const struct route *route)
{
    struct request_box *box = lua_newuserdatauv(L, sizeof(*box), QUERY);

    box->view = NULL; // empty until nothing can fail any more
    box->route = route;
    luaL_setmetatable(L, REQUEST_TYPE);
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, ID);
    box->view = view;
    return box;
}

void view_open_request(lua_State *L)
{
    view_type(L, REQUEST_TYPE, request_metamethods);
    view_type(L, QUERY_TYPE, query_metamethods);
    luaL_setfuncs(L, functions, 0);
}
