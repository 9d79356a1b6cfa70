#include "command/complaint.h"
#include "command/script_parts.h"
#include "lua/host.h"
#include "lua/option_table.h"
#include "lua/setup_table.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct log silent = { .fd = -1, .least = LOG_ERROR };

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

// Where the set-up at 'index' will be.
static struct setup **room(lua_State *L, int index)
{
    lua_Integer n = luaL_checkinteger(L, index);

    luaL_argcheck(L, n >= 1 && n <= SCRIPT_SETUPS, index, "there is no such set-up");
    luaL_argcheck(L, !script_state(L)->sides[n - 1].setup, index, "it is open already");
    return &script_state(L)->sides[n - 1].setup;
}

static int push_words(lua_State *L, const struct option_words *words)
{
    lua_newtable(L);
    for (size_t i = 0; i < words->count; i++) {
        lua_pushstring(L, words->at[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int answer(lua_State *L, enum setup_status status, const struct option_words *words,
                  const struct err *err)
{
    switch (status) {
    case SETUP_OK:
        return push_words(L, words);
    case SETUP_HELP:
        return script_fail(L, NULL, 0);
    case SETUP_BAD_FLAG:
        return script_fail(L, err->text, 2);
    case SETUP_BAD_VALUE:
        break;
    }
    return script_fail(L, err->text, 1);
}

static struct setup_command new_command(const struct script *script)
{
    return (struct setup_command){ .own = script->own,
                                   .own_count = script->own_count,
                                   .words = { .max = script->words } };
}

static int open_setup(lua_State *L)
{
    const struct script *script = script_state(L)->script;
    struct setup **out = room(L, 1);
    struct launch launch = { (int)luaL_len(L, 2), new_vector(L, 2), new_vector(L, 3) };
    struct setup_command command = new_command(script);
    struct setup_means means = { NULL, &complaint_hang };
    struct err err = { "" };
    const struct log *log = luaL_checkinteger(L, 1) == 1 ? script->log : NULL;
    enum setup_status status = setup_new(&launch, &means, log ? log : &silent, &command, out, &err);

    return answer(L, status, &command.words, &err);
}

static int open_bare(lua_State *L)
{
    struct setup **out = room(L, 1);
    char *const *names = new_vector(L, 2);
    struct launch launch = { (int)luaL_len(L, 3), new_vector(L, 3), new_vector(L, 4) };
    struct setup_command command = new_command(script_state(L)->script);
    struct err err = { "" };
    enum setup_status status = setup_new_bare(names, &launch, &command, out, &err);

    return answer(L, status, &command.words, &err);
}

static int close_setup(lua_State *L)
{
    struct script_side *side = script_side(L, 1);

    luaL_argcheck(L, side->setup != script_state(L)->script->setup, 1, "it is somebody else's");
    request_head_clear(&side->head);
    target_clear(&side->target);
    setup_free(side->setup);
    *side = (struct script_side){ .setup = NULL };
    return 0;
}

static int describe(lua_State *L)
{
    setup_push(L, script_side(L, 1)->setup);
    return 1;
}

static int option_text(lua_State *L)
{
    lua_pushstring(L, options_text(script_side(L, 1)->setup->own, luaL_checkstring(L, 2)));
    return 1;
}

static int option_is_given(lua_State *L)
{
    const struct options *own = script_side(L, 1)->setup->own;

    lua_pushboolean(L, options_source(own, luaL_checkstring(L, 2)) != OPTION_DEFAULT);
    return 1;
}

// The log is a file in memory, if it is kept for this.
static int read_log(lua_State *L)
{
    const struct log *log = script_state(L)->script->log;
    luaL_Buffer text;
    off_t at = 0;
    ssize_t n;

    luaL_buffinit(L, &text);
    while (log && (n = pread(log->fd, luaL_prepbuffer(&text), LUAL_BUFFERSIZE, at)) > 0) {
        luaL_addsize(&text, (size_t)n);
        at += n;
    }
    luaL_pushresult(&text);
    return 1;
}

// --- one policy by itself ------------------------------------------------------------------------

static int load_alone(struct script_state *state, const struct options *o, const char *name,
                      const char *folder, struct err *err)
{
    struct host_limits limits = {
        .memory = options_number(o, "policymemory"),
        .instructions = options_number(o, "policyinstructions"),
        .burst_us = options_number(o, "policytime") * 1000,
    };

    if (!state->hang)
        state->hang = hang_new((unsigned)options_number(o, "policyhang"), &complaint_hang, err);
    if (!state->hang)
        return -1;
    host_free(state->alone);
    state->alone = host_new(&limits, NULL, &silent, err);
    if (!state->alone)
        return -1;
    host_watch(state->alone, state->hang);
    return host_load(state->alone, name, folder, err);
}

static int load_policy(lua_State *L)
{
    struct script_state *state = script_state(L);
    const struct host *host;
    struct err err = { "" };

    if (load_alone(state, script_side(L, 1)->setup->options, luaL_checkstring(L, 2),
                   luaL_optstring(L, 3, NULL), &err) != 0)
        return script_fail(L, err.text, 1);
    host = state->alone;
    lua_newtable(L);
    lua_pushstring(L, host_policy_summary(host, 0));
    lua_setfield(L, -2, "summary");
    lua_newtable(L);
    for (size_t i = 0; i < host_option_count(host); i++) {
        if (host_option(host, i)->refused)
            continue;
        option_push(L, host_option(host, i));
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    lua_setfield(L, -2, "options");
    return 1;
}

const luaL_Reg script_setup_tools[] = {
    { "close", close_setup },  { "describe", describe }, { "is_given", option_is_given },
    { "log", read_log },       { "open", open_setup },   { "open_bare", open_bare },
    { "policy", load_policy }, { "text", option_text },  { NULL, NULL },
};
