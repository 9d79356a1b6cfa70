#include "lua/host.h"

#include "base/check.h"
#include "base/file_set.h"
#include "http/method.h"
#include "lua/host_parts.h"
#include "lua/library.h"
#include "lua/place.h"
#include "lua/verdict_memory.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

// ---- making one

static void open_main(struct host *host, lua_State *L)
{
    static const char *const names[HOST_ENTRIES] = {
        "load", "start",   "find",      "decide", "events",    "question",  "progress",
        "tell", "address", "synthetic", "reply",  "ask_alone", "configure", "load_configured",
    };

    lua_getglobal(L, "require");
    lua_pushliteral(L, "moonward.host.main");
    lua_call(L, 1, 1);
    for (int i = 0; i < HOST_ENTRIES; i++) {
        if (lua_getfield(L, -1, names[i]) != LUA_TFUNCTION)
            luaL_error(L, "moonward.host.main has no %s", names[i]);
        host->entries[i] = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_pop(L, 1);
}

static int open_host(lua_State *L)
{
    struct host *host = lua_touserdata(L, 1);

    library_open(L); // leaves the table of loaded modules
    ruling_keep(L, &host->rulings);
    purity_keep(L, &host->purity);
    host_native_open(host, L);
    lua_setfield(L, -2, "moonward.host.native");
    open_main(host, L);
    lua_newtable(L);
    host->routes = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static struct budget new_budget(const struct host *host)
{
    return (struct budget){ .instructions = host->limits.instructions,
                            .burst_us = host->limits.burst_us };
}

struct host *host_new(const struct host_limits *limits, struct file_set *files,
                      const struct log *log, struct err *err)
{
    struct host *host = calloc(1, sizeof(*host));

    if (!host) {
        err_set(err, "lua: out of memory");
        return NULL;
    }
    host->limits = *limits;
    host->log = log;
    host->own_files = files ? NULL : file_set_new(err);
    host->files = files ? files : host->own_files;
    host->sandbox = host->files ? sandbox_new(limits->memory, err) : NULL;
    if (!host->sandbox)
        goto fail;
    if (sandbox_protect(host->sandbox, open_host, host, err) != 0) {
        struct err why = *err;

        err_set(err, "lua: cannot start with a memory limit of %zu bytes: %.400s", limits->memory,
                why.text);
        goto fail;
    }
    return host;

fail:
    host_free(host);
    return NULL;
}

void host_free(struct host *host)
{
    if (!host)
        return;
    CHECK(host->living == 0);
    sandbox_free(host->sandbox);
    file_set_free(host->own_files);
    policy_options_clear(&host->options);
    verdict_memory_free(host->memory);
    free(host->spare);
    for (int i = 0; i < host->policy_count; i++)
        free(host->policies[i].summary);
    free(host);
}

void host_watch(struct host *host, struct hang *hang)
{
    sandbox_watch(host->sandbox, hang);
}

static int start_trace(lua_State *L)
{
    struct host *host = lua_touserdata(L, 1);

    ruling_trace(L, &host->rulings);
    return 0;
}

int host_trace(struct host *host, struct err *err)
{
    return sandbox_protect(host->sandbox, start_trace, host, err);
}

// Nothing here allocates in Lua.
const char *host_traced(struct host *host, size_t i)
{
    lua_State *L = sandbox_state(host->sandbox);
    const char *text = NULL;

    ruling_push_traced(L);
    if (lua_istable(L, -1)) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        text = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return text;
}

void host_serve(struct host *host)
{
    host->rulings.serves = host->purity.serves = true;
}

bool host_is_pure(const struct host *host)
{
    for (int i = 0; i < host->policy_count; i++) {
        if (!host->policies[i].is_pure)
            return false;
    }
    return true;
}

bool host_remember(struct host *host, size_t entries, size_t bytes)
{
    CHECK(host->state == HOST_DECIDING && !host->memory);
    if (!host_is_pure(host))
        return true;
    host->memory = verdict_memory_new(entries, bytes);
    return host->memory != NULL;
}

size_t host_remembered(const struct host *host)
{
    return host->memory ? verdict_memory_count(host->memory) : 0;
}

size_t host_memory(const struct host *host)
{
    return sandbox_used(host->sandbox);
}

// ---- loading

struct loading {
    struct host *host;
    const char *name, *directory;
    bool selectable;
};

static void read_summary(lua_State *L, int index, struct host_policy *policy)
{
    if (lua_type(L, index) != LUA_TSTRING)
        return;
    policy->summary = strdup(lua_tostring(L, index));
    if (!policy->summary)
        luaL_error(L, "not enough memory");
}

void host_add_policy(lua_State *L, struct host *host)
{
    struct host_policy *policy = &host->policies[host->policy_count];

    memset(policy, 0, sizeof(*policy));
    if (lua_rawlen(L, -3) >= sizeof(policy->name))
        luaL_error(L, "a policy's name has at most %d letters", (int)sizeof(policy->name) - 1);
    memcpy(policy->name, lua_tostring(L, -3), lua_rawlen(L, -3) + 1);
    host->policy_count++; // from here on host_free() frees what it has
    read_summary(L, -1, policy);
    lua_pop(L, 1);
    policy->first_option = host->options.count;
    policy_options_add(L, &host->options, policy->name);
    policy->option_count = host->options.count - policy->first_option;
    lua_pop(L, 2);
}

static int load_policy(lua_State *L)
{
    struct loading *loading = lua_touserdata(L, 1);
    struct host *host = loading->host;

    lua_rawgeti(L, LUA_REGISTRYINDEX, host->entries[HOST_LOAD]);
    lua_pushstring(L, loading->name);
    lua_pushstring(L, loading->directory); // NULL becomes nil
    lua_pushboolean(L, loading->selectable);
    lua_call(L, 3, 3);     // name, options, summary
    if (!lua_isnil(L, -3)) // else it is loaded already
        host_add_policy(L, host);
    return 0;
}

int host_run(struct host *host, lua_CFunction fn, void *arg, int index, const char *name,
             struct err *err)
{
    struct run run = { .policy = index };
    struct budget budget = new_budget(host);
    struct err why;

    host->run = &run;
    sandbox_running(host->sandbox, name);

    int status = sandbox_call(host->sandbox, fn, arg, &budget, &why);

    host->run = NULL;
    if (status == 0)
        return 0;
    // Lua's own messages begin with the file already, and what a configuration says with its.
    if (index == 0 || strncmp(why.text, name, strlen(name)) == 0)
        return err_set(err, "%s", why.text);
    return err_set(err, "policy %s: %.400s", name, why.text);
}

int host_run_loading(struct host *host, lua_CFunction fn, void *arg, const char *name,
                     struct err *err)
{
    CHECK(host->state == HOST_LOADING);
    if (host->policy_count == HOST_POLICIES)
        return err_set(err, "policy %s: more than %d policies", name, HOST_POLICIES);
    return host_run(host, fn, arg, host->policy_count + 1, name, err);
}

static int load(struct loading *loading, struct err *err)
{
    return host_run_loading(loading->host, load_policy, loading, loading->name, err);
}

int host_load(struct host *host, const char *name_or_path, const char *policydir, struct err *err)
{
    return load(&(struct loading){ host, name_or_path, policydir, false }, err);
}

int host_load_selectable(struct host *host, const char *name_or_path, const char *policydir,
                         struct err *err)
{
    return load(&(struct loading){ host, name_or_path, policydir, true }, err);
}

size_t host_option_count(const struct host *host)
{
    return host->options.count;
}

const struct option *host_option(const struct host *host, size_t i)
{
    CHECK(i < host->options.count);
    return &host->options.entries[i];
}

size_t host_policy_count(const struct host *host)
{
    return (size_t)host->policy_count;
}

const char *host_policy_name(const struct host *host, size_t i)
{
    CHECK(i < (size_t)host->policy_count);
    return host->policies[i].name;
}

const char *host_policy_summary(const struct host *host, size_t i)
{
    CHECK(i < (size_t)host->policy_count);
    return host->policies[i].summary;
}

const char *host_policy_listener(const struct host *host, size_t i)
{
    CHECK(i < (size_t)host->policy_count);
    return host->policies[i].listener;
}

// ---- starting

struct starting {
    struct host *host;
    const struct options *values;
    int index; // from 1
};

// Stack: a list of names on top.
static void add_methods(lua_State *L, struct host *host)
{
    lua_Integer n = luaL_len(L, -1);

    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, -1, i);

        const char *name = luaL_checkstring(L, -1);
        enum method method = method_read(span_of(name));

        if (method == METHOD_UNKNOWN)
            luaL_error(L, "methods: unknown method '%s'; expected its name in capital letters",
                       name);
        host->extra_methods |= 1U << method;
        lua_pop(L, 1);
    }
}

static int start_policy(lua_State *L)
{
    struct starting *starting = lua_touserdata(L, 1);
    struct host *host = starting->host;
    struct host_policy *policy = &host->policies[starting->index - 1];

    lua_rawgeti(L, LUA_REGISTRYINDEX, host->entries[HOST_START]);
    lua_pushinteger(L, starting->index);
    policy_options_push(L, &host->options, policy->first_option,
                        policy->first_option + policy->option_count,
                        &(struct policy_values){ policy->values, starting->values });
    lua_call(L, 2, 3); // methods, pure, decide
    place_of_function(L, policy->decide, sizeof(policy->decide));
    policy->is_pure = lua_toboolean(L, -1);
    lua_pop(L, 1);
    add_methods(L, host);
    return 0;
}

void host_use_values(struct host *host, size_t i, const struct options *values)
{
    CHECK(i < (size_t)host->policy_count && host->state == HOST_LOADING);
    host->policies[i].values = values;
}

int host_start(struct host *host, const struct options *values, struct err *err)
{
    CHECK(host->state == HOST_LOADING);
    host->state = HOST_STARTING;
    host->values = values;
    for (int i = 1; i <= host->policy_count; i++) {
        struct starting starting = { host, values, i };

        if (host_run(host, start_policy, &starting, i, host_policy_at(host, i), err) != 0)
            return -1;
    }
    host->state = HOST_DECIDING;
    return 0;
}

void host_tell_of_tcp(struct host *host, bool listens)
{
    host->listens_tcp = listens;
}

void host_share(struct host *host, struct reservations *reservations)
{
    host->reservations = reservations;
}

unsigned host_extra_methods(const struct host *host)
{
    return host->extra_methods;
}
