#include "lua/view.h"
#include "lua/view_parts.h"

#define CLIENT_TYPE "client"
#define LABELS_TYPE "client.labels"

// User values of a client.
enum { LABELS = 1 };

static const struct client_view *client_at(lua_State *L, int index)
{
    const struct client_box *box = luaL_checkudata(L, index, CLIENT_TYPE);

    if (!box->view)
        luaL_error(L, "the client's request is over; copy what you need while the policy decides");
    return box->view;
}

static int client_address(lua_State *L)
{
    return view_push_span(L, client_at(L, 1)->address);
}

static int client_container(lua_State *L)
{
    client_at(L, 1);
    lua_pushnil(L); // the registry of containers will know
    return 1;
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
    const struct client_view *view = client_at(L, 1);

    return push_credential(L, view->has_credentials, view->gid);
}

static int client_labels(lua_State *L)
{
    client_at(L, 1);
    return view_push_part(L, LABELS_TYPE, LABELS);
}

static int client_listener(lua_State *L)
{
    return view_push_span(L, client_at(L, 1)->listener);
}

static int client_pid(lua_State *L)
{
    const struct client_view *view = client_at(L, 1);

    return push_credential(L, view->has_credentials, view->pid);
}

static int client_port(lua_State *L)
{
    const struct client_view *view = client_at(L, 1);

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
    const struct client_view *view = client_at(L, 1);

    return push_credential(L, view->has_credentials, view->uid);
}

static const struct field client_fields[] = {
    { "address", client_address },
    { "container", client_container },
    { "gid", client_gid },
    { "labels", client_labels },
    { "listener", client_listener },
    { "pid", client_pid },
    { "port", client_port },
    { "uid", client_uid },
    { NULL, NULL },
};

// ---- client.labels

static const struct client_view *labels_at(lua_State *L)
{
    const struct client_view *view;

    lua_getiuservalue(L, 1, 1);
    view = client_at(L, -1);
    lua_pop(L, 1);
    return view;
}

static int labels_index(lua_State *L)
{
    const struct client_view *view = labels_at(L);

    return view_push_first(L, view->labels, view->label_count);
}

static int labels_pairs(lua_State *L)
{
    const struct client_view *view = labels_at(L);

    return view_push_pairs(L, view->labels, view->label_count);
}

static int client_index(lua_State *L)
{
    return view_index(L, client_fields);
}

static int set_client(lua_State *L)
{
    view_set_index(L, CLIENT_TYPE, client_fields, client_index);
    return 0;
}

static const luaL_Reg client_metamethods[] = {
    { "__tostring", client_tostring },
    { NULL, NULL },
};

static const luaL_Reg labels_metamethods[] = {
    { "__index", labels_index },
    { "__pairs", labels_pairs },
    { NULL, NULL },
};

struct client_box *view_push_client(lua_State *L, const struct client_view *view)
{
    struct client_box *box = lua_newuserdatauv(L, sizeof(*box), LABELS);

    box->view = NULL; // empty until nothing can fail any more
    luaL_setmetatable(L, CLIENT_TYPE);
    box->view = view;
    return box;
}

void view_open_client(lua_State *L)
{
    view_type(L, CLIENT_TYPE, client_metamethods);
    view_type(L, LABELS_TYPE, labels_metamethods);
    lua_pushcfunction(L, set_client);
    lua_setfield(L, -2, "client");
}
