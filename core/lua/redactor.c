#include "lua/redactor.h"

#include "base/attr.h"
#include "lua/sandbox.h"
#include "json/redact.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#define TYPE     "moonward.redactor"
#define OUT_KEPT (64u << 10) // bytes of a result that are held for the next one

// Lua owns the box; it is typed while empty. The result lies in it, so that an error when it
// becomes a string of Lua's loses nothing.
struct box {
    struct redact_set *set;
    size_t charge;
    struct buffer out;
};

static int fail(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    return lua_error(L);
}

static struct span text_at(lua_State *L, int index, const char *complaint)
{
    struct span text = { NULL, 0 };

    if (lua_type(L, index) != LUA_TSTRING) // a number would be read as its digits
        fail(L, complaint);
    text.at = lua_tolstring(L, index, &text.len);
    return text;
}

// The length of the list at 'index', which must have no other fields but 'known'; NULL: none.
static size_t check_list(lua_State *L, int index, const char *known, const char *complaint)
{
    size_t n = lua_rawlen(L, index), fields = 0;

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && (size_t)lua_tointeger(L, -1) <= n)
            fields++;
        else if (!known || lua_type(L, -1) != LUA_TSTRING ||
                 strcmp(lua_tostring(L, -1), known) != 0)
            fail(L, complaint);
    }
    if (fields != n)
        fail(L, complaint);
    return n;
}

// The entry on top: { path, keep = { name, ... } }
static int add_entry(lua_State *L, struct redact_set *set, struct err *err)
{
    static const char complaint[] =
        "an entry of 'redact' is a path or a table such as { \"Config.Env\", keep = { \"TZ\" } }";
    struct span names[REDACT_KEEP_MAX], path;
    int entry = lua_gettop(L);
    size_t count;

    if (check_list(L, entry, "keep", complaint) != 1)
        fail(L, complaint);
    lua_rawgeti(L, entry, 1);
    path = text_at(L, -1, complaint);
    if (lua_getfield(L, entry, "keep") != LUA_TTABLE)
        fail(L, complaint);
    count = check_list(L, lua_gettop(L), NULL, "'keep' is a list of names");
    if (count > ARRAY_LEN(names))
        return err_set(err, "more than %zu names to keep", ARRAY_LEN(names));
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, entry + 2, (lua_Integer)i + 1);
        names[i] = text_at(L, -1, "'keep' is a list of names");
        lua_pop(L, 1); // the table holds it
    }
    lua_pop(L, 2);
    return redact_keep(set, path, names, count, err);
}

static void add_paths(lua_State *L, struct redact_set *set)
{
    static const char complaint[] = "'redact' is a list of paths";
    struct err err;
    size_t n;

    if (lua_type(L, 1) != LUA_TTABLE)
        fail(L, complaint);
    n = check_list(L, 1, NULL, complaint);
    for (size_t i = 1; i <= n; i++) {
        int type = lua_rawgeti(L, 1, (lua_Integer)i);
        int result = type == LUA_TTABLE ? add_entry(L, set, &err)
                                        : redact_add(set, text_at(L, -1, complaint), &err);

        if (result != 0)
            fail(L, err.text);
        lua_pop(L, 1);
    }
}

static int new_redactor(lua_State *L)
{
    struct box *box;

    lua_settop(L, 1);
    box = lua_newuserdatauv(L, sizeof(*box), 0);
    memset(box, 0, sizeof(*box));
    luaL_setmetatable(L, TYPE);
    box->set = redact_new();
    if (!box->set)
        fail(L, "not enough memory");
    add_paths(L, box->set);
    box->charge = sandbox_charge(L, redact_size(box->set) + OUT_KEPT);
    return 1;
}

static int redactor_gc(lua_State *L)
{
    struct box *box = luaL_checkudata(L, 1, TYPE);

    if (box->charge > 0)
        sandbox_refund(L, box->charge);
    redact_free(box->set);
    buffer_clear(&box->out);
    memset(box, 0, sizeof(*box));
    return 0;
}

// A value may grow: true becomes false.
static int apply(lua_State *L)
{
    struct box *box = luaL_checkudata(L, 1, TYPE);
    struct span text = text_at(L, 2, "expected the text of a JSON value");

    box->out.max = 2 * text.len + 1;
    if (box->out.cap > OUT_KEPT)
        buffer_clear(&box->out);
    switch (redact_apply(box->set, text, &box->out)) {
    case REDACT_SAME:
        lua_pushnil(L);
        break;
    case REDACT_CHANGED:
        lua_pushlstring(L, box->out.data, box->out.len);
        break;
    case REDACT_FAIL:
        return fail(L, "what should be redacted is not one JSON value, or there is no memory");
    }
    if (box->out.cap > OUT_KEPT)
        buffer_clear(&box->out);
    return 1;
}

static const luaL_Reg methods[] = {
    { "apply", apply },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", redactor_gc },
    { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "redactor", new_redactor },
    { NULL, NULL },
};

const struct redact_set *redactor_set(lua_State *L, int index)
{
    const struct box *box = luaL_testudata(L, index, TYPE);

    return box ? box->set : NULL;
}

void redactor_open(lua_State *L)
{
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
