#include "command/script.h"

#include "command/complaint.h"
#include "command/script_parts.h"
#include "lua/hang.h"
#include "lua/host.h"
#include "lua/library.h"
#include "lua/sandbox.h"

#include <stdint.h>
#include <stdio.h>

static void push_list(lua_State *L, char *const *texts, size_t count)
{
    lua_newtable(L);
    for (size_t i = 0; i < count && texts[i]; i++) {
        lua_pushstring(L, texts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_tools(lua_State *L, struct script_state *state)
{
    static const luaL_Reg *const all[] = { script_setup_tools, script_judge_tools,
                                           script_file_tools, script_test_tools };

    lua_newtable(L);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        lua_pushlightuserdata(L, state);
        luaL_setfuncs(L, all[i], 1);
    }
}

static int call_script(lua_State *L)
{
    struct script_state *state = lua_touserdata(L, 1);
    const struct launch *launch = state->script->launch;

    library_open(L);
    lua_getglobal(L, "require");
    lua_pushfstring(L, "moonward.command.%s", state->script->name);
    lua_call(L, 1, 1);
    push_tools(L, state);
    push_list(L, launch->argv, (size_t)launch->argc);
    push_list(L, launch->environ, SIZE_MAX);
    lua_call(L, 3, 1);
    state->status = (int)luaL_checkinteger(L, -1);
    return 0;
}

static void clear(struct script_state *state)
{
    rehearsal_clear(&state->rehearsal);
    host_free(state->alone);
    for (int i = SCRIPT_SETUPS - 1; i >= 0; i--) {
        struct script_side *side = &state->sides[i];

        request_head_clear(&side->head);
        target_clear(&side->target);
        if (side->setup != state->script->setup)
            setup_free(side->setup);
    }
    hang_free(state->hang); // after the last run of Lua
    hang_free(state->spec_hang);
    buffer_clear(&state->text);
}

int script_run(const struct script *script)
{
    struct script_state state = { .script = script, .sides = { { .setup = script->setup } } };
    struct err err = { "" };
    struct sandbox *sandbox = sandbox_new(SIZE_MAX, &err);

    buffer_init(&state.text, SCRIPT_TEXT);
    if (!sandbox || sandbox_protect(sandbox, call_script, &state, &err) != 0)
        state.status = complaint_say(&err, 1);
    clear(&state);
    sandbox_free(sandbox);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        err_errno(&err, "standard output");
        return complaint_say(&err, 1);
    }
    return state.status;
}
