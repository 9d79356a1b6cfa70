#include "lua/purity.h"
#include "lua/view.h"
#include "lua/view_parts.h"

#include <string.h>

#define CLIENT_TYPE "client"
#define OVER        "the client's request is over; copy what you need while the policy decides"

enum { CACHE = 1 }; // user values of a client

static const struct client_view *client_at(lua_State *L, int index)
{
    const struct client_box *box = luaL_checkudata(L, index, CLIENT_TYPE);

    if (!box->view)
        luaL_error(L, OVER);
    return box->view;
}

// Only for fields: their __index cannot be had without an object of the type, since nobody gets at
// the metatable.
static const struct client_view *client_self(lua_State *L)
{
    const struct client_box *box = lua_touserdata(L, 1);

    if (!box->view)
        luaL_error(L, OVER);
    return box->view;
}

static int client_address(lua_State *L)
{
    return view_push_span(L, client_self(L)->address);
}

static int push_credential(lua_State *L, bool known, lua_Integer id)
{
    if (known)
        lua_pushinteger(L, id);
    else
        lua_pushnil(L);
    return 1;
}

static int client_gid(lua_State *L)
{
    const struct client_view *view = client_self(L);

    return push_credential(L, view->has_credentials, view->gid);
}

static int client_listener(lua_State *L)
{
    return view_push_span(L, client_self(L)->listener);
}

static int client_pid(lua_State *L)
{
    const struct client_view *view = client_self(L);

    purity_break(L, "client", "pid");
    return push_credential(L, view->has_credentials, view->pid);
}

static int client_port(lua_State *L)
{
    const struct client_view *view = client_self(L);

    purity_break(L, "client", "port");
    return push_credential(L, view->address.len > 0, view->port);
}

static int client_tostring(lua_State *L)
{
    const struct client_view *view = client_at(L, 1);

    lua_pushliteral(L, "client(");
    lua_pushlstring(L, view->address.at, view->address.len);
    lua_pushliteral(L, ")");
    lua_concat(L, 3);
    return 1;
}

static int client_uid(lua_State *L)
{
    const struct client_view *view = client_self(L);

    return push_credential(L, view->has_credentials, view->uid);
}

static const struct field client_fields[] = {
    { "address", client_address },
    { "gid", client_gid },
    { "listener", client_listener },
    { "pid", client_pid },
    { "port", client_port },
    { "uid", client_uid },
    { NULL, NULL },
};

static int client_index(lua_State *L)
{
    return view_index(L, client_fields);
}

static int set_client(lua_State *L)
{
    view_set_index(L, CLIENT_TYPE, client_fields, client_index);
    return 0;
}

// ---- functions for lualib

static int client_cache(lua_State *L)
{
    client_at(L, 1);
    purity_break(L, "client", "container");
    return view_push_cache(L, CACHE);
}

static int client_connection(lua_State *L)
{
    const struct client_view *view = client_at(L, 1);

    purity_break(L, "client", "container");
    lua_pushinteger(L, (lua_Integer)view->accepted_us);
    view_push_span(L, span_of(view->found ? view->found->text : NULL));
    lua_pushinteger(L, view->has_credentials ? view->socket : -1);
    lua_pushinteger(L, (lua_Integer)view->connected_us);
    lua_pushinteger(L,
                    (lua_Integer)(view->connected_by_us > view->connected_us ? view->connected_by_us
                                                                             : view->connected_us));
    return 5;
}

static int client_given(lua_State *L)
{
    const struct client_view *view = client_at(L, 1);

    purity_break(L, "client", "container");
    view_push_span(L, view->container);
    if (!view->labels)
        return 1;
    lua_newtable(L);
    for (size_t i = view->label_count; i-- > 0;) { // backwards, so that the first of a name stays
        lua_pushlstring(L, view->labels[i].key.at, view->labels[i].key.len);
        lua_pushlstring(L, view->labels[i].value.at, view->labels[i].value.len);
        lua_rawset(L, -3);
    }
    return 2;
}

static int client_remember(lua_State *L)
{
    const struct client_view *view = client_at(L, 1);
    struct span id = view_string(L, 2);

    luaL_argcheck(L, id.len < sizeof(view->found->text), 2, "expected a container's id");
    if (view->found) {
        memcpy(view->found->text, id.at, id.len);
        view->found->text[id.len] = '\0';
    }
    return 0;
}

static const luaL_Reg functions[] = {
    { "client", set_client },
    { "client_cache", client_cache },
    { "connection", client_connection },
    { "given", client_given },
    { "remember", client_remember },
    { NULL, NULL },
};

static const luaL_Reg client_metamethods[] = {
    { "__tostring", client_tostring },
    { NULL, NULL },
};

struct client_box *view_push_client(lua_State *L, const struct client_view *view)
{
    struct client_box *box = lua_newuserdatauv(L, sizeof(*box), CACHE);

    box->view = NULL; // empty until nothing can fail any more
    luaL_setmetatable(L, CLIENT_TYPE);
    box->view = view;
    return box;
}

void view_open_client(lua_State *L)
{
    view_type(L, CLIENT_TYPE, client_metamethods);
    luaL_setfuncs(L, functions, 0);
}
