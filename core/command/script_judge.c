#include "base/clock.h"
#include "command/script_parts.h"
#include "lua/containers.h"
#include "lua/dry_run.h"
#include "lua/host.h"
#include "lua/verdict_table.h"
#include "net/dial.h"
#include "proxy/rehearsal.h"

#include <errno.h>
#include <unistd.h>

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_span(lua_State *L, const char *name, struct span text)
{
    lua_pushlstring(L, text.at, text.len);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool flag)
{
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

static struct span check_span(lua_State *L, int index)
{
    struct span text;

    text.at = luaL_checklstring(L, index, &text.len);
    return text;
}

// --- who asks ------------------------------------------------------------------------------------

// The field of the table at 'index', which keeps the text; empty: it has none.
static struct span span_field(lua_State *L, int index, const char *name)
{
    struct span text = { "", 0 };

    if (lua_getfield(L, index, name) == LUA_TSTRING)
        text.at = lua_tolstring(L, -1, &text.len);
    lua_pop(L, 1);
    return text;
}

static void read_labels(lua_State *L, int index, struct script_side *side,
                        struct client_view *client)
{
    if (lua_getfield(L, index, "labels") == LUA_TTABLE) {
        client->labels = side->labels;
        client->label_count = (size_t)luaL_len(L, -1);
        luaL_argcheck(L, client->label_count <= SCRIPT_LABELS, index, "too many labels");
        for (size_t i = 0; i < client->label_count; i++) {
            lua_geti(L, -1, (lua_Integer)i + 1);
            side->labels[i].key = span_field(L, lua_gettop(L), "key");
            side->labels[i].value = span_field(L, lua_gettop(L), "value");
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

// The table at 'index': listener, address ("" on a Unix socket), unix: it is one, and whoever asks
// is this process; labels: a list of { key, value }, or container: the engine's answer about it.
static void read_client(lua_State *L, int index, struct script_side *side,
                        struct client_view *client)
{
    luaL_checktype(L, index, LUA_TTABLE);
    *client = (struct client_view){ .socket = -1,
                                    .listener = span_field(L, index, "listener"),
                                    .address = span_field(L, index, "address"),
                                    .container = span_field(L, index, "container"),
                                    .connected_us = clock_wall_us(),
                                    .accepted_us = clock_wall_us() };
    read_labels(L, index, side, client);
    lua_getfield(L, index, "unix");
    client->has_credentials = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (client->has_credentials) {
        client->pid = getpid();
        client->uid = getuid();
        client->gid = getgid();
    }
}

// --- one request ---------------------------------------------------------------------------------

// By the parser that reads those of clients. A head that ends early has a line break in the method
// or the path.
static enum head_status read_head(struct script_side *side, struct span text,
                                  struct head_error *refusal)
{
    const struct settings *s = &side->setup->settings;
    struct head_limits limits = { .bytes = s->max_head, .headers = s->max_headers };
    struct target_rules rules = { .least = s->least_api, .pairs = s->max_headers };
    struct head_scan scan = { 0 };
    size_t end = 0;
    enum head_status status = head_scan(&scan, text.at, text.len, &limits, &end, refusal);

    if (status != HEAD_OK)
        return status;
    if (end != text.len)
        return HEAD_MORE;
    status = request_head_read(&side->head, text.at, text.len, &limits,
                               host_extra_methods(side->setup->host), refusal);
    if (status != HEAD_OK)
        return status;
    return target_read(&side->target, side->head.target, &rules, refusal);
}

// What no policy sees: { refused = true, status =, reason = }
static int push_refusal(lua_State *L, const struct head_error *refusal)
{
    lua_newtable(L);
    set_flag(L, "refused", true);
    lua_pushinteger(L, refusal->status);
    lua_setfield(L, -2, "status");
    set_text(L, "reason", refusal->text);
    return 1;
}

static void set_route(lua_State *L, const struct route *route)
{
    set_text(L, "operation", route->operation);
    set_text(L, "does", route->text);
    lua_pushinteger(L, route->power);
    lua_setfield(L, -2, "power");
}

static void set_given(lua_State *L, const char *name, const char *text)
{
    if (text[0] != '\0')
        set_text(L, name, text);
}

// What the request is, as it was understood: method, target, operation ("": no known route), power
// and what the route does in words (nil), address and listener of the client, and whether a policy
// has 'looked' at the body. And the verdict's fields, see verdict_table.h.
// 'body' is there if the policies edited it; 'answer' is what the client sees of the engine's, and
// 'fault' or 'missing' why it is none.
static int push_verdict(lua_State *L, const struct script_side *side,
                        const struct client_view *client, const struct rehearsal *r)
{
    verdict_push(L, &r->verdict);
    set_route(L, &r->route);
    set_text(L, "method", method_name(side->head.method));
    set_span(L, "target", side->target.canonical);
    set_span(L, "address", client->address);
    set_span(L, "listener", client->listener);
    set_flag(L, "looked", r->body_looked_at);
    if (r->verdict.edits)
        set_span(L, "body", buffer_span(&r->body));
    set_span(L, "answer", buffer_span(&r->answer));
    set_given(L, "fault", r->fault);
    set_given(L, "missing", r->missing);
    return 1;
}

static int judge(lua_State *L)
{
    struct script_side *side = script_side(L, 1);
    struct span head = check_span(L, 2), body = check_span(L, 3);
    struct client_view client;
    struct rehearsal *rehearsal = &script_state(L)->rehearsal;
    struct span answer = { "", 0 };
    struct request_view request;
    struct head_error refusal = { 400, "a line break in the method or the path" };
    struct err err = { "" };

    if (lua_isstring(L, 5))
        answer = check_span(L, 5);
    read_client(L, 4, side, &client);
    rehearsal_clear(rehearsal);
    request_head_clear(&side->head);
    target_clear(&side->target);
    if (body.len > side->setup->settings.max_body) {
        refusal = (struct head_error){ 413, "the body is longer than -maxbody, if a policy looks "
                                            "into it" };
        return push_refusal(L, &refusal);
    }
    if (read_head(side, head, &refusal) != HEAD_OK)
        return push_refusal(L, &refusal);
    request = (struct request_view){ .method = side->head.method,
                                     .target = &side->target,
                                     .headers = side->head.headers,
                                     .header_count = side->head.header_count,
                                     .has_body = body.len > 0 };
    if (rehearsal_run(side->setup, &request, &client, body, answer, rehearsal, &err) != 0)
        return script_fail(L, err.text, 1);
    return push_verdict(L, side, &client, rehearsal);
}

// --- all that the API knows ----------------------------------------------------------------------

struct visitor {
    lua_State *L;
    int function; // its index
    bool failed;  // the error is on the stack
    const struct dry_run_case *one;
};

// Fields as of struct dry_run_case, of its verdict and of its route.
static void push_case(lua_State *L, const struct dry_run_case *one)
{
    verdict_push(L, one->verdict);
    set_route(L, one->route);
    set_text(L, "method", one->method);
    set_text(L, "target", one->target);
    set_text(L, "listener", one->listener);
    set_flag(L, "errs", one->errs);
    set_flag(L, "is_whole", one->is_whole);
    set_flag(L, "has_objects", one->has_objects);
    set_flag(L, "takes_over", one->takes_over);
    set_flag(L, "asked_engine", one->asked_engine);
    set_flag(L, "asked_body", one->asked_body);
}

static int call_visitor(lua_State *L)
{
    const struct visitor *visitor = lua_touserdata(L, 2);

    lua_pushvalue(L, 1);
    push_case(L, visitor->one);
    lua_call(L, 1, 0);
    return 0;
}

// An error must not jump over what a dry run holds.
static void visit(void *arg, const struct dry_run_case *one)
{
    struct visitor *visitor = arg;

    if (visitor->failed)
        return;
    visitor->one = one;
    lua_pushcfunction(visitor->L, call_visitor);
    lua_pushvalue(visitor->L, visitor->function);
    lua_pushlightuserdata(visitor->L, visitor);
    visitor->failed = lua_pcall(visitor->L, 2, 0, 0) != LUA_OK;
}

static int run_dry(lua_State *L)
{
    struct setup *setup = script_side(L, 1)->setup;
    struct visitor visitor = { .L = L, .function = 3 };
    struct err err = { "" };
    int status;

    luaL_checktype(L, 3, LUA_TFUNCTION);
    status = dry_run(setup->host, &setup->settings, check_span(L, 2), visit, &visitor, &err);
    if (visitor.failed)
        return lua_error(L);
    if (status != 0)
        return script_fail(L, err.text, 1);
    lua_pushboolean(L, 1);
    return 1;
}

// --- the engine ----------------------------------------------------------------------------------

static int ask(lua_State *L)
{
    struct script_side *side = script_side(L, 1);
    struct buffer *text = &script_state(L)->text;
    struct err err = { "" };
    int status = 0;

    buffer_clear(text);
    buffer_init(text, SCRIPT_TEXT);
    if (rehearsal_ask(side->setup, luaL_checkstring(L, 2), &status, text, &err) != 0)
        return script_fail(L, err.text, 2);
    lua_pushinteger(L, status);
    lua_pushlstring(L, text->len > 0 ? text->data : "", text->len);
    return 2;
}

static int container_address(lua_State *L)
{
    char address[64] = "";
    struct err err = { "" };

    if (containers_address(script_side(L, 1)->setup->host, check_span(L, 2), address,
                           sizeof(address), &err) != 0)
        return script_fail(L, err.text, 2);
    lua_pushstring(L, address);
    return 1;
}

static int engine_fault(lua_State *L)
{
    const struct endpoint *at = &script_side(L, 1)->setup->settings.upstream;
    bool connecting = false;
    struct err err = { "" };
    int fd = -1;

    if (!at->is_unix)
        return 0;
    fd = dial_unix(at->path, &connecting);
    if (fd >= 0) {
        close(fd);
        return 0;
    }
    if (errno == EAGAIN)
        return 0; // its queue is full, so somebody listens
    dial_explain_unix(at->path, errno, &err);
    lua_pushstring(L, err.text);
    return 1;
}

const luaL_Reg script_judge_tools[] = {
    { "ask", ask },         { "container_address", container_address },
    { "dry_run", run_dry }, { "engine_fault", engine_fault },
    { "judge", judge },     { NULL, NULL },
};
