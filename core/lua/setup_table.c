#include "lua/setup_table.h"

#include "config/address.h"
#include "lua/host.h"
#include "lua/option_table.h"

#include <lauxlib.h>
#include <lua.h>

#define ADDRESS_MAX 300

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, lua_Integer number)
{
    lua_pushinteger(L, number);
    lua_setfield(L, -2, name);
}

static void push_endpoint(lua_State *L, const struct endpoint *at)
{
    char address[ADDRESS_MAX];

    address_write(at, address, sizeof(address));
    lua_newtable(L);
    lua_pushboolean(L, at->is_unix);
    lua_setfield(L, -2, "unix");
    set_text(L, "host", at->host);
    set_text(L, "path", at->path);
    set_text(L, "address", address);
}

static void set_listeners(lua_State *L, const struct settings *s)
{
    lua_newtable(L);
    for (size_t i = 0; i < s->listener_count; i++) {
        const struct listener_setting *l = &s->listeners[i];

        push_endpoint(L, &l->at);
        set_text(L, "name", l->name);
        set_number(L, "mode", (lua_Integer)l->mode);
        if (l->owner != (uid_t)-1)
            set_number(L, "owner", (lua_Integer)l->owner);
        if (l->group != (gid_t)-1)
            set_number(L, "group", (lua_Integer)l->group);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "listeners");
}

static void set_policies(lua_State *L, const struct setup *setup)
{
    const struct host *host = setup->host;

    lua_newtable(L);
    for (size_t i = 0; host && i < host_policy_count(host); i++) {
        lua_newtable(L);
        set_text(L, "name", host_policy_name(host, i));
        set_text(L, "summary", host_policy_summary(host, i));
        if (setup->of_policies[i]) {
            set_text(L, "listener", host_policy_listener(host, i));
            options_push(L, setup->of_policies[i]);
            lua_setfield(L, -2, "options");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "policies");
}

static void set_unread(lua_State *L, const struct options *o)
{
    lua_newtable(L);
    for (size_t i = 0; options_unread(o, i); i++) {
        lua_pushstring(L, options_unread(o, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "unread");
}

void setup_push(lua_State *L, const struct setup *setup)
{
    lua_newtable(L);
    set_listeners(L, &setup->settings);
    push_endpoint(L, &setup->settings.upstream);
    lua_setfield(L, -2, "engine");
    options_push(L, setup->options);
    lua_setfield(L, -2, "options");
    options_push(L, setup->own);
    lua_setfield(L, -2, "own");
    set_policies(L, setup);
    set_unread(L, setup->options);
    set_number(L, "max_body", (lua_Integer)setup->settings.max_body);
}
