// decision_filter: what comes after an allowance that has conditions, in the decision's coroutine:
// the Dockerfile is judged, and each item of the answer is shown to the policies' filters.
#include "base/check.h"
#include "base/log.h"
#include "lua/decision_parts.h"
#include "lua/place.h"
#include "lua/redactor.h"
#include "json/redact.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

enum {
    BODY = DECISION_BODY,
    FILTER = DECISION_FILTER,
    ERRORS = DECISION_ERRORS,
    REST = DECISION_REST,
    TOP = DECISION_TOP,
};

static const struct cut_rules one_value = { .depth = GRAMMAR_DEPTH_MAX };

void decision_keep_changes(struct decision *d, int index)
{
    lua_State *co = d->co;

    const char *name = lua_tostring(co, index + 5);

    CHECK(!name || strlen(name) < sizeof(d->verdict.dockerfile)); // host/builds.lua sees to it
    memcpy(d->verdict.dockerfile, name ? name : "", name ? strlen(name) + 1 : 1);
    // 'index' is above what is kept: a ruling and more come before it.
    for (int i = 0; i < 5; i++)
        lua_copy(co, index + i, BODY + i);
    lua_settop(co, TOP);
    d->verdict.edits = lua_type(co, BODY) == LUA_TSTRING;
    d->verdict.filters = !lua_isnil(co, FILTER);
    d->verdict.filters_errors = lua_type(co, ERRORS) == LUA_TFUNCTION;
}

bool decision_body(const struct decision *d, struct span *out)
{
    if (!d->verdict.edits)
        return false;
    out->at = lua_tolstring(d->co, BODY, &out->len);
    return true;
}

bool decision_dockerfile(const struct decision *d, struct span *out)
{
    if (!d->reads_dockerfile || lua_type(d->co, DECISION_DOCKERFILE) != LUA_TSTRING)
        return false;
    out->at = lua_tolstring(d->co, DECISION_DOCKERFILE, &out->len);
    return true;
}

const struct cut_rules *decision_cut(const struct decision *d)
{
    return d->verdict.filters ? &d->route->answer.cut : NULL;
}

bool decision_filters_rests(const struct decision *d)
{
    return d->verdict.filters && lua_type(d->co, REST) == LUA_TFUNCTION;
}

const struct cut_rules *decision_error_cut(const struct decision *d)
{
    return d->verdict.filters_errors ? &one_value : NULL;
}

const char *decision_missing(const struct decision *d)
{
    return d->route->answer.is_object ? d->verdict.missing : "";
}

struct item {
    struct decision *d;
    int filter; // FILTER, ERRORS or REST
    size_t list;
    struct span text;
};

// Protected, because the text may not fit into memory.
static int push_item(lua_State *L)
{
    const struct item *item = lua_touserdata(L, 1);

    luaL_checkstack(item->d->co, 8, "items");
    lua_pushlstring(L, item->text.at, item->text.len);
    lua_pushvalue(item->d->co, item->filter);
    lua_xmove(L, item->d->co, 1);
    lua_pushinteger(item->d->co, (lua_Integer)item->list + 1);
    return 0;
}

static void log_failure(const struct decision *d, const char *reason)
{
    log_line(d->host->log, LOG_ERROR, "filter failed", LOG_TEXT("operation", d->route->operation),
             LOG_TEXT("policy", host_policy_at(d->host, d->run.policy)),
             LOG_TEXT("reason", reason));
}

static enum filter_verdict fail(struct decision *d, const struct budget *budget)
{
    static const char *const limits[] = {
        [BUDGET_INSTRUCTIONS] = "instruction limit reached (-policyinstructions)",
        [BUDGET_TIME] = "time limit reached (-policytime)",
        [BUDGET_MEMORY] = "memory limit reached (-policymemory)",
    };
    char where[80] = "", text[512];
    bool limited = budget->hit != BUDGET_LEFT;
    const char *words = limited ? limits[budget->hit] : sandbox_error(d->co);

    if (budget->where[0])
        snprintf(where, sizeof(where), "%s", budget->where);
    else
        place_of_policy(d->co, where, sizeof(where));
    if (where[0] && strncmp(words, where, strlen(where)) != 0)
        snprintf(text, sizeof(text), "%s: %s", where, words);
    else
        snprintf(text, sizeof(text), "%s", words);
    log_failure(d, text);
    d->dead = true;
    if (budget->hit == BUDGET_MEMORY)
        d->budget.hit = BUDGET_MEMORY; // decision_free() collects
    return FILTER_FAIL;
}

static enum filter_verdict redact(struct decision *d, const struct redact_set *set,
                                  struct span text, struct buffer *replacement)
{
    CHECK(set);
    switch (redact_apply(set, text, replacement)) {
    case REDACT_SAME:
        return FILTER_KEEP;
    case REDACT_CHANGED:
        return FILTER_REPLACE;
    case REDACT_FAIL:
        break;
    }
    log_failure(d, "an item cannot be redacted: it is too long");
    d->dead = true;
    return FILTER_FAIL;
}

// The filter returns true: keep; false: drop; a text: take its place; a redactor: keep the rest.
static enum filter_verdict take_result(struct decision *d, struct span item,
                                       struct buffer *replacement)
{
    enum filter_verdict verdict = lua_toboolean(d->co, -1) ? FILTER_KEEP : FILTER_DROP;

    if (lua_type(d->co, -1) == LUA_TSTRING) {
        struct span text;

        text.at = lua_tolstring(d->co, -1, &text.len);
        buffer_add_span(replacement, text);
        verdict = FILTER_REPLACE;
    } else if (lua_type(d->co, -1) == LUA_TUSERDATA) {
        verdict = redact(d, redactor_set(d->co, -1), item, replacement);
    }
    lua_settop(d->co, TOP);
    return verdict;
}

static enum filter_verdict judge_item(struct decision *d, int filter, size_t list, struct span text,
                                      struct buffer *replacement)
{
    struct host *host = d->host;
    struct item item = { d, filter, list, text };
    struct budget budget = { .instructions = host->limits.instructions,
                             .burst_us = host->limits.burst_us };
    struct err err;
    int status;

    if (d->dead)
        return FILTER_FAIL;
    if (lua_type(d->co, filter) == LUA_TUSERDATA)
        return redact(d, redactor_set(d->co, filter), text, replacement);
    if (sandbox_protect(host->sandbox, push_item, &item, &err) != 0) {
        log_failure(d, err.text);
        d->dead = true;
        return FILTER_FAIL;
    }
    d->run.filters = true;
    host->run = &d->run;
    host->rulings.filters = true;
    sandbox_running(host->sandbox, host_policy_at(host, d->run.policy));
    status = sandbox_resume(host->sandbox, d->co, 2, true, &budget);
    host->rulings.filters = false;
    host->run = NULL;
    CHECK(status != LUA_YIELD || budget.hit != BUDGET_LEFT); // host/wait.lua sees to it
    if (status != LUA_OK || budget.hit != BUDGET_LEFT)
        return fail(d, &budget);
    return take_result(d, text, replacement);
}

// Paths and predicates are about an object where the route answers with one: of anything else they
// would find nothing to hide.
static bool is_expected(const struct decision *d, struct span text)
{
    return !d->route->answer.is_object || (text.len > 0 && text.at[0] == '{');
}

// An item that is longer than can be held: one of several is left out, so that it spoils nobody's
// answer.
static enum filter_verdict leave_out(struct decision *d, bool is_all)
{
    if (!is_all) {
        log_line(d->host->log, LOG_WARN, "an item is left out",
                 LOG_TEXT("operation", d->route->operation),
                 LOG_TEXT("reason", "it is too long for a filter to look at"));
        return FILTER_DROP;
    }
    log_failure(d, "the answer is too long for a filter to look at");
    d->dead = true;
    return FILTER_FAIL;
}

enum filter_verdict decision_filter_rest(void *decision, size_t list, struct span text,
                                         struct buffer *replacement)
{
    return judge_item(decision, REST, list, text, replacement);
}

enum filter_verdict decision_filter_item(void *decision, size_t list, struct span text,
                                         struct buffer *replacement)
{
    struct decision *d = decision;

    if (d->dead)
        return FILTER_FAIL;
    if (!text.at)
        return leave_out(d, d->route->answer.is_object);
    if (!is_expected(d, text)) {
        log_failure(d, "the engine's answer is not the object that was asked for");
        d->dead = true;
        return FILTER_FAIL;
    }
    return judge_item(d, FILTER, list, text, replacement);
}

const struct redact_set *decision_filter_long(void *decision, size_t list, struct span start)
{
    struct decision *d = decision;

    (void)list;
    return d->dead || !is_expected(d, start) ? NULL : redactor_set(d->co, FILTER);
}

enum filter_verdict decision_filter_error(void *decision, size_t list, struct span text,
                                          struct buffer *replacement)
{
    if (!text.at)
        return leave_out(decision, true);
    return judge_item(decision, ERRORS, list, text, replacement);
}

struct dockerfile {
    struct decision *d;
    bool fine;
    struct span text;
};

static int push_dockerfile(lua_State *L)
{
    const struct dockerfile *file = lua_touserdata(L, 1);

    luaL_checkstack(file->d->co, 8, "a Dockerfile");
    lua_pushlstring(L, file->text.at, file->text.len);
    lua_pushvalue(file->d->co, DECISION_DOCKERFILE);
    lua_pushboolean(file->d->co, file->fine);
    lua_xmove(L, file->d->co, 1);
    return 0;
}

// When there is no memory for the text, the words for it are short.
void decision_read_dockerfile(struct decision *d, bool fine, struct span text)
{
    struct dockerfile file = { d, fine, text };
    struct err err;

    CHECK(d->done && d->verdict.allowed && d->verdict.dockerfile[0]);
    d->budget = (struct budget){ .instructions = d->host->limits.instructions,
                                 .burst_us = d->host->limits.burst_us };
    d->done = d->started = d->run.filters = false;
    d->reads_dockerfile = true;
    if (sandbox_protect(d->host->sandbox, push_dockerfile, &file, &err) != 0) {
        lua_settop(d->co, DECISION_TOP);
        lua_pushvalue(d->co, DECISION_DOCKERFILE);
        lua_pushboolean(d->co, 0);
        lua_pushnil(d->co);
    }
    d->nargs = 2;
}
