#include "base/check.h"
#include "config/option_hint.h"
#include "http/method.h"
#include "lua/decision_parts.h"
#include "lua/place.h"
#include "lua/ruling.h"

#include <lua.h>
#include <stdio.h>
#include <string.h>

#define RESULTS 11 // of main.decide

static void copy_text(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);

    memcpy(out, text, len);
    out[len] = '\0';
}

void decision_clear_verdict(struct decision *d)
{
    struct verdict *v = &d->verdict;

    v->allowed = v->hidden = v->failed = false;
    v->edits = v->filters = v->filters_errors = false;
    v->status = 0;
    v->query_len = v->headers_len = 0;
    v->reason[0] = v->policy[0] = v->rule[0] = v->where[0] = v->hint[0] = '\0';
    v->path[0] = v->missing[0] = v->dockerfile[0] = '\0';
}

// Fills in what every verdict has. A request that nobody spoke for is put down to the only policy,
// if there is only one.
static void sign(struct decision *d, int policy)
{
    struct verdict *v = &d->verdict;

    d->run.policy = policy;
    if (policy == 0 && d->host->policy_count == 1)
        d->run.policy = 1;
    copy_text(v->policy, sizeof(v->policy), host_policy_at(d->host, d->run.policy));
}

static void refuse_unspoken(struct decision *d)
{
    struct verdict *v = &d->verdict;
    struct span path = d->request.target->path;

    sign(d, 0);
    v->status = 403;
    snprintf(v->reason, sizeof(v->reason), "no policy allows %s %.*s (%s)",
             method_name(d->request.method), (int)(path.len < 300 ? path.len : 300), path.at,
             d->route->operation[0] ? d->route->operation : "unknown operation");
}

// Policies name flags; who set variables is told those.
static void take_hint(struct decision *d, int index)
{
    struct verdict *v = &d->verdict;
    char hint[sizeof(v->hint)];

    ruling_copy(d->co, index, RULING_HINT, hint, sizeof(hint));
    v->hint[0] = '\0';
    if (hint[0] != '\0')
        option_hint(host_values_of(d->host, d->run.policy), hint, v->hint, sizeof(v->hint));
}

static void take_headers(struct decision *d, int index)
{
    struct verdict *v = &d->verdict;
    const char *text;

    lua_getiuservalue(d->co, index, RULING_CHANGES);
    text = lua_tolstring(d->co, -1, &v->headers_len);
    if (!text)
        v->headers_len = 0;
    CHECK(v->headers_len <= sizeof(v->headers)); // lualib/moonward/host/fields.lua sees to it
    if (text)
        memcpy(v->headers, text, v->headers_len);
    lua_pop(d->co, 1);
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
    take_hint(d, index);
    if (!v->allowed)
        take_headers(d, index);
    if (v->allowed)
        copy_text(v->missing, sizeof(v->missing), words ? words : "");
    else if (v->reason[0] == '\0' && words)
        copy_text(v->reason, sizeof(v->reason), words);
}

static void copy_name(lua_State *co, int index, char *out, size_t size)
{
    const char *text = lua_tostring(co, index);

    CHECK(!text || strlen(text) < size); // lualib/moonward/host/target.lua sees to it
    copy_text(out, size, text ? text : "");
}

// How the request goes on: the path, and keys and values of the query with a NUL behind each.
static void take_target(struct decision *d, int index)
{
    struct verdict *v = &d->verdict;
    const char *query = lua_tolstring(d->co, index + 1, &v->query_len);

    copy_name(d->co, index, v->path, sizeof(v->path));
    if (!query)
        v->query_len = 0;
    CHECK(v->query_len <= sizeof(v->query)); // lualib/moonward/host/main.lua sees to it
    if (query)
        memcpy(v->query, query, v->query_len);
}

// Pairs of texts with a NUL behind each.
static size_t read_pairs(const char *p, size_t len, struct query_pair *out, size_t room)
{
    const char *end = p + len;
    size_t n = 0;

    for (; p < end && n < room; n++) {
        out[n].key = span_of(p);
        p += out[n].key.len + 1;
        out[n].value = span_of(p);
        p += out[n].value.len + 1;
    }
    return n;
}

size_t verdict_query(const struct verdict *v, struct query_pair out[VERDICT_PAIRS])
{
    return read_pairs(v->query, v->query_len, out, VERDICT_PAIRS);
}

size_t verdict_fields(const struct verdict *v, struct query_pair out[VERDICT_FIELDS])
{
    return read_pairs(v->headers, v->headers_len, out, VERDICT_FIELDS);
}

void decision_take_result(struct decision *d)
{
    lua_State *co = d->co;

    if (!ruling_at(co, -RESULTS)) {
        refuse_unspoken(d);
        return;
    }
    take_ruling(d, lua_absindex(co, -RESULTS), lua_tostring(co, -RESULTS + 2));
    sign(d, (int)lua_tointeger(co, -RESULTS + 1));
    if (!d->verdict.allowed)
        return;
    take_target(d, -RESULTS + 3);
    decision_keep_changes(d, lua_absindex(co, -RESULTS + 5));
}

void decision_take_second_result(struct decision *d)
{
    lua_State *co = d->co;

    if (ruling_at(co, -3)) {
        take_ruling(d, lua_absindex(co, -3), NULL);
        sign(d, (int)lua_tointeger(co, -2));
        d->verdict.allowed = false; // lualib/moonward/host/builds.lua lets nothing else through
    }
    lua_copy(co, -1, DECISION_DOCKERFILE);
    lua_settop(co, DECISION_TOP);
}

static void describe_limit(struct decision *d, const char *limit, const char *option)
{
    struct verdict *v = &d->verdict;

    snprintf(v->reason, sizeof(v->reason), "%s limit reached in policy %s%s%s%s; it is %s", limit,
             v->policy, v->where[0] ? " (" : "", v->where, v->where[0] ? ")" : "", option);
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
    else if (d->run.blamed[0])
        copy_text(v->where, sizeof(v->where), d->run.blamed);
    else if (!d->run.blames_decide)
        place_of_policy(d->co, v->where, sizeof(v->where));
    if (v->where[0] == '\0' && policy > 0)
        copy_text(v->where, sizeof(v->where), d->host->policies[policy - 1].decide);
}

// Whatever went wrong, the verdict is a denial.
static void fail(struct decision *d)
{
    struct verdict *v = &d->verdict;

    decision_clear_verdict(d);
    v->status = 403;
    v->failed = true;
    sign(d, d->run.policy);
    find_place(d);
    switch (d->budget.hit) {
    case BUDGET_INSTRUCTIONS:
        describe_limit(d, "instruction", "-policyinstructions");
        break;
    case BUDGET_TIME:
        describe_limit(d, "time", "-policytime");
        break;
    case BUDGET_MEMORY:
        describe_limit(d, "memory", "-policymemory");
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

void decision_take_error(struct decision *d)
{
    if (d->budget.hit != BUDGET_LEFT || !is_raised_denial(d)) {
        fail(d);
        return;
    }
    take_ruling(d, lua_gettop(d->co), "page not found");
    sign(d, d->run.policy);
}

void decision_refuse_questions(struct decision *d, unsigned most)
{
    struct verdict *v = &d->verdict;

    v->status = 403;
    v->failed = true;
    sign(d, d->run.policy);
    find_place(d);
    snprintf(v->reason, sizeof(v->reason), "policy %s asked more than %u questions", v->policy,
             most);
}
