#include "lua/ruling.h"

#include "lua/place.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#define TYPE "moonward.verdict"

// Of the registry. None where no host is, as in a spec's own Lua.
static const char ledger_key;
static const char traced_key; // a list of texts that is also a set of them

// In the order of enum ruling_kind.
static const char *const kinds[] = { "deny", "hide", "allow", NULL };

// Stack: reason, rule, hint, changes on top -> the ruling instead.
static void push_ruling(lua_State *L, enum ruling_kind kind, int status, bool is_placed)
{
    struct ruling *ruling = lua_newuserdatauv(L, sizeof(*ruling), RULING_CHANGES);

    ruling->kind = kind;
    ruling->status = status;
    ruling->serial = 0;
    ruling->where[0] = '\0';
    if (is_placed)
        place_of_policy(L, ruling->where, sizeof(ruling->where));
    luaL_setmetatable(L, TYPE);
    lua_insert(L, -5);
    lua_setiuservalue(L, -5, RULING_CHANGES);
    lua_setiuservalue(L, -4, RULING_HINT);
    lua_setiuservalue(L, -3, RULING_RULE);
    lua_setiuservalue(L, -2, RULING_REASON);
}

static int make_ruling(lua_State *L)
{
    int kind = luaL_checkoption(L, 1, NULL, kinds);
    int status = (int)luaL_checkinteger(L, 2);

    lua_settop(L, 5);
    lua_pushnil(L);
    push_ruling(L, (enum ruling_kind)kind, status, true);
    return 1;
}

static int ruling_kind(lua_State *L)
{
    const struct ruling *ruling = ruling_at(L, 1);

    lua_pushstring(L, ruling ? kinds[ruling->kind] : NULL);
    return 1;
}

static int ruling_changes(lua_State *L)
{
    luaL_checkudata(L, 1, TYPE);
    lua_getiuservalue(L, 1, RULING_CHANGES);
    return 1;
}

static int ruling_rule(lua_State *L)
{
    luaL_checkudata(L, 1, TYPE);
    lua_getiuservalue(L, 1, RULING_RULE);
    return 1;
}

static struct ruling_ledger *ledger_of(lua_State *L)
{
    struct ruling_ledger *ledger;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &ledger_key);
    ledger = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return ledger;
}

// Of allowances; of all others they are told anyhow.
static bool tells_places(lua_State *L)
{
    const struct ruling_ledger *ledger = ledger_of(L);

    return !ledger || !ledger->serves;
}

// The ruling is on top of the stack. Where there are too many, the last ones share a place: what is
// in the book at the end is an error, and it is one as well if that is the wrong one.
static void note(lua_State *L)
{
    struct ruling_ledger *ledger = ledger_of(L);
    struct ruling *ruling = lua_touserdata(L, -1);
    struct ruling_book *book = ledger ? ledger->now : NULL;

    if (ledger && ledger->filters)
        luaL_error(L, "a verdict in the middle of an answer: return false to leave an item out");
    if (!book)
        return;
    if (book->count < RULING_DUE)
        book->count++;
    ruling->serial = ++ledger->last;
    book->due[book->count - 1].serial = ruling->serial;
    book->due[book->count - 1].kind = ruling->kind;
    memcpy(book->due[book->count - 1].where, ruling->where, sizeof(ruling->where));
}

static void take_off(struct ruling_book *book, const struct ruling *ruling)
{
    unsigned left = 0;

    for (unsigned i = 0; i < book->count; i++) {
        if (ruling->serial == 0 || book->due[i].serial != ruling->serial)
            book->due[left++] = book->due[i];
    }
    book->count = left;
}

// A denial is stricter than an allowance that was prepared, so that one may be dropped for it.
static int ruling_returned(lua_State *L)
{
    const struct ruling_ledger *ledger = ledger_of(L);
    const struct ruling *ruling = ruling_at(L, 1);
    struct ruling_book *book = ledger ? ledger->now : NULL;
    bool denies = ruling && ruling->kind != RULING_ALLOW;

    if (book && ruling)
        take_off(book, ruling);
    for (unsigned i = 0; book && i < book->count; i++) {
        if (denies && book->due[i].kind == RULING_ALLOW)
            continue;
        lua_pushstring(L, book->due[i].where);
        lua_pushstring(L, kinds[book->due[i].kind]);
        return 2;
    }
    return 0;
}

// The most frequent of what a policy returns, in one call: an allowance, where the book is empty.
static int ruling_take(lua_State *L)
{
    const struct ruling *ruling = ruling_at(L, 1);
    const struct ruling_ledger *ledger = ledger_of(L);
    struct ruling_book *book = ledger ? ledger->now : NULL;

    if (!ruling || ruling->kind != RULING_ALLOW || (book && book->count > 0))
        return 0;
    lua_pushboolean(L, true);
    lua_getiuservalue(L, 1, RULING_CHANGES);
    return 2;
}

// Stack: a text on top, which is popped.
static void keep_trace(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &traced_key);
    lua_insert(L, -2);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) == LUA_TNIL) {
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, (lua_Integer)lua_rawlen(L, -4) + 1);
        lua_pushvalue(L, -2);
        lua_pushboolean(L, true);
        lua_rawset(L, -5);
    }
    lua_pop(L, 3);
}

// Whoever called the verb: its frame is still there if that was a tail call.
static void trace_caller(lua_State *L, int kind)
{
    const struct ruling_ledger *ledger = ledger_of(L);
    lua_Debug ar;

    if (!ledger || !ledger->traces || !lua_getstack(L, 1, &ar) || !lua_getinfo(L, "Sl", &ar) ||
        ar.currentline <= 0)
        return;
    lua_pushfstring(L, "%s:%d\t%s", ar.short_src, ar.currentline, kinds[kind]);
    keep_trace(L);
}

static int trace_text(lua_State *L)
{
    const struct ruling_ledger *ledger = ledger_of(L);

    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    if (ledger && ledger->traces)
        keep_trace(L);
    return 0;
}

// Whether the argument is { rule = "..." } and no more, of which there is nothing to check. Leaves
// what it looked at on the stack.
static bool names_rule_alone(lua_State *L)
{
    bool is_rule;

    if (!lua_istable(L, 1) || lua_getmetatable(L, 1))
        return false;
    lua_pushnil(L);
    if (!lua_next(L, 1))
        return false;
    is_rule = lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "rule") == 0 &&
              lua_type(L, -1) == LUA_TSTRING;
    lua_pop(L, 1);
    return is_rule && !lua_next(L, 1);
}

// Upvalues: the kind, the function that checks the arguments, whether there may be none.
static int verb_call(lua_State *L)
{
    int kind = (int)lua_tointeger(L, lua_upvalueindex(1));
    int nargs = lua_gettop(L);
    int status = 0;
    // By far the most frequent: an allowance without an argument, or with a rule's name.
    bool is_bare = nargs == 0 && lua_toboolean(L, lua_upvalueindex(3));
    bool is_rule = nargs == 1 && kind == RULING_ALLOW && lua_toboolean(L, lua_upvalueindex(3)) &&
                   names_rule_alone(L);

    if (is_bare) {
        lua_settop(L, 4);
    } else if (is_rule) {
        lua_settop(L, 1);
        lua_pushnil(L);
        lua_getfield(L, 1, "rule");
        lua_pushnil(L);
        lua_pushnil(L);
    } else {
        lua_settop(L, nargs);
        lua_pushvalue(L, lua_upvalueindex(2));
        lua_insert(L, 1);
        lua_call(L, nargs, 5);
        if (lua_isboolean(L, -5))
            return 0;
        if (ruling_at(L, -5)) {
            lua_pushvalue(L, -5);
            return 1;
        }
        status = (int)lua_tointeger(L, -5);
    }

    bool has_changes = !lua_isnil(L, -1);

    if (tells_places(L)) // else it serves clients
        trace_caller(L, kind);
    push_ruling(L, (enum ruling_kind)kind, status,
                kind != RULING_ALLOW || has_changes || tells_places(L));
    if (!is_bare && (kind != RULING_ALLOW || has_changes))
        note(L);
    return 1;
}

static int make_verb(lua_State *L)
{
    int kind = luaL_checkoption(L, 1, NULL, kinds);

    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 3);
    lua_pushinteger(L, kind);
    lua_pushvalue(L, 2);
    lua_pushboolean(L, lua_toboolean(L, 3));
    lua_pushcclosure(L, verb_call, 3);
    return 1;
}

static int ruling_tostring(lua_State *L)
{
    const struct ruling *ruling = luaL_checkudata(L, 1, TYPE);

    if (lua_getiuservalue(L, 1, RULING_REASON) != LUA_TSTRING)
        lua_pushstring(L, kinds[ruling->kind]);
    return 1;
}

static const luaL_Reg metamethods[] = {
    { "__tostring", ruling_tostring },
    { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "changes", ruling_changes }, { "kind", ruling_kind },   { "returned", ruling_returned },
    { "rule", ruling_rule },       { "ruling", make_ruling }, { "take", ruling_take },
    { "trace", trace_text },       { "verb", make_verb },     { NULL, NULL },
};

const struct ruling *ruling_at(lua_State *L, int index)
{
    return luaL_testudata(L, index, TYPE);
}

void ruling_copy(lua_State *L, int index, enum ruling_part which, char *out, size_t size)
{
    size_t len = 0;

    index = lua_absindex(L, index);
    lua_getiuservalue(L, index, which);
    if (lua_type(L, -1) == LUA_TSTRING) {
        const char *text = lua_tolstring(L, -1, &len);

        if (len >= size)
            for (len = size - 1; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
                len--;
        memcpy(out, text, len);
    }
    out[len] = '\0';
    lua_pop(L, 1);
}

void ruling_keep(lua_State *L, struct ruling_ledger *ledger)
{
    lua_pushlightuserdata(L, ledger);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &ledger_key);
}

void ruling_trace(lua_State *L, struct ruling_ledger *ledger)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &traced_key);
    ledger->traces = true;
}

void ruling_push_traced(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &traced_key);
}

void ruling_open(lua_State *L)
{
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
