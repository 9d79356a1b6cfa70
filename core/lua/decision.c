#include "lua/decision.h"

#include "base/check.h"
#include "http/method.h"
#include "lua/host_parts.h"
#include "lua/place.h"
#include "lua/ruling.h"
#include "lua/view.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTIONS_MAX 100 // of one decision

// A decision's coroutine has its two objects at the bottom of its stack for as long as the decision
// lives. That keeps them from being collected, so the boxes may be emptied at any time.
enum { CLIENT = 1, REQUEST, BOTTOM = REQUEST };

struct decision {
    struct host *host;
    const struct request_view *request;
    const struct client_view *client;
    lua_State *co;
    struct request_box *request_box;
    struct client_box *client_box;
    const struct route *route;
    struct budget budget;
    struct run run;
    bool started, done;
    int nargs;      // what the next resume hands over, on top of the coroutine's stack
    unsigned asked; // questions so far
    char question[512];
    struct verdict verdict;
};

static const struct route unknown_route;

// ---- making one

// Pushes a coroutine: one that is idle, or a new one.
static lua_State *take_coroutine(lua_State *L, struct host *host)
{
    lua_State *co;

    if (host->idle_count > 0)
        return host->idle[--host->idle_count];
    co = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, co); // anchored until give_coroutine() lets it go
    return co;
}

// A coroutine that died is not used again: Lua turns hooks off while one runs, and where the hook
// raised the error that killed it, they stay off.
static void give_coroutine(struct host *host, lua_State *co)
{
    lua_State *L = sandbox_state(host->sandbox);
    int status = lua_status(co);

    if (status == LUA_YIELD) // its decision was given up while it waited
        status = lua_resetthread(co);
    if (status == LUA_OK && host->idle_count < HOST_IDLE) {
        lua_settop(co, 0);
        host->idle[host->idle_count++] = co;
        return;
    }
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, co); // the key exists, so this allocates nothing
}

static bool flag(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);

    bool set = lua_toboolean(L, -1);

    lua_pop(L, 1);
    return set;
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
        lua_pop(L, 1);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -6);
    }
    route = lua_touserdata(L, -1);
    lua_pop(L, 4);
    return route;
}

// Leaves on the stack what the path names.
static const struct route *find_route(lua_State *L, const struct decision *d)
{
    const struct request_view *request = d->request;

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

// Protected, because all of it can run out of memory.
static int open_decision(lua_State *L)
{
    struct decision *d = lua_touserdata(L, 1);

    d->route = find_route(L, d);
    d->co = take_coroutine(L, d->host);

    struct request_box *request = view_push_request(L, d->request, d->route);
    struct client_box *client = view_push_client(L, d->client);

    lua_insert(L, -2);
    lua_xmove(L, d->co, BOTTOM); // the bottom of its stack keeps them
    d->request_box = request;
    d->client_box = client;
    lua_rawgeti(d->co, LUA_REGISTRYINDEX, d->host->entries[HOST_DECIDE]);
    lua_pushvalue(d->co, CLIENT);
    lua_pushvalue(d->co, REQUEST);
    d->nargs = 2;
    return 0;
}

struct decision *decision_new(struct host *host, const struct request_view *request,
                              const struct client_view *client)
{
    struct decision *d = calloc(1, sizeof(*d));
    struct err err;

    CHECK(host->state == HOST_DECIDING);
    if (!d)
        return NULL;
    d->host = host;
    d->request = request;
    d->client = client;
    d->route = &unknown_route;
    d->budget.instructions = host->limits.instructions;
    d->budget.burst_us = host->limits.burst_us;
    host->living++;
    if (sandbox_protect(host->sandbox, open_decision, d, &err) != 0) {
        decision_free(d);
        return NULL;
    }
    return d;
}

static void empty_boxes(struct decision *d)
{
    if (d->request_box)
        d->request_box->view = NULL;
    if (d->client_box)
        d->client_box->view = NULL;
}

void decision_free(struct decision *d)
{
    if (!d)
        return;
    empty_boxes(d);
    if (d->co)
        give_coroutine(d->host, d->co);
    if (d->budget.hit == BUDGET_MEMORY)
        sandbox_collect(d->host->sandbox);
    d->host->living--;
    free(d);
}

// ---- verdicts

static const char *policy_name(const struct decision *d)
{
    return host_policy_at(d->host, d->run.policy);
}

static void copy_text(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);

    memcpy(out, text, len);
    out[len] = '\0';
}

// Fills in what every verdict has. A request that nobody spoke for is put down to the only policy,
// if there is only one.
static void sign(struct decision *d, int policy)
{
    struct verdict *v = &d->verdict;

    d->run.policy = policy;
    if (policy == 0 && d->host->policy_count == 1)
        d->run.policy = 1;
    copy_text(v->policy, sizeof(v->policy), policy_name(d));
}

static void refuse_unspoken(struct decision *d)
{
    struct verdict *v = &d->verdict;
    struct span path = d->request->target->path;

    sign(d, 0);
    v->status = 403;
    snprintf(v->reason, sizeof(v->reason), "no policy allows %s %.*s (%s)",
             method_name(d->request->method), (int)(path.len < 300 ? path.len : 300), path.at,
             d->route->operation[0] ? d->route->operation : "unknown operation");
}

// The ruling is at 'index' of the coroutine's stack; 'words' for one that has no text of its own.
static void take_ruling(struct decision *d, int index, const char *words)
{
    const struct ruling *ruling = ruling_at(d->co, index);
    struct verdict *v = &d->verdict;

    v->allowed = ruling->kind == RULING_ALLOW;
    v->hidden = ruling->kind == RULING_HIDE;
    v->status = ruling->status;
    copy_text(v->where, sizeof(v->where), ruling->where);
    ruling_copy(d->co, index, RULING_REASON, v->reason, sizeof(v->reason));
    ruling_copy(d->co, index, RULING_RULE, v->rule, sizeof(v->rule));
    ruling_copy(d->co, index, RULING_HINT, v->hint, sizeof(v->hint));
    if (v->reason[0] == '\0' && words)
        copy_text(v->reason, sizeof(v->reason), words);
}

// Stack of the coroutine: ruling or nil, number of the policy, words or nil.
static void take_result(struct decision *d)
{
    lua_State *co = d->co;

    if (!ruling_at(co, -3)) {
        refuse_unspoken(d);
        return;
    }
    take_ruling(d, lua_absindex(co, -3), lua_tostring(co, -1));
    sign(d, (int)lua_tointeger(co, -2));
}

static void describe_limit(struct decision *d, const char *limit)
{
    struct verdict *v = &d->verdict;

    snprintf(v->reason, sizeof(v->reason), "%s limit reached in policy %s%s%s%s", limit, v->policy,
             v->where[0] ? " (" : "", v->where, v->where[0] ? ")" : "");
}

static void describe_error(struct decision *d, const char *message)
{
    struct verdict *v = &d->verdict;
    size_t n = strlen(v->where);
    bool placed = n > 0 && strncmp(message, v->where, n) == 0;

    snprintf(v->reason, sizeof(v->reason), "policy %s failed%s%s: %s", v->policy,
             n > 0 && !placed ? " at " : "", placed ? "" : v->where, message);
}

// A limit noted where it was reached. Otherwise the dead coroutine's stack shows the place, unless
// a tail call has taken the policy's line off it; then it is where decide begins.
static void find_place(struct decision *d)
{
    struct verdict *v = &d->verdict;
    int policy = d->run.policy;

    if (d->budget.where[0])
        copy_text(v->where, sizeof(v->where), d->budget.where);
    else if (!d->run.blames_decide)
        place_of_policy(d->co, v->where, sizeof(v->where));
    if (v->where[0] == '\0' && policy > 0)
        copy_text(v->where, sizeof(v->where), d->host->policies[policy - 1].decide);
}

// Whatever went wrong, the verdict is a denial.
static void fail(struct decision *d)
{
    struct verdict *v = &d->verdict;

    memset(v, 0, sizeof(*v));
    v->status = 403;
    v->failed = true;
    sign(d, d->run.policy);
    find_place(d);
    switch (d->budget.hit) {
    case BUDGET_INSTRUCTIONS:
        describe_limit(d, "instruction");
        break;
    case BUDGET_TIME:
        describe_limit(d, "time");
        break;
    case BUDGET_MEMORY:
        describe_limit(d, "memory");
        break;
    case BUDGET_LEFT:
        describe_error(d, sandbox_error(d->co));
        break;
    }
}

// A denial that was raised as an error counts as if it had been returned; an allowance does not.
static bool is_raised_denial(struct decision *d)
{
    const struct ruling *ruling = ruling_at(d->co, -1);

    return ruling && ruling->kind != RULING_ALLOW;
}

// ---- running

static enum decision_state refuse_questions(struct decision *d)
{
    struct verdict *v = &d->verdict;

    d->done = true;
    v->status = 403;
    v->failed = true;
    sign(d, d->run.policy);
    find_place(d);
    snprintf(v->reason, sizeof(v->reason), "policy %s asked more than %d questions", v->policy,
             QUESTIONS_MAX);
    empty_boxes(d);
    return DECISION_DONE;
}

static enum decision_state finish(struct decision *d, int status)
{
    d->done = true;
    if (d->budget.hit != BUDGET_LEFT) {
        fail(d);
    } else if (status == LUA_OK) {
        take_result(d);
    } else if (status == LUA_ERRRUN && is_raised_denial(d)) {
        take_ruling(d, lua_gettop(d->co), "page not found");
        sign(d, d->run.policy);
    } else {
        fail(d);
    }
    empty_boxes(d);
    return DECISION_DONE;
}

// Stack of the coroutine: what to ask, the question.
static enum decision_state take_question(struct decision *d)
{
    static const struct {
        const char *name;
        enum decision_state state;
    } kinds[] = {
        { "address", DECISION_WANTS_ADDRESS },
        { "body", DECISION_WANTS_BODY },
        { "engine", DECISION_WANTS_ENGINE },
    };
    const char *kind = lua_tostring(d->co, -2);
    size_t len;
    const char *question = lua_tolstring(d->co, -1, &len);

    CHECK(kind && question && len < sizeof(d->question)); // lualib/moonward/host sees to it
    memcpy(d->question, question, len + 1);
    lua_pop(d->co, 2);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].name, kind) == 0)
            return kinds[i].state;
    }
    CHECK(!"a question is one of these");
    return DECISION_DONE;
}

enum decision_state decision_run(struct decision *d)
{
    int status;

    CHECK(!d->done && (!d->started || d->nargs > 0));
    d->host->run = &d->run;
    sandbox_running(d->host->sandbox, policy_name(d));
    status = sandbox_resume(d->host->sandbox, d->co, d->nargs, !d->started, &d->budget);
    d->host->run = NULL;
    d->started = true;
    d->nargs = 0;
    if (status != LUA_YIELD || d->budget.hit != BUDGET_LEFT)
        return finish(d, status);
    return ++d->asked <= QUESTIONS_MAX ? take_question(d) : refuse_questions(d);
}

const char *decision_question(const struct decision *d)
{
    return d->question;
}

// ---- answers

struct answer {
    struct decision *d;
    struct span text;
    const char *failure; // instead of the text
    int status;          // 0: none
};

static int push_answer(lua_State *L)
{
    const struct answer *answer = lua_touserdata(L, 1);
    int n = 2;

    lua_pushboolean(L, !answer->failure);
    if (answer->failure) {
        lua_pushstring(L, answer->failure);
    } else if (answer->status != 0) {
        lua_pushinteger(L, answer->status);
        n++;
    }
    if (!answer->failure)
        lua_pushlstring(L, answer->text.at, answer->text.len);
    lua_xmove(L, answer->d->co, n);
    answer->d->nargs = n;
    return 0;
}

// When there is no memory for the answer, that is what the policy is told.
static void answer_with(struct decision *d, const struct answer *answer)
{
    struct answer copy = *answer;
    struct err err;

    CHECK(!d->done && d->started && d->nargs == 0);
    if (sandbox_protect(d->host->sandbox, push_answer, &copy, &err) == 0)
        return;
    lua_pushboolean(d->co, 0);
    lua_pushnil(d->co);
    d->nargs = 2;
}

void decision_answer(struct decision *d, struct span text)
{
    answer_with(d, &(struct answer){ .d = d, .text = text });
}

void decision_answer_engine(struct decision *d, int status, struct span body)
{
    answer_with(d, &(struct answer){ .d = d, .text = body, .status = status });
}

void decision_answer_failure(struct decision *d, const char *reason)
{
    answer_with(d, &(struct answer){ .d = d, .failure = reason });
}

const struct route *decision_route(const struct decision *d)
{
    return d->route;
}

const struct verdict *decision_verdict(const struct decision *d)
{
    return &d->verdict;
}
