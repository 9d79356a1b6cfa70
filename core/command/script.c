#include "command/script.h"

#include "command/client_sketch.h"
#include "command/prepare.h"
#include "command/sketch.h"
#include "lua/library.h"
#include "lua/sandbox.h"
#include "lua/verdict_table.h"
#include "proxy/rehearsal.h"

#include <lauxlib.h> // layers: what commands in Lua call is made of all layers
#include <lua.h>     // layers: the same
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SETUPS   2
#define TEXT_MAX ((size_t)16 << 20) // of a file

// What is held while Lua runs lies here, so that an error of Lua's loses nothing.
struct side {
    struct setup *setup;
    struct client_sketch client;
    bool has_client;
    struct sketch sketch;
};

struct run {
    const struct script *script;
    struct side sides[SETUPS];
    struct buffer text;
    int status;
};

static struct run *run_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

static struct side *side_at(lua_State *L, int index)
{
    lua_Integer n = luaL_checkinteger(L, index);

    luaL_argcheck(L, n >= 1 && n <= SETUPS, index, "there is no such set-up");
    return &run_of(L)->sides[n - 1];
}

static int fail(lua_State *L, const char *message, int status)
{
    lua_pushnil(L);
    lua_pushstring(L, message);
    lua_pushinteger(L, status);
    return 3;
}

static int succeed(lua_State *L)
{
    lua_pushboolean(L, 1);
    return 1;
}

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

// --- set-ups -------------------------------------------------------------------------------------

// The list at 'index' as a vector that ends in NULL. The registry keeps both: a set-up borrows the
// texts.
static char **new_vector(lua_State *L, int index)
{
    lua_Integer n = luaL_len(L, index);
    char **all = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof(*all), 1);
    const char *text;

    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, 1);
    for (lua_Integer i = 0; i < n; i++) {
        luaL_argcheck(L, lua_geti(L, index, i + 1) == LUA_TSTRING, index, "expected texts");
        text = lua_tostring(L, -1);
        memcpy(&all[i], &text, sizeof(text)); // main()'s type, though nobody writes there
        lua_pop(L, 1);
    }
    all[n] = NULL;
    (void)luaL_ref(L, LUA_REGISTRYINDEX);
    return all;
}

static int open_setup(lua_State *L)
{
    const struct script *script = run_of(L)->script;
    struct side *side = side_at(L, 1);
    struct launch launch = { (int)luaL_len(L, 2), new_vector(L, 2), new_vector(L, 3) };
    struct log silent = { .fd = -1, .least = LOG_ERROR };
    struct setup_command command = { .own = script->own,
                                     .own_count = script->own_count,
                                     .words = { .max = 1 } };
    struct err err = { "" };

    luaL_argcheck(L, !side->setup, 1, "it is there already");
    switch (setup_new(&launch, &(struct setup_means){ NULL, &prepare_hang }, &silent, &command,
                      &side->setup, &err)) {
    case SETUP_OK:
        if (command.words.count == 0)
            return succeed(L);
        err_set(&err, "unexpected argument \"%.200s\": options begin with a dash",
                command.words.at[0]);
        return fail(L, err.text, 2);
    case SETUP_HELP:
        prepare_help(side->setup);
        return fail(L, NULL, 0);
    case SETUP_BAD_FLAG:
        return fail(L, err.text, 2);
    case SETUP_BAD_VALUE:
        break;
    }
    return fail(L, err.text, 1);
}

static int option_text(lua_State *L)
{
    lua_pushstring(L, options_text(side_at(L, 1)->setup->own, luaL_checkstring(L, 2)));
    return 1;
}

static int option_is_given(lua_State *L)
{
    const struct options *own = side_at(L, 1)->setup->own;

    lua_pushboolean(L, options_source(own, luaL_checkstring(L, 2)) != OPTION_DEFAULT);
    return 1;
}

static int paint_client(lua_State *L)
{
    struct side *side = side_at(L, 1);
    struct err err = { "" };

    luaL_argcheck(L, !side->has_client, 1, "it has a client already");
    side->has_client = true;
    if (client_sketch_read(&side->client, side->setup, side_at(L, 2)->setup->own, &err) != 0)
        return fail(L, err.text, 2);
    return succeed(L);
}

// --- one request ---------------------------------------------------------------------------------

// What the request is, as it was understood: method, target, operation ("": no known route), power
// and what the route does in words (nil), address and listener of the client, and whether a policy
// has 'looked' at the body. And the verdict's fields, see verdict_table.h.
static int push_verdict(lua_State *L, const struct side *side, const struct rehearsal *r)
{
    verdict_push(L, &r->verdict);
    set_text(L, "method", method_name(side->sketch.head.method));
    set_span(L, "target", side->sketch.target.canonical);
    set_text(L, "operation", r->route.operation);
    set_text(L, "does", r->route.text);
    lua_pushinteger(L, r->route.power);
    lua_setfield(L, -2, "power");
    set_span(L, "address", side->client.view.address);
    set_span(L, "listener", side->client.view.listener);
    set_flag(L, "looked", r->body_looked_at);
    return 1;
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

static int rehearse(lua_State *L, struct side *side)
{
    const struct sketch *sketch = &side->sketch;
    struct rehearsal rehearsal;
    struct err err = { "" };
    struct request_view request = {
        .method = sketch->head.method,
        .target = &sketch->target,
        .headers = sketch->head.headers,
        .header_count = sketch->head.header_count,
        .has_body = sketch->body.len > 0,
    };

    if (rehearsal_run(side->setup, &request, &side->client.view, buffer_span(&sketch->body),
                      &rehearsal, &err) != 0)
        return fail(L, err.text, 1);
    return push_verdict(L, side, &rehearsal);
}

static int judge(lua_State *L)
{
    struct side *side = side_at(L, 1);
    const char *method = luaL_checkstring(L, 2), *path = luaL_checkstring(L, 3);
    struct head_error refusal = { 0, "" };
    struct err err = { "" };
    struct span body;

    body.at = luaL_checklstring(L, 4, &body.len);
    sketch_clear(&side->sketch);
    switch (sketch_read(&side->sketch, side->setup, method, path, body, &refusal, &err)) {
    case SKETCH_REFUSED:
        return push_refusal(L, &refusal);
    case SKETCH_FAILED:
        return fail(L, err.text, 1);
    case SKETCH_OK:
        break;
    }
    if (side->has_client)
        return rehearse(L, side);
    // Whoever did not say who asks has the client of the set-up's own options.
    side->has_client = true;
    if (client_sketch_read(&side->client, side->setup, side->setup->own, &err) != 0)
        return fail(L, err.text, 2);
    return rehearse(L, side);
}

// --- input and output ----------------------------------------------------------------------------

static int read_file(lua_State *L)
{
    struct buffer *text = &run_of(L)->text;
    const char *option = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
    size_t most = lua_isnoneornil(L, 3) ? TEXT_MAX : side_at(L, 3)->setup->settings.max_body;
    struct err err = { "" };

    buffer_clear(text);
    buffer_init(text, most);
    if (sketch_read_file(option, path, text, &err) != 0)
        return fail(L, err.text, 2);
    if (text->failed) {
        err_set(&err, "%s %.200s: longer than %zu bytes", option, path, most);
        (void)fail(L, err.text, 2);
        lua_pushboolean(L, 1);
        return 4;
    }
    lua_pushlstring(L, text->len > 0 ? text->data : "", text->len);
    buffer_clear(text);
    return 1;
}

static int say(lua_State *L)
{
    size_t len = 0;
    const char *text = luaL_checklstring(L, 1, &len);

    (void)fwrite(text, 1, len, stdout);
    return 0;
}

static int complain(lua_State *L)
{
    fprintf(stderr, "moonward: %s\n", luaL_checkstring(L, 1));
    return 0;
}

static const luaL_Reg tools[] = {
    { "client", paint_client },
    { "complain", complain },
    { "is_given", option_is_given },
    { "judge", judge },
    { "open", open_setup },
    { "read", read_file },
    { "say", say },
    { "text", option_text },
    { NULL, NULL },
};

// -------------------------------------------------------------------------------------------------

static void push_list(lua_State *L, const char *const *texts, size_t count)
{
    lua_newtable(L);
    for (size_t i = 0; texts && i < count && texts[i]; i++) {
        lua_pushstring(L, texts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int call_script(lua_State *L)
{
    struct run *run = lua_touserdata(L, 1);
    const struct script *script = run->script;

    library_open(L);
    lua_getglobal(L, "require");
    lua_pushfstring(L, "moonward.command.%s", script->name);
    lua_call(L, 1, 1);
    luaL_newlibtable(L, tools);
    lua_pushlightuserdata(L, run);
    luaL_setfuncs(L, tools, 1);
    push_list(L, script->words, script->word_count);
    push_list(L, script->environ, SIZE_MAX);
    lua_call(L, 3, 1);
    run->status = (int)luaL_checkinteger(L, -1);
    return 0;
}

int script_run(const struct script *script)
{
    struct run run = { .script = script, .sides = { { .setup = script->setup } } };
    struct err err = { "" };
    struct sandbox *state = sandbox_new(SIZE_MAX, &err);

    buffer_init(&run.text, TEXT_MAX);
    if (!state || sandbox_protect(state, call_script, &run, &err) != 0)
        run.status = prepare_complain(&err, 1);
    for (int i = SETUPS - 1; i >= 0; i--) {
        struct side *side = &run.sides[i];

        sketch_clear(&side->sketch);
        if (side->has_client)
            client_sketch_clear(&side->client);
        if (side->setup != script->setup)
            setup_free(side->setup);
    }
    buffer_clear(&run.text);
    sandbox_free(state);
    return run.status;
}
