#include "lua/primitives.h"

#include "base/clock.h"
#include "lua/frozen.h"
#include "lua/json_library.h"
#include "lua/peek.h"
#include "lua/purity.h"
#include "lua/readonly.h"
#include "lua/redactor.h"
#include "lua/regex.h"
#include "lua/ruling.h"
#include "lua/sandbox.h"

#include <arpa/inet.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#define REGEX_TYPE  "moonward.regex"
#define CAPTURE_MAX 16384
#define GROUPS_MAX  50

// Lua owns the box; it is typed while empty.
struct box {
    struct regex *regex;
    size_t charge;
};

static struct span span_arg(lua_State *L, int index)
{
    struct span span;

    luaL_checktype(L, index, LUA_TSTRING); // a number would be read as its digits
    span.at = lua_tolstring(L, index, &span.len);
    return span;
}

static int new_regex(lua_State *L)
{
    struct span pattern = span_arg(L, 1);
    char error[256];
    struct box *box = lua_newuserdatauv(L, sizeof(*box), 0);

    memset(box, 0, sizeof(*box));
    luaL_setmetatable(L, REGEX_TYPE);
    box->regex = regex_new(pattern, error, sizeof(error));
    if (!box->regex) {
        lua_pushnil(L);
        lua_pushstring(L, error);
        return 2;
    }
    box->charge = sandbox_charge(L, regex_size(box->regex));
    return 1;
}

static int regex_gc(lua_State *L)
{
    struct box *box = luaL_checkudata(L, 1, REGEX_TYPE);

    if (box->charge > 0)
        sandbox_refund(L, box->charge);
    regex_free(box->regex);
    memset(box, 0, sizeof(*box));
    return 0;
}

static int match_whole(lua_State *L)
{
    const struct box *box = luaL_checkudata(L, 1, REGEX_TYPE);

    lua_pushboolean(L, regex_match(box->regex, span_arg(L, 2)));
    return 1;
}

static int match_anywhere(lua_State *L)
{
    const struct box *box = luaL_checkudata(L, 1, REGEX_TYPE);

    lua_pushboolean(L, regex_find(box->regex, span_arg(L, 2)));
    return 1;
}

// Stack: the table of what the groups took, on top. A group that took no part is false.
static void keep_group(lua_State *L, const struct regex *regex, size_t group, struct span part)
{
    const char *name = regex_group_name(regex, group);

    for (int named = 0; named < 2; named++) {
        if (named && name[0] == '\0')
            break;
        if (part.at)
            lua_pushlstring(L, part.at, part.len);
        else
            lua_pushboolean(L, false);
        if (named)
            lua_setfield(L, -2, name);
        else
            lua_rawseti(L, -2, (lua_Integer)group);
    }
}

// To follow groups takes time by text, pattern and groups, and no hook sees it: 100 groups that
// overlap take half a second for 64 KiB. So each has a limit.
static int capture_groups(lua_State *L)
{
    const struct box *box = luaL_checkudata(L, 1, REGEX_TYPE);
    struct span text = span_arg(L, 2);
    size_t groups = regex_groups(box->regex);
    struct span *parts;

    if (text.len > CAPTURE_MAX)
        return luaL_error(L, "captures: the text has %d bytes, more than %d", (int)text.len,
                          CAPTURE_MAX);
    if (groups > GROUPS_MAX)
        return luaL_error(L, "captures: the pattern has %d groups, more than %d", (int)groups,
                          GROUPS_MAX);
    parts = lua_newuserdatauv(L, (groups + 1) * sizeof(*parts), 0);
    if (!regex_capture(box->regex, text, parts)) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, (int)groups, 0);
    for (size_t i = 0; i < groups; i++)
        keep_group(L, box->regex, i + 1, parts[i]);
    return 1;
}

static int may_begin(lua_State *L)
{
    const struct box *box = luaL_checkudata(L, 1, REGEX_TYPE);

    lua_pushboolean(L, regex_may_begin(box->regex, span_arg(L, 2)));
    return 1;
}

static int pack_address(lua_State *L)
{
    static const char mapped[12] = "\0\0\0\0\0\0\0\0\0\0\xff\xff";
    struct span text = span_arg(L, 1);
    char packed[16];

    if (memchr(text.at, '\0', text.len))
        lua_pushnil(L);
    else if (inet_pton(AF_INET, text.at, packed) == 1)
        lua_pushlstring(L, packed, 4);
    else if (inet_pton(AF_INET6, text.at, packed) != 1)
        lua_pushnil(L);
    else if (memcmp(packed, mapped, sizeof(mapped)) == 0)
        lua_pushlstring(L, packed + 12, 4);
    else
        lua_pushlstring(L, packed, 16);
    return 1;
}

static int push_now(lua_State *L)
{
    purity_break(L, "", "the clock");
    lua_pushinteger(L, (lua_Integer)clock_now_us());
    return 1;
}

static int push_wall(lua_State *L)
{
    purity_break(L, "", "the clock");
    lua_pushinteger(L, (lua_Integer)clock_wall_us());
    return 1;
}

static const luaL_Reg regex_methods[] = {
    { "captures", capture_groups },
    { "find", match_anywhere },
    { "may_begin", may_begin },
    { "match", match_whole },
    { NULL, NULL },
};

static const luaL_Reg regex_metamethods[] = {
    { "__gc", regex_gc },
    { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "address", pack_address }, { "now", push_now }, { "regex", new_regex },
    { "wall", push_wall },       { NULL, NULL },
};

int primitives_open(lua_State *L)
{
    luaL_newmetatable(L, REGEX_TYPE);
    luaL_setfuncs(L, regex_metamethods, 0);
    luaL_newlib(L, regex_methods);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    ruling_open(L);
    frozen_open(L);
    json_library_open(L);
    peek_open(L);
    readonly_open(L);
    redactor_open(L);
    return 1;
}
