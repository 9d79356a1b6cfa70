#include "lua/host_config.h"

#include "base/check.h"
#include "lua/host_parts.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void host_values_clear(struct host_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        free(values->at[i].name);
        free(values->at[i].text);
        free(values->at[i].where);
    }
    free(values->at);
    *values = (struct host_values){ NULL, 0 };
}

void host_config_clear(struct host_config *config)
{
    host_values_clear(&config->core);
    for (size_t i = 0; i < config->listener_count; i++) {
        for (size_t k = 0; k < config->listeners[i].url_count; k++)
            free(config->listeners[i].urls[k]);
        free(config->listeners[i].urls);
    }
    config->listener_count = 0;
}

// Element 'i' of the list on top, copied.
static char *copy_element(lua_State *L, lua_Integer i)
{
    char *copy;

    lua_geti(L, -1, i);
    copy = strdup(luaL_checkstring(L, -1));
    if (!copy)
        luaL_error(L, "not enough memory");
    lua_pop(L, 1);
    return copy;
}

// Room for as many as the list on top has.
static void *new_list(lua_State *L, size_t size)
{
    void *list = calloc(lua_rawlen(L, -1) + 1, size);

    if (!list)
        luaL_error(L, "not enough memory");
    return list;
}

// Takes a list of { name, text, where } off the stack. What was copied stays when memory is short.
static void take_values(lua_State *L, struct host_values *out)
{
    lua_Integer n = luaL_len(L, -1);

    out->at = new_list(L, sizeof(*out->at));
    for (lua_Integer i = 1; i <= n; i++) {
        struct host_value *value = &out->at[out->count++];

        lua_geti(L, -1, i);
        value->name = copy_element(L, 1);
        value->text = copy_element(L, 2);
        value->where = copy_element(L, 3);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

// A text of the table on top, cut to fit.
static void take_text(lua_State *L, const char *field, char *out, size_t size)
{
    lua_getfield(L, -1, field);
    (void)snprintf(out, size, "%s", luaL_checkstring(L, -1));
    lua_pop(L, 1);
}

// Stack: a listener on top; popped.
static void take_listener(lua_State *L, struct host_config *out)
{
    struct host_config_listener *listener = &out->listeners[out->listener_count++];

    take_text(L, "name", listener->name, sizeof(listener->name));
    take_text(L, "where", listener->where, sizeof(listener->where));
    lua_getfield(L, -1, "policies");
    listener->policy_count = (size_t)luaL_len(L, -1);
    lua_pop(L, 1);
    lua_getfield(L, -1, "urls");
    listener->urls = new_list(L, sizeof(*listener->urls));
    for (lua_Integer i = 1; i <= luaL_len(L, -1); i++)
        listener->urls[listener->url_count++] = copy_element(L, i);
    lua_pop(L, 2);
}

// What the core has, by name: so that the file's words are looked for among these.
static void push_core(lua_State *L)
{
    lua_newtable(L);
    for (size_t i = 0; i < core_option_count; i++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, core_options[i].name);
    }
}

struct reading {
    struct host *host;
    const char *path;
    struct host_config *out;
};

static int read_file(lua_State *L)
{
    const struct reading *reading = lua_touserdata(L, 1);
    struct host_config *out = reading->out;

    lua_rawgeti(L, LUA_REGISTRYINDEX, reading->host->entries[HOST_CONFIGURE]);
    lua_pushstring(L, reading->path);
    push_core(L);
    lua_call(L, 2, 2); // values of the core, listeners
    lua_insert(L, -2);
    take_values(L, &out->core);
    for (lua_Integer i = 1; i <= luaL_len(L, -1); i++) {
        if (out->listener_count == SETTINGS_LISTENERS)
            return luaL_error(L, "more than %d listeners", SETTINGS_LISTENERS);
        lua_geti(L, -1, i);
        take_listener(L, out);
    }
    return 0;
}

int host_config_read(struct host *host, const char *path, struct host_config *out, struct err *err)
{
    struct reading reading = { host, path, out };

    *out = (struct host_config){ .listener_count = 0 };
    return host_run(host, read_file, &reading, 0, path, err);
}

struct loading {
    struct host *host;
    lua_Integer listener, policy; // from 1
    const char *directory;
    struct host_values *values;
};

static int load_policy(lua_State *L)
{
    const struct loading *loading = lua_touserdata(L, 1);
    struct host *host = loading->host;
    struct host_policy *policy = &host->policies[host->policy_count];

    lua_rawgeti(L, LUA_REGISTRYINDEX, host->entries[HOST_LOAD_CONFIGURED]);
    lua_pushinteger(L, loading->listener);
    lua_pushinteger(L, loading->policy);
    lua_pushstring(L, loading->directory); // NULL becomes nil
    lua_call(L, 3, 5);                     // name, options, summary, listener, values
    take_values(L, loading->values);
    lua_insert(L, -4); // the listener's name below the rest
    host_add_policy(L, host);
    (void)snprintf(policy->listener, sizeof(policy->listener), "%s", luaL_checkstring(L, -1));
    return 0;
}

int host_config_load(struct host *host, size_t listener, size_t policy, const char *policydir,
                     struct host_values *values, struct err *err)
{
    struct loading loading = { host, (lua_Integer)listener + 1, (lua_Integer)policy + 1, policydir,
                               values };

    *values = (struct host_values){ NULL, 0 };
    return host_run_loading(host, load_policy, &loading, "-config", err);
}
