// json_pick: some members of an object of the engine's as plain tables, in one pass over its text.
// What is not asked for is skipped: its grammar is followed, and no value of it is made.
//
// It says nothing of what is wrong: then there is no result, and whoever asked reads all of it
// (json_library.h), which has the messages, and knows keys with escapes, too.
#include "base/utf8.h"
#include "lua/json_parts.h"
#include "json/document.h"
#include "json/document_text.h"
#include "json/unescape.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#define PATHS_MAX 31 // bits of a set
#define DEEP      3
#define STACK     8  // what one level needs
#define PAIRS     32 // members, or elements, that a table is made for at once

struct path {
    struct span names[DEEP];
    size_t count;
};

// Held by the function that picks; the names lie in the list of paths, which is its user value.
struct paths {
    struct path list[PATHS_MAX];
    size_t count;
};

struct picker {
    lua_State *L;
    const struct paths *paths;
    struct grammar grammar;
    const char *begin, *p, *end;
};

static void skip_space(struct picker *pick)
{
    while (pick->p < pick->end &&
           (*pick->p == ' ' || *pick->p == '\n' || *pick->p == '\r' || *pick->p == '\t'))
        pick->p++;
}

// Goes on to where the grammar says, and to what comes next; false: nowhere.
static bool go(struct picker *pick, const char *to)
{
    if (to) {
        pick->p = to;
        skip_space(pick);
    }
    return to && pick->p < pick->end;
}

// At a bracket or a comma.
static bool take(struct picker *pick)
{
    return go(pick, grammar_run(&pick->grammar, pick->p, pick->end));
}

// At a bracket that may be the last byte.
static bool close_bracket(struct picker *pick)
{
    const char *to = grammar_run(&pick->grammar, pick->p, pick->end);

    if (to)
        pick->p = to;
    return to != NULL;
}

// --- values that were asked for -----------------------------------------------------------------

static bool push_value(struct picker *pick);

// Pushes the string that begins here, of a key or a value. Without escapes it is UTF-8, as all of
// the text is.
static bool push_string(struct picker *pick)
{
    const char *from = pick->p;
    luaL_Buffer text;
    bool escaped = false;
    struct span raw;
    struct err err;

    pick->p = grammar_string(&pick->grammar, from, pick->end);
    if (!pick->p)
        pick->p = document_string(&pick->grammar, (struct text_at){ pick->begin, from, pick->end },
                                  &escaped, &err);
    if (!pick->p)
        return false;
    raw = (struct span){ from + 1, (size_t)(pick->p - from) - 2 };
    if (escaped)
        luaL_pushresultsize(&text, unescape_into(raw, luaL_buffinitsize(pick->L, &text, raw.len)));
    else
        lua_pushlstring(pick->L, raw.at, raw.len);
    return true;
}

// Pushes the key that begins here, and goes on to its value.
static bool push_key(struct picker *pick)
{
    const char *from = pick->p, *behind = grammar_key(&pick->grammar, from, pick->end);
    struct span key;

    if (behind) {
        lua_pushlstring(pick->L, from + 1, (size_t)(behind - from) - 3);
        return go(pick, behind);
    }
    if (*from != '"' || !push_string(pick))
        return false;
    key.at = lua_tolstring(pick->L, -1, &key.len);
    return !memchr(key.at, '\0', key.len) && go(pick, pick->p) && *pick->p == ':' && take(pick);
}

// Moves so many pairs of key and value, from the top, to the table below them, which is made for as
// many if there is none. In their order: of equal keys the last counts.
static void set_pairs(lua_State *L, int count)
{
    int table = lua_gettop(L) - 2 * count;

    if (lua_isnil(L, table)) {
        lua_createtable(L, 0, count);
        lua_replace(L, table);
    }
    for (int at = table + 1; at <= table + 2 * count; at += 2) {
        lua_pushvalue(L, at);
        lua_pushvalue(L, at + 1);
        lua_rawset(L, table);
    }
    lua_settop(L, table);
}

// Behind the bracket, which may be followed by the other one.
static bool push_object(struct picker *pick)
{
    int count = 0;

    luaL_checkstack(pick->L, 2 * PAIRS + STACK, "JSON");
    lua_pushnil(pick->L);
    for (bool first = true; *pick->p != '}'; first = false) {
        if (!first && (*pick->p != ',' || !take(pick)))
            return false;
        if (!push_key(pick) || !push_value(pick) || !go(pick, pick->p))
            return false;
        if (++count == PAIRS) {
            set_pairs(pick->L, count);
            count = 0;
        }
    }
    set_pairs(pick->L, count);
    return close_bracket(pick);
}

static bool push_array(struct picker *pick)
{
    lua_Integer n = 0;

    luaL_checkstack(pick->L, STACK, "JSON");
    lua_newtable(pick->L);
    while (*pick->p != ']') {
        if (n++ > 0 && (*pick->p != ',' || !take(pick)))
            return false;
        if (!push_value(pick) || !go(pick, pick->p))
            return false;
        lua_rawseti(pick->L, -2, n);
    }
    return close_bracket(pick);
}

static bool push_word(struct picker *pick)
{
    struct text_at at = { pick->begin, pick->p, pick->end };
    char first = *pick->p;
    struct err err;

    if (first == 't' || first == 'f' || first == 'n') {
        pick->p = document_literal(&pick->grammar, at, &err);
        if (first == 'n')
            lua_rawgetp(pick->L, LUA_REGISTRYINDEX, &json_null_key);
        else
            lua_pushboolean(pick->L, first == 't');
        return pick->p != NULL;
    }
    if (first != '-' && (first < '0' || first > '9'))
        return false;
    pick->p = document_number(&pick->grammar, at, &err);
    if (!pick->p)
        return false;
    lua_pushlstring(pick->L, at.at, (size_t)(pick->p - at.at));
    (void)lua_stringtonumber(pick->L, lua_tostring(pick->L, -1));
    lua_remove(pick->L, -2);
    return true;
}

static bool push_value(struct picker *pick)
{
    char first = *pick->p;

    if (first == '"')
        return push_string(pick);
    if (first != '{' && first != '[')
        return push_word(pick);
    return take(pick) && (first == '{' ? push_object(pick) : push_array(pick));
}

// --- members that lead to them ------------------------------------------------------------------

// The paths, of those in the set, that go on with the key; '*ends': with one of them it is the
// last.
static unsigned follow(const struct picker *pick, unsigned set, size_t level, struct span key,
                       bool *ends)
{
    unsigned found = 0;

    *ends = false;
    for (; set != 0; set &= set - 1) {
        const struct path *path = &pick->paths->list[__builtin_ctz(set)];

        if (!span_is(path->names[level], key))
            continue;
        found |= set & -set;
        *ends = *ends || path->count == level + 1;
    }
    return found;
}

static bool pick_members(struct picker *pick, unsigned set, size_t level);

// Sets the member of the table on top that 'set' leads to.
static bool pick_value(struct picker *pick, unsigned set, size_t level, struct span key, bool ends)
{
    luaL_checkstack(pick->L, STACK, "JSON");
    lua_pushlstring(pick->L, key.at, key.len);
    if (ends || *pick->p != '{') {
        if (!push_value(pick))
            return false;
    } else {
        lua_newtable(pick->L);
        if (!take(pick) || !pick_members(pick, set, level + 1))
            return false;
    }
    lua_rawset(pick->L, -3);
    return true;
}

static bool pick_member(struct picker *pick, unsigned set, size_t level)
{
    const unsigned depth = pick->grammar.depth;
    const char *begin = pick->p, *behind = grammar_key(&pick->grammar, begin, pick->end);
    struct span key;
    bool ends;

    if (!behind) // a key with escapes is not known by its bytes
        return false;
    key = (struct span){ begin + 1, (size_t)(behind - begin) - 3 };
    if (!go(pick, behind))
        return false;
    set = follow(pick, set, level, key, &ends);
    if (set != 0)
        return pick_value(pick, set, level, key, ends);
    pick->p = grammar_skip(&pick->grammar, pick->p, pick->end, depth);
    return pick->p != NULL;
}

// Behind a bracket: fills the table on top with what the paths in the set lead to.
static bool pick_members(struct picker *pick, unsigned set, size_t level)
{
    for (bool first = true; *pick->p != '}'; first = false) {
        if (!first && (*pick->p != ',' || !take(pick)))
            return false;
        if (!pick_member(pick, set, level) || !go(pick, pick->p))
            return false;
    }
    return close_bracket(pick);
}

// --- for Lua ------------------------------------------------------------------------------------

static int pick_text(lua_State *L)
{
    const struct paths *paths = lua_touserdata(L, lua_upvalueindex(1));
    struct picker pick = { .L = L, .paths = paths };
    struct span text;

    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    text.at = lua_tolstring(L, 1, &text.len);
    pick.begin = pick.p = text.at;
    pick.end = text.at + text.len;
    grammar_init(&pick.grammar, DOCUMENT_DEPTH_MAX);
    skip_space(&pick);
    if (pick.p == pick.end || *pick.p != '{' || utf8_right(text) < text.len)
        return 0;
    lua_newtable(L);
    if (!take(&pick) || !pick_members(&pick, (1u << paths->count) - 1, 0))
        return 0;
    skip_space(&pick);
    return pick.p == pick.end ? 1 : 0;
}

static void read_path(lua_State *L, struct path *path)
{
    luaL_checktype(L, -1, LUA_TTABLE);
    path->count = lua_rawlen(L, -1);
    luaL_argcheck(L, path->count >= 1 && path->count <= DEEP, 1,
                  "a path of too many names, or none");
    for (size_t i = 0; i < path->count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        luaL_checktype(L, -1, LUA_TSTRING);
        path->names[i].at = lua_tolstring(L, -1, &path->names[i].len);
        lua_pop(L, 1);
    }
}

int json_picker(lua_State *L)
{
    struct paths *paths;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    paths = lua_newuserdatauv(L, sizeof(*paths), 1);
    memset(paths, 0, sizeof(*paths));
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 2, 1);
    luaL_argcheck(L, lua_rawlen(L, 1) <= PATHS_MAX, 1, "too many paths");
    for (; paths->count < lua_rawlen(L, 1); paths->count++) {
        lua_rawgeti(L, 1, (lua_Integer)paths->count + 1);
        read_path(L, &paths->list[paths->count]);
        lua_pop(L, 1);
    }
    lua_pushcclosure(L, pick_text, 1);
    return 1;
}

int json_texts(lua_State *L)
{
    bool all = true;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_getmetatable(L, 1))
        return 0;
    for (lua_pushnil(L); all && lua_next(L, 1); lua_pop(L, 1))
        all = lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING;
    lua_pushboolean(L, all);
    return 1;
}
