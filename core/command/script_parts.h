// script_parts: what the files of script.h share. Private to them.
#pragma once

#include "base/buffer.h"
#include "command/script.h"
#include "http/head.h"
#include "http/target.h"
#include "proxy/rehearsal.h"

#include <lauxlib.h> // layers: what commands in Lua call is made of all layers
#include <lua.h>     // layers: the same

struct hang;
struct host;

#define SCRIPT_SETUPS 2
#define SCRIPT_LABELS 64                 // of a client
#define SCRIPT_TEXT   ((size_t)16 << 20) // bytes of a file, or of the engine's answer

struct script_side {
    struct setup *setup;
    struct request_head head;
    struct target target;
    struct query_pair labels[SCRIPT_LABELS];
};

// What is held while Lua runs lies here, so that an error of Lua's loses nothing.
struct script_state {
    const struct script *script;
    struct script_side sides[SCRIPT_SETUPS];
    struct buffer text;
    struct rehearsal rehearsal;
    struct host *alone;     // of policy()
    struct hang *hang;      // of the same
    struct hang *spec_hang; // of run_spec()
    int status;
};

extern const luaL_Reg script_setup_tools[], script_judge_tools[], script_file_tools[],
    script_test_tools[];

// Every tool has the state as its upvalue.
static inline struct script_state *script_state(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

// An opened set-up, by the number at 'index'.
static inline struct script_side *script_side(lua_State *L, int index)
{
    lua_Integer n = luaL_checkinteger(L, index);
    struct script_side *side;

    luaL_argcheck(L, n >= 1 && n <= SCRIPT_SETUPS, index, "there is no such set-up");
    side = &script_state(L)->sides[n - 1];
    luaL_argcheck(L, side->setup, index, "the set-up is not open");
    return side;
}

// Pushes nil, the message and the exit status; returns 3.
static inline int script_fail(lua_State *L, const char *message, int status)
{
    lua_pushnil(L);
    lua_pushstring(L, message);
    lua_pushinteger(L, status);
    return 3;
}
