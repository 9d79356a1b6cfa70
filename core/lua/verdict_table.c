#include "lua/verdict_table.h"

#include <lauxlib.h>
#include <lua.h>

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

// Nothing where there is no text.
static void set_given(lua_State *L, const char *name, const char *text)
{
    if (text[0] != '\0')
        set_text(L, name, text);
}

static void set_flag(lua_State *L, const char *name, bool flag)
{
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

static void set_pairs(lua_State *L, const char *name, const struct query_pair *pairs, size_t count)
{
    if (count == 0)
        return;
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        lua_pushlstring(L, pairs[i].key.at, pairs[i].key.len);
        lua_pushlstring(L, pairs[i].value.at, pairs[i].value.len);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, name);
}

void verdict_push(lua_State *L, const struct verdict *v)
{
    struct query_pair query[VERDICT_PAIRS], fields[VERDICT_FIELDS];

    lua_newtable(L);
    set_flag(L, "allowed", v->allowed);
    set_flag(L, "hidden", v->hidden);
    set_flag(L, "failed", v->failed);
    set_flag(L, "edits", v->edits);
    set_flag(L, "filters", v->filters);
    lua_pushinteger(L, v->status);
    lua_setfield(L, -2, "status");
    set_text(L, "reason", v->reason);
    set_text(L, "policy", v->policy);
    set_text(L, "rule", v->rule);
    set_text(L, "where", v->where);
    set_text(L, "hint", v->hint);
    set_given(L, "path", v->path);
    set_given(L, "dockerfile", v->dockerfile);
    set_pairs(L, "query", query, verdict_query(v, query));
    set_pairs(L, "headers", fields, verdict_fields(v, fields));
}
