#include "lua/dry_run.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "http/method.h"
#include "http/target.h"
#include "lua/decision.h"
#include "lua/host_parts.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX (64u << 10) // of a request, and of an answer of the engine

static const struct target_rules rules = { .least = { 1, 12 }, .pairs = 100 };

struct run_of {
    struct host *host;
    const bool *enough; // NULL, or becomes true when nothing more is to be asked
    dry_run_visit *visit;
    void *arg;
    struct span listener, address;
    bool has_objects; // what requests name exists
    bool is_whole;
};

// --- calls into lualib/moonward/host/main.lua, each protected -----------------------------------

struct request_text {
    struct host *host;
    int index;
    bool found, takes_over;
    char method[16];
    struct buffer target, body;
};

static int fetch_request(lua_State *L)
{
    struct request_text *text = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, text->host->entries[HOST_SYNTHETIC]);
    lua_pushinteger(L, text->index);
    lua_call(L, 1, 4);
    text->found = !lua_isnil(L, -4);
    text->takes_over = lua_toboolean(L, -1);
    if (!text->found)
        return 0;
    (void)snprintf(text->method, sizeof(text->method), "%s", luaL_checkstring(L, -4));
    buffer_add_string(&text->target, luaL_checkstring(L, -3));
    buffer_add_string(&text->body, luaL_checkstring(L, -2));
    return 0;
}

struct reply {
    const struct run_of *run;
    const char *path;
    int status; // 0: not known
    struct buffer body;
};

static int fetch_reply(lua_State *L)
{
    struct reply *reply = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, reply->run->host->entries[HOST_REPLY]);
    lua_pushstring(L, reply->path);
    lua_pushboolean(L, reply->run->has_objects);
    lua_call(L, 2, 2);
    reply->status = (int)lua_tointeger(L, -2);
    if (reply->status != 0)
        buffer_add_string(&reply->body, luaL_checkstring(L, -1));
    return 0;
}

struct choice {
    struct host *host;
    int index; // 0: all
};

static int choose(lua_State *L)
{
    const struct choice *choice = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, choice->host->entries[HOST_ASK_ALONE]);
    if (choice->index > 0)
        lua_pushinteger(L, choice->index);
    else
        lua_pushnil(L);
    lua_call(L, 1, 0);
    return 0;
}

// --- one decision --------------------------------------------------------------------------------

// The version in front of the path is the proxy's own affair, and may be in a question or not.
static const char *without_version(const char *path)
{
    path = strchr(path, '\n') ? strrchr(path, '\n') + 1 : path; // of a list, behind what it is

    const char *rest = strncmp(path, "/v", 2) == 0 ? strchr(path + 1, '/') : NULL;

    return rest && path[2] >= '0' && path[2] <= '9' ? rest : path;
}

// False: the engine's answer is not known.
static bool answer_as_engine(const struct run_of *run, struct decision *d, bool is_list)
{
    struct reply reply = { .run = run, .path = without_version(decision_question(d)) };
    struct err err;

    buffer_init(&reply.body, TEXT_MAX);

    bool known = sandbox_protect(run->host->sandbox, fetch_reply, &reply, &err) == 0 &&
                 reply.status != 0 && !reply.body.failed;

    if (known && is_list)
        decision_answer_list(d, reply.status, buffer_span(&reply.body));
    else if (known)
        decision_answer_engine(d, reply.status, buffer_span(&reply.body));
    else
        decision_answer_failure(d, "a dry run does not ask it");
    buffer_clear(&reply.body);
    return known;
}

// Every name has the same address, and all are told at once.
static void answer_names(struct decision *d)
{
    struct buffer answers;

    buffer_init(&answers, TEXT_MAX);
    for (const char *name = decision_question(d); *name;) {
        struct span one = { name, strcspn(name, "\n") };

        buffer_add_span(&answers, one);
        buffer_add_string(&answers, "\t\t" DRY_RUN_RESOLVED "\n");
        name += one.len + (name[one.len] == '\n');
    }
    if (answers.failed)
        decision_answer_failure(d, "a dry run looks up no such names");
    else
        decision_answer(d, buffer_span(&answers));
    buffer_clear(&answers);
}

// What the policies asked for while they decided.
struct asked {
    bool engine, body;
    bool unanswered; // something that a dry run does not know
};

static struct asked finish(const struct run_of *run, struct decision *d, struct span body)
{
    struct asked asked = { .engine = false };

    for (;;) {
        enum decision_state wants = decision_run(d);

        switch (wants) {
        case DECISION_WANTS_BODY:
            asked.body = true;
            decision_answer(d, body);
            break;
        case DECISION_WANTS_ADDRESS:
            decision_answer(d, span_of(DRY_RUN_RESOLVED));
            break;
        case DECISION_WANTS_NAMES:
            answer_names(d);
            break;
        case DECISION_WANTS_ENGINE:
        case DECISION_WANTS_LIST:
            asked.engine = true;
            if (!answer_as_engine(run, d, wants == DECISION_WANTS_LIST))
                asked.unanswered = true;
            break;
        case DECISION_WANTS_EVENTS:
        case DECISION_WANTS_LATE:
        case DECISION_WANTS_CONTAINERS:
        case DECISION_WANTS_MORE: // lists were told whole
            decision_answer_failure(d, "a dry run does not follow it");
            asked.unanswered = true;
            break;
        case DECISION_DONE:
            return asked;
        }
    }
}

static int decide(const struct run_of *run, const struct request_text *text, struct target *target,
                  struct err *err)
{
    struct header headers[] = { { span_of("host"), span_of("docker") },
                                { span_of("content-type"), span_of("application/json") } };
    bool has_body = text->body.len > 0;
    struct container_id found = { "" };
    struct request_view request = { .method = method_read(span_of(text->method)),
                                    .target = target,
                                    .headers = headers,
                                    .header_count = has_body ? 2 : 1,
                                    .has_body = has_body };
    struct client_view client = { .address = run->address,
                                  .port = 1024,
                                  .listener = run->listener,
                                  .socket = -1,
                                  .connected_us = clock_wall_us(),
                                  .accepted_us = clock_wall_us(),
                                  .found = &found };
    struct query_pair none = { { "", 0 }, { "", 0 } };
    struct decision *d;

    if (run->has_objects) // then the client is a container without labels, else it is none
        client.labels = &none;
    d = decision_new(run->host, &request, &client);
    if (!d)
        return err_set(err, "no memory for a decision");

    struct asked asked = finish(run, d, buffer_span(&text->body));
    const struct verdict *v = decision_verdict(d);

    run->visit(run->arg, &(struct dry_run_case){ .method = text->method,
                                                 .target = text->target.data,
                                                 .route = decision_route(d),
                                                 .verdict = v,
                                                 .errs = v->failed && !asked.unanswered,
                                                 .asked_engine = asked.engine,
                                                 .asked_body = asked.body,
                                                 .has_objects = run->has_objects,
                                                 .listener = run->listener.at,
                                                 .is_whole = run->is_whole,
                                                 .takes_over = text->takes_over });
    decision_free(d);
    return 0;
}

// 1: there is no such request any more.
static int ask(const struct run_of *run, int index, struct err *err)
{
    struct request_text text = { .host = run->host, .index = index };
    struct target target;
    struct head_error error;
    int result = -1;

    buffer_init(&text.target, TEXT_MAX);
    buffer_init(&text.body, TEXT_MAX);
    if (sandbox_protect(run->host->sandbox, fetch_request, &text, err) != 0)
        goto out;
    if (!text.found) {
        result = 1;
        goto out;
    }
    if (!buffer_text(&text.target) || text.body.failed) {
        err_set(err, "no memory for a request");
        goto out;
    }
    if (target_read(&target, buffer_span(&text.target), &rules, &error) != HEAD_OK) {
        err_set(err, "%s", error.text);
        goto out;
    }
    result = decide(run, &text, &target, err);
    target_clear(&target);

out:
    buffer_clear(&text.target);
    buffer_clear(&text.body);
    return result;
}

// --- all of them ---------------------------------------------------------------------------------

static int ask_all(struct run_of *run, int policy, struct err *err)
{
    struct choice choice = { run->host, policy };
    int result = sandbox_protect(run->host->sandbox, choose, &choice, err);

    run->is_whole = policy == 0;
    for (int with = 0; with < 2 && result == 0; with++) {
        run->has_objects = with == 0;
        for (int i = 1; result == 0 && !(run->enough && *run->enough); i++)
            result = ask(run, i, err);
        result = result < 0 ? -1 : 0;
    }
    return result;
}

// Several addresses may be one listener's.
static bool is_first_of_name(const struct settings *s, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(s->listeners[i].name, s->listeners[index].name) == 0)
            return false;
    }
    return true;
}

// Each policy alone, as somebody at the first listener; and all together at each listener, since
// each may have others.
static int ask_each_and_all(struct run_of *run, const struct settings *s, struct err *err)
{
    int status = 0;

    run->listener = span_of(s->listeners[0].name);
    for (int policy = 1; status == 0 && policy <= run->host->policy_count; policy++)
        status = ask_all(run, policy, err);
    for (size_t i = 0; status == 0 && i < s->listener_count; i++) {
        run->listener = span_of(s->listeners[i].name);
        if (is_first_of_name(s, i))
            status = ask_all(run, 0, err);
    }
    return status;
}

int dry_run(struct host *host, const struct settings *settings, struct span address,
            dry_run_visit *visit, void *arg, struct err *err)
{
    struct run_of run = { .host = host, .visit = visit, .arg = arg, .address = address };

    return ask_each_and_all(&run, settings, err);
}

struct first_error {
    bool found;
    struct err *err;
};

static void note_first(void *arg, const struct dry_run_case *one)
{
    struct first_error *first = arg;

    if (first->found || !one->errs)
        return;
    first->found = true;
    err_set(first->err, "%s %.100s: %.380s", one->method, one->target, one->verdict->reason);
}

int dry_run_all(struct host *host, const struct settings *settings, struct err *err)
{
    struct err first_text = { "" };
    struct first_error first = { .err = &first_text };

    struct run_of run = { .host = host,
                          .visit = note_first,
                          .arg = &first,
                          .address = span_of("127.0.0.1"),
                          .enough = &first.found };

    if (ask_each_and_all(&run, settings, err) != 0)
        return -1;
    return first.found ? err_set(err, "%s", first_text.text) : 0;
}
