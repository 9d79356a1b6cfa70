// native: the host as a Lua module, for busted specs of policies: require "moonward.native" of
// moonward.so. It drives the same C code as the daemon; lualib/moonward/test.lua is the side that
// authors see. Not part of the program.
#include "config/option.h"
#include "http/target.h"
#include "lua/decision.h"
#include "lua/host.h"
#include "lua/primitives.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HOST_TYPE     "moonward.native.host"
#define DECISION_TYPE "moonward.native.decision"
#define ENTRIES_MAX   256 // headers, labels, arguments of one call

struct host_box {
    struct host *host;
    struct options *options;
    struct log log;
};

// A decision with all that its views point to. Copies, because Lua may collect what they came from.
struct decision_box {
    struct decision *decision;
    struct request_view request;
    struct client_view client;
    struct target target;
    struct header headers[ENTRIES_MAX];
    struct query_pair labels[ENTRIES_MAX];
};

static struct host *host_at(lua_State *L)
{
    struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);

    luaL_argcheck(L, box->host, 1, "the host is closed");
    return box->host;
}

static struct decision *decision_at(lua_State *L)
{
    struct decision_box *box = luaL_checkudata(L, 1, DECISION_TYPE);

    luaL_argcheck(L, box->decision, 1, "the decision is closed");
    return box->decision;
}

static int fail(lua_State *L, const struct err *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->text);
    return 2;
}

// ---- hosts

static lua_Integer limit(lua_State *L, const char *name, lua_Integer initial)
{
    lua_getfield(L, 1, name);

    lua_Integer n = luaL_optinteger(L, -1, initial);

    lua_pop(L, 1);
    return n;
}

// open{ memory=, instructions=, burst_us= } -> host, or nil and a message
static int native_open(lua_State *L)
{
    struct err err;
    struct host_box *box;
    struct host_limits limits;

    luaL_checktype(L, 1, LUA_TTABLE);
    limits.memory = (size_t)limit(L, "memory", 32 << 20);
    limits.instructions = (uint64_t)limit(L, "instructions", 10000000);
    limits.burst_us = (uint64_t)limit(L, "burst_us", 1000000);
    box = lua_newuserdatauv(L, sizeof(*box), 0);
    memset(box, 0, sizeof(*box));
    box->log = (struct log){ .fd = memfd_create("log", MFD_CLOEXEC), .least = LOG_WARN };
    luaL_setmetatable(L, HOST_TYPE);
    if (box->log.fd < 0) {
        err_set(&err, "no file for the log: %s", strerror(errno));
        return fail(L, &err);
    }
    box->host = host_new(&limits, &box->log, &err);
    return box->host ? 1 : fail(L, &err);
}

static int host_close(lua_State *L)
{
    struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);

    host_free(box->host);
    options_free(box->options);
    if (box->log.fd >= 0)
        close(box->log.fd);
    box->host = NULL;
    box->options = NULL;
    box->log.fd = -1;
    return 0;
}

// host:log() -> all that was logged so far, warnings and errors
static int read_log(lua_State *L)
{
    const struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);
    luaL_Buffer text;
    off_t at = 0;
    ssize_t n;

    luaL_buffinit(L, &text);
    while ((n = pread(box->log.fd, luaL_prepbuffer(&text), LUAL_BUFFERSIZE, at)) > 0) {
        luaL_addsize(&text, (size_t)n);
        at += n;
    }
    luaL_pushresult(&text);
    return 1;
}

// host:load(name, directory) -> true, or nil and a message
static int load_policy(lua_State *L)
{
    struct host *host = host_at(L);
    struct err err;

    if (host_load(host, luaL_checkstring(L, 2), luaL_optstring(L, 3, NULL), &err) != 0)
        return fail(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

// host:policies() -> { { name=, summary= }, ... }
static int list_policies(lua_State *L)
{
    struct host *host = host_at(L);

    lua_newtable(L);
    for (size_t i = 0; i < host_policy_count(host); i++) {
        lua_newtable(L);
        lua_pushstring(L, host_policy_name(host, i));
        lua_setfield(L, -2, "name");
        lua_pushstring(L, host_policy_summary(host, i));
        lua_setfield(L, -2, "summary");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

// host:options() -> what the policies declare
static int list_options(lua_State *L)
{
    static const char *const kinds[] = { "text", "switch", "number", "octal", "size", "list" };
    struct host *host = host_at(L);

    lua_newtable(L);
    for (size_t i = 0; i < host_option_count(host); i++) {
        const struct option *entry = host_option(host, i);

        lua_newtable(L);
        set_text(L, "name", entry->name);
        set_text(L, "env", entry->env);
        set_text(L, "kind", kinds[entry->kind]);
        set_text(L, "unit", entry->unit);
        set_text(L, "initial", entry->initial);
        set_text(L, "help", entry->help);
        set_text(L, "sets", entry->sets);
        set_text(L, "owner", entry->owner);
        lua_pushboolean(L, entry->env_family);
        lua_setfield(L, -2, "env_family");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int declare_all(struct options *options, const struct host *host, struct err *err)
{
    for (size_t i = 0; i < core_option_count; i++) {
        if (options_declare(options, &core_options[i], err) != 0)
            return -1;
    }
    for (size_t i = 0; i < host_option_count(host); i++) {
        if (options_declare(options, host_option(host, i), err) != 0)
            return -1;
    }
    return 0;
}

// Fills a vector that ends in NULL with the list at 'index'; the texts stay Lua's.
static int read_list(lua_State *L, int index, const char **list)
{
    lua_Integer n = luaL_len(L, index);
    int count = 0;

    luaL_argcheck(L, n < ENTRIES_MAX, index, "too many entries");
    for (lua_Integer i = 1; i <= n; i++) {
        luaL_argcheck(L, lua_geti(L, index, i) == LUA_TSTRING, index, "expected texts");
        list[count++] = lua_tostring(L, -1); // the table keeps it
        lua_pop(L, 1);
    }
    list[count] = NULL;
    return count;
}

// host:start(argv, environ) -> true, or nil and a message
static int start_policies(lua_State *L)
{
    struct host_box *box = luaL_checkudata(L, 1, HOST_TYPE);
    struct host *host = host_at(L);
    const char *argv[ENTRIES_MAX], *environ[ENTRIES_MAX];
    char *argv_copy[ENTRIES_MAX], *environ_copy[ENTRIES_MAX];
    struct err err = { "" };
    int argc = read_list(L, 2, argv);

    read_list(L, 3, environ);
    memcpy(argv_copy, argv, sizeof(argv_copy)); // main()'s type, though nobody writes to the texts
    memcpy(environ_copy, environ, sizeof(environ_copy));
    luaL_argcheck(L, !box->options, 1, "the host has started");
    box->options = options_new();
    if (!box->options)
        return luaL_error(L, "not enough memory");
    if (declare_all(box->options, host, &err) != 0 ||
        options_parse(box->options, argc, argv_copy, environ_copy, NULL, &err) != OPTIONS_OK ||
        host_start(host, box->options, &err) != 0)
        return fail(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

// host:extra_methods() -> bits
static int extra_methods(lua_State *L)
{
    lua_pushinteger(L, host_extra_methods(host_at(L)));
    return 1;
}

// ---- decisions

// Whoever makes a decision keeps its table as user value, so the texts in it stay.
static struct span span_field(lua_State *L, int index, const char *name)
{
    struct span span = { NULL, 0 };

    if (lua_getfield(L, index, name) == LUA_TSTRING)
        span.at = lua_tolstring(L, -1, &span.len);
    lua_pop(L, 1);
    return span;
}

// One of { { first, second }, ... } in the field 'name'.
static size_t read_pairs(lua_State *L, int index, const char *name,
                         void (*put)(struct decision_box *box, size_t i, struct span first,
                                     struct span second),
                         struct decision_box *box)
{
    lua_getfield(L, index, name);

    lua_Integer n = luaL_len(L, -1);

    luaL_argcheck(L, n <= ENTRIES_MAX, index, name);
    for (lua_Integer i = 0; i < n; i++) {
        struct span first, second;

        lua_geti(L, -1, i + 1);
        lua_geti(L, -1, 1);
        lua_geti(L, -2, 2);
        first.at = luaL_checklstring(L, -2, &first.len);
        second.at = luaL_checklstring(L, -1, &second.len);
        put(box, (size_t)i, first, second);
        lua_pop(L, 3);
    }
    lua_pop(L, 1);
    return (size_t)n;
}

static void put_header(struct decision_box *box, size_t i, struct span name, struct span value)
{
    box->headers[i] = (struct header){ name, value };
}

static void put_label(struct decision_box *box, size_t i, struct span key, struct span value)
{
    box->labels[i] = (struct query_pair){ key, value };
}

static void read_client(lua_State *L, int index, struct decision_box *box)
{
    struct client_view *client = &box->client;

    client->address = span_field(L, index, "address");
    client->listener = span_field(L, index, "listener");
    lua_getfield(L, index, "port");
    client->port = (unsigned)luaL_optinteger(L, -1, 0);
    client->has_credentials = lua_getfield(L, index, "uid") != LUA_TNIL;
    client->uid = (uid_t)luaL_optinteger(L, -1, 0);
    lua_getfield(L, index, "gid");
    client->gid = (gid_t)luaL_optinteger(L, -1, 0);
    lua_getfield(L, index, "pid");
    client->pid = (pid_t)luaL_optinteger(L, -1, 0);
    lua_pop(L, 4);
    client->labels = box->labels;
    client->label_count = read_pairs(L, index, "labels", put_label, box);
}

static const struct target_rules rules = { .least = { 1, 12 }, .pairs = 1000 };

// host:decide{ method=, target=, headers={{n,v}}, has_body=, address=, ... } -> decision; or nil, a
// message and a status when the request would not have come as far as a policy
static int new_decision(lua_State *L)
{
    struct host *host = host_at(L);
    struct decision_box *box;
    struct head_error error;
    struct err err;

    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    box = lua_newuserdatauv(L, sizeof(*box), 2);
    memset(box, 0, sizeof(*box));
    luaL_setmetatable(L, DECISION_TYPE);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 3, 1); // the host must not be closed before the decision
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, 3, 2);
    if (target_read(&box->target, span_field(L, 2, "target"), &rules, &error) != HEAD_OK) {
        err_set(&err, "%s", error.text);
        fail(L, &err);
        lua_pushinteger(L, error.status);
        return 3;
    }
    box->request.method = method_read(span_field(L, 2, "method"));
    luaL_argcheck(L, box->request.method != METHOD_UNKNOWN, 2, "unknown method");
    box->request.target = &box->target;
    box->request.headers = box->headers;
    box->request.header_count = read_pairs(L, 2, "headers", put_header, box);
    lua_getfield(L, 2, "has_body");
    box->request.has_body = lua_toboolean(L, -1);
    lua_pop(L, 1);
    read_client(L, 2, box);
    box->decision = decision_new(host, &box->request, &box->client);
    if (!box->decision)
        return luaL_error(L, "not enough memory for a decision");
    return 1;
}

static int close_decision(lua_State *L)
{
    struct decision_box *box = luaL_checkudata(L, 1, DECISION_TYPE);

    decision_free(box->decision);
    box->decision = NULL;
    target_clear(&box->target);
    return 0;
}

// decision:run() -> "done", "body", "address" or "engine", and the question
static int run_decision(lua_State *L)
{
    static const char *const names[] = { "done", "body", "address", "engine" };
    struct decision *d = decision_at(L);

    lua_pushstring(L, names[decision_run(d)]);
    lua_pushstring(L, decision_question(d));
    return 2;
}

static int answer(lua_State *L)
{
    struct span text;

    text.at = luaL_checklstring(L, 2, &text.len);
    decision_answer(decision_at(L), text);
    return 0;
}

static int answer_engine(lua_State *L)
{
    struct span body;

    body.at = luaL_checklstring(L, 3, &body.len);
    decision_answer_engine(decision_at(L), (int)luaL_checkinteger(L, 2), body);
    return 0;
}

static int answer_failure(lua_State *L)
{
    decision_answer_failure(decision_at(L), luaL_checkstring(L, 2));
    return 0;
}

static int push_verdict(lua_State *L)
{
    const struct verdict *v = decision_verdict(decision_at(L));

    lua_newtable(L);
    lua_pushboolean(L, v->allowed);
    lua_setfield(L, -2, "allowed");
    lua_pushboolean(L, v->hidden);
    lua_setfield(L, -2, "hidden");
    lua_pushboolean(L, v->failed);
    lua_setfield(L, -2, "failed");
    lua_pushinteger(L, v->status);
    lua_setfield(L, -2, "status");
    set_text(L, "reason", v->reason);
    set_text(L, "policy", v->policy);
    set_text(L, "rule", v->rule);
    set_text(L, "where", v->where);
    set_text(L, "hint", v->hint);
    return 1;
}

static int push_route(lua_State *L)
{
    const struct route *route = decision_route(decision_at(L));

    lua_newtable(L);
    set_text(L, "operation", route->operation[0] ? route->operation : NULL);
    lua_pushboolean(L, route->may_upgrade);
    lua_setfield(L, -2, "may_upgrade");
    lua_pushboolean(L, route->may_hijack);
    lua_setfield(L, -2, "may_hijack");
    lua_pushboolean(L, route->is_stream);
    lua_setfield(L, -2, "is_stream");
    return 1;
}

// host:memory() -> bytes that the Lua state holds
static int host_bytes(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)host_memory(host_at(L)));
    return 1;
}

static const luaL_Reg host_methods[] = {
    { "close", host_close },
    { "decide", new_decision },
    { "extra_methods", extra_methods },
    { "load", load_policy },
    { "log", read_log },
    { "memory", host_bytes },
    { "options", list_options },
    { "policies", list_policies },
    { "start", start_policies },
    { NULL, NULL },
};

static const luaL_Reg decision_methods[] = {
    { "answer", answer },
    { "answer_engine", answer_engine },
    { "answer_failure", answer_failure },
    { "close", close_decision },
    { "route", push_route },
    { "run", run_decision },
    { "verdict", push_verdict },
    { NULL, NULL },
};

static const luaL_Reg host_metamethods[] = { { "__gc", host_close }, { NULL, NULL } };
static const luaL_Reg decision_metamethods[] = { { "__gc", close_decision }, { NULL, NULL } };

static const luaL_Reg functions[] = { { "open", native_open }, { NULL, NULL } };

static void new_type(lua_State *L, const char *name, const luaL_Reg *metamethods,
                     const luaL_Reg *methods)
{
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, metamethods, 0);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

int luaopen_moonward_native(lua_State *L);
int luaopen_moonward_core(lua_State *L);

int luaopen_moonward_native(lua_State *L)
{
    new_type(L, HOST_TYPE, host_metamethods, host_methods);
    new_type(L, DECISION_TYPE, decision_metamethods, decision_methods);
    luaL_newlib(L, functions);
    return 1;
}

int luaopen_moonward_core(lua_State *L)
{
    return primitives_open(L);
}
