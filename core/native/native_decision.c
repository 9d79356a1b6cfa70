#include "base/clock.h"
#include "http/head.h"
#include "http/method.h"
#include "http/target.h"
#include "lua/decision.h"
#include "lua/verdict_table.h"
#include "native/native_parts.h"
#include "json/filter.h"

#include <stdio.h>
#include <string.h>

#define DECISION_TYPE "moonward.native.decision"
#define NATIVE_ANSWER (64u << 20) // most bytes of one

// A decision with all that its views point to. Copies, because Lua may collect what they came from.
struct decision_box {
    struct decision *decision;
    struct request_view request;
    struct client_view client;
    struct target target;
    struct header headers[NATIVE_ENTRIES];
    struct query_pair labels[NATIVE_ENTRIES];
    struct container_id found;
};

static struct decision *decision_at(lua_State *L)
{
    struct decision_box *box = luaL_checkudata(L, 1, DECISION_TYPE);

    luaL_argcheck(L, box->decision, 1, "the decision is closed");
    return box->decision;
}

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

    luaL_argcheck(L, n <= NATIVE_ENTRIES, index, name);
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
    client->socket = -1;
    if (lua_getfield(L, index, "labels") != LUA_TNIL)
        client->labels = box->labels;
    lua_pop(L, 1);
    client->label_count = client->labels ? read_pairs(L, index, "labels", put_label, box) : 0;
    client->container = span_field(L, index, "container");
    lua_getfield(L, index, "accepted");
    client->accepted_us = (uint64_t)luaL_optinteger(L, -1, (lua_Integer)clock_wall_us());
    lua_getfield(L, index, "connected");
    client->connected_us = (uint64_t)luaL_optinteger(L, -1, (lua_Integer)client->accepted_us);
    lua_pop(L, 2);
    snprintf(box->found.text, sizeof(box->found.text), "%.*s",
             (int)span_field(L, index, "found").len, span_field(L, index, "found").at);
    client->found = &box->found;
}

static const struct target_rules rules = { .least = { 1, 12 }, .pairs = 1000 };

// host:decide{ method=, target=, headers={{n,v}}, has_body=, address=, ... } -> decision; or nil, a
// message and a status when the request would not have come as far as a policy
static int decide(lua_State *L)
{
    struct host *host = native_host(L);
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
        native_fail(L, &err);
        lua_pushinteger(L, error.status);
        return 3;
    }
    box->request.method = method_read(span_field(L, 2, "method"));
    luaL_argcheck(L, box->request.method != METHOD_UNKNOWN, 2, "unknown method");
    box->request.target = &box->target;
    box->request.headers = box->headers;
    box->request.header_count = read_pairs(L, 2, "headers", put_header, box);
    lua_getfield(L, 2, "has_body");
    lua_getfield(L, 2, "now");
    box->request.has_body = lua_toboolean(L, -2);
    box->request.wall_s = (int64_t)luaL_optinteger(L, -1, 0);
    lua_pop(L, 2);
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

// decision:found() -> the id of the container behind the connection, "" as long as nobody asked
static int push_found(lua_State *L)
{
    const struct decision_box *box = luaL_checkudata(L, 1, DECISION_TYPE);

    lua_pushstring(L, box->found.text);
    return 1;
}

// decision:run() -> "done" or what it waits for, and the question
static int run_decision(lua_State *L)
{
    static const char *const names[] = { "done", "body", "address", "names", "engine",
                                         "list", "more", "events",  "late",  "containers" };
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

// decision:dockerfile(fine, text) for a verdict that asks for it; then decision:run() again
static int give_dockerfile(lua_State *L)
{
    struct span text;

    text.at = luaL_checklstring(L, 3, &text.len);
    decision_read_dockerfile(decision_at(L), lua_toboolean(L, 2), text);
    return 0;
}

static int answer_engine(lua_State *L)
{
    struct span body;

    body.at = luaL_checklstring(L, 3, &body.len);
    decision_answer_engine(decision_at(L), (int)luaL_checkinteger(L, 2), body);
    return 0;
}

static int answer_list(lua_State *L)
{
    struct span body;

    body.at = luaL_checklstring(L, 3, &body.len);
    decision_answer_list(decision_at(L), (int)luaL_checkinteger(L, 2), body);
    return 0;
}

static int answer_failure(lua_State *L)
{
    decision_answer_failure(decision_at(L), luaL_checkstring(L, 2));
    return 0;
}

static int push_verdict(lua_State *L)
{
    verdict_push(L, decision_verdict(decision_at(L)));
    return 1;
}

// decision:body() -> what goes on in place of the body; nil: it is as it was
static int push_body(lua_State *L)
{
    struct span body;

    if (!decision_body(decision_at(L), &body))
        return 0;
    lua_pushlstring(L, body.at, body.len);
    return 1;
}

// decision:built() -> the Dockerfile that goes on in place of the one that was judged; nil: that
// one
static int push_built(lua_State *L)
{
    struct span text;

    if (!decision_dockerfile(decision_at(L), &text))
        return 0;
    lua_pushlstring(L, text.at, text.len);
    return 1;
}

static void add_text(void *arg, struct span text)
{
    buffer_add_span(arg, text);
}

// decision:filter(answer, is_error) -> what the client sees of an answer of the engine's; "" when
// nothing of one object is left, and the words of the 404 that it gets; or nil, and why the answer
// was ended
static int filter_answer(lua_State *L)
{
    struct decision *d = decision_at(L);
    bool is_error = lua_toboolean(L, 3);
    const struct cut_rules *rules_of = is_error ? decision_error_cut(d) : decision_cut(d);
    struct filter filter;
    struct buffer out;
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);

    if (!rules_of) {
        lua_settop(L, 2);
        return 1;
    }
    buffer_init(&out, NATIVE_ANSWER);
    filter_init(&filter, rules_of, NATIVE_ANSWER,
                is_error ? decision_filter_error : decision_filter_item, d, add_text, &out);
    if (!is_error)
        filter_stream_long(&filter, decision_filter_long);
    if (!is_error && decision_filters_rests(d))
        filter_rests(&filter, decision_filter_rest);

    bool fine = filter_feed(&filter, text, len) == 0 && filter_end(&filter) == 0 && !out.failed;

    if (fine)
        lua_pushlstring(L, out.len > 0 ? out.data : "", out.len);
    else
        lua_pushnil(L);
    lua_pushstring(L, fine ? decision_missing(d) : filter_fault(&filter));
    buffer_clear(&out);
    filter_clear(&filter);
    return 2;
}

static int push_route(lua_State *L)
{
    const struct route *route = decision_route(decision_at(L));

    lua_newtable(L);
    native_set_text(L, "operation", route->operation[0] ? route->operation : NULL);
    lua_pushboolean(L, route->may_upgrade);
    lua_setfield(L, -2, "may_upgrade");
    lua_pushboolean(L, route->may_hijack);
    lua_setfield(L, -2, "may_hijack");
    lua_pushboolean(L, route->is_stream);
    lua_setfield(L, -2, "is_stream");
    return 1;
}

// decision:recalled() -> whether the same was decided before, so that no policy was asked
static int push_recalled(lua_State *L)
{
    lua_pushboolean(L, decision_was_recalled(decision_at(L)));
    return 1;
}

// decision:impure() -> what a policy that says it is pure read, and where; nil: nothing
static int push_impure(lua_State *L)
{
    const struct purity *purity = decision_purity(decision_at(L));

    if (purity->what[0] == '\0')
        return 0;
    lua_pushstring(L, purity->what);
    lua_pushstring(L, purity->where);
    return 2;
}

static const luaL_Reg decision_methods[] = {
    { "answer", answer },
    { "answer_engine", answer_engine },
    { "answer_failure", answer_failure },
    { "answer_list", answer_list },
    { "body", push_body },
    { "built", push_built },
    { "close", close_decision },
    { "dockerfile", give_dockerfile },
    { "filter", filter_answer },
    { "found", push_found },
    { "impure", push_impure },
    { "recalled", push_recalled },
    { "route", push_route },
    { "run", run_decision },
    { "verdict", push_verdict },
    { NULL, NULL },
};

static const luaL_Reg decision_metamethods[] = { { "__gc", close_decision }, { NULL, NULL } };

void native_decision_open(lua_State *L)
{
    native_type(L, DECISION_TYPE, decision_metamethods, decision_methods);
    lua_pushcfunction(L, decide);
    lua_setfield(L, -2, "decide");
}
