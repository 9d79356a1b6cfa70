#include "lua/decision.h"

#include "base/check.h"
#include "base/reservations.h"
#include "http/method.h"
#include "lua/decision_parts.h"
#include "lua/view.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTIONS_MAX 100 // of one decision
#define HELD_AFTER_S  600 // names of a request whose answer nobody waited for

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

// Protected, because all of it can run out of memory.
static int open_decision(lua_State *L)
{
    struct decision *d = lua_touserdata(L, 1);

    d->route = decision_find_route(L, d);
    d->co = take_coroutine(L, d->host);

    struct request_box *request = view_push_request(L, &d->request, d->route);
    struct client_box *client = view_push_client(L, &d->client);

    lua_insert(L, -2);
    lua_xmove(L, d->co, BOTTOM); // the bottom of its stack keeps them
    d->request_box = request;
    d->client_box = client;
    lua_rawgeti(d->co, LUA_REGISTRYINDEX, d->host->entries[HOST_DECIDE]);
    lua_pushvalue(d->co, CLIENT);
    lua_pushvalue(d->co, REQUEST);
    lua_pushboolean(d->co, d->route->quotes);
    d->nargs = 3;
    return 0;
}

struct decision *decision_new(struct host *host, const struct request_view *request,
                              const struct client_view *client)
{
    struct decision *d = host->spare ? host->spare : malloc(sizeof(*d));
    struct err err;

    CHECK(host->state == HOST_DECIDING);
    host->spare = NULL;
    if (!d)
        return NULL;
    memset(d, 0, offsetof(struct decision, verdict));
    decision_clear_verdict(d);
    purity_clear(&d->purity);
    d->question[0] = '\0';
    d->book.count = 0;
    d->host = host;
    d->request = *request;
    d->run.wall_s = request->wall_s;
    d->client = *client;
    d->route = decision_no_route();
    d->budget.instructions = host->limits.instructions;
    d->budget.burst_us = host->limits.burst_us;
    host->living++;
    d->recalled = decision_recall(d);
    if (d->recalled)
        return d;
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

// What an allowed request is about may go on at the engine when its client is gone: a pull, a
// commit.
static void let_go(const struct decision *d)
{
    unsigned seconds = d->verdict.allowed && !d->settled ? HELD_AFTER_S : 0;

    for (int i = 0; i < d->run.held_count; i++)
        reservations_release(d->host->reservations, d->run.held[i], seconds);
}

void decision_settled(struct decision *d)
{
    d->settled = true;
}

void decision_free(struct decision *d)
{
    if (!d)
        return;
    let_go(d);
    empty_boxes(d);
    if (d->co)
        give_coroutine(d->host, d->co);
    if (d->budget.hit == BUDGET_MEMORY)
        sandbox_collect(d->host->sandbox);
    d->host->living--;
    if (d->host->spare)
        free(d);
    else
        d->host->spare = d; // it is too large for malloc() to have one at hand
}

// ---- running

static enum decision_state finish(struct decision *d, int status)
{
    bool fine = status == LUA_OK && d->budget.hit == BUDGET_LEFT;

    d->done = true;
    if (!fine)
        decision_take_error(d);
    else if (d->reads_dockerfile)
        decision_take_second_result(d);
    else
        decision_take_result(d);
    if (fine && !d->reads_dockerfile)
        decision_remember(d);
    // A filter may look at the request as long as the answer comes.
    if (!d->verdict.filters && !d->verdict.filters_errors && !d->verdict.dockerfile[0])
        empty_boxes(d);
    return DECISION_DONE;
}

static enum decision_state refuse_questions(struct decision *d)
{
    d->done = true;
    decision_refuse_questions(d, QUESTIONS_MAX);
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
        { "containers", DECISION_WANTS_CONTAINERS },
        { "engine", DECISION_WANTS_ENGINE },
        { "events", DECISION_WANTS_EVENTS },
        { "late", DECISION_WANTS_LATE },
        { "list", DECISION_WANTS_LIST },
        { "more", DECISION_WANTS_MORE },
        { "names", DECISION_WANTS_NAMES },
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
    if (d->recalled) {
        d->done = true;
        return DECISION_DONE;
    }
    d->host->run = &d->run;
    d->host->rulings.now = &d->book;
    d->host->purity.now = &d->purity;
    d->host->purity.is_promised = false;
    sandbox_running(d->host->sandbox, host_policy_at(d->host, d->run.policy));
    status = sandbox_resume(d->host->sandbox, d->co, d->nargs, !d->started, &d->budget);
    if (status == LUA_YIELD)
        purity_break(d->co, "", "an answer from outside");
    d->host->run = NULL;
    d->host->rulings.now = NULL;
    d->host->purity.now = NULL;
    d->started = true;
    d->nargs = 0;
    if (status != LUA_YIELD || d->budget.hit != BUDGET_LEFT)
        return finish(d, status);

    enum decision_state wants = take_question(d);

    // A list has as many parts as the engine makes it, and is read within a deadline.
    if (wants != DECISION_WANTS_MORE && ++d->asked > QUESTIONS_MAX)
        return refuse_questions(d);
    return wants;
}

const char *decision_question(const struct decision *d)
{
    return d->question;
}

const char *decision_asker(const struct decision *d)
{
    const char *name = host_policy_at(d->host, d->run.policy);

    return name ? name : "";
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

bool decision_was_recalled(const struct decision *d)
{
    return d->recalled;
}

const struct purity *decision_purity(const struct decision *d)
{
    return &d->purity;
}

const struct verdict *decision_verdict(const struct decision *d)
{
    return &d->verdict;
}
