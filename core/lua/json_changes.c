// json_changes: what of a document is still as it was read.
#include "lua/json_parts.h"

#include <lauxlib.h>
#include <lua.h>

// Pushes the value of a table, raw where it is open.
static void push_field(lua_State *L, int table, int doc, const struct node *node,
                       const struct node *member, lua_Integer n)
{
    const struct document *d = &json_doc_at(L, doc)->document;

    if (node->type == NODE_ARRAY) {
        lua_rawgeti(L, table, n);
    } else {
        json_push_key(L, d, member);
        lua_rawget(L, table);
    }
}

static bool is_same(lua_State *L, int table, int doc);

// Whether the value on top is what the member was in the text.
static bool is_same_value(lua_State *L, int doc, const struct node *member)
{
    bool same;

    json_push_value(L, doc, member);
    same = lua_rawequal(L, -1, -2);
    if (same && member->type >= NODE_ARRAY)
        same = is_same(L, lua_gettop(L), doc);
    lua_pop(L, 1);
    return same;
}

static size_t count_fields(lua_State *L, int table)
{
    size_t count = 0;

    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        count++;
    return count;
}

// Whether nothing in a table that is not open was changed.
static bool is_same_inside(lua_State *L, int doc, const struct node *node)
{
    const struct document *d = &json_doc_at(L, doc)->document;
    bool same = true;

    for (const struct node *m = document_first(node); m && same; m = document_next(d, m)) {
        if (!m->opened)
            continue;
        json_push_value(L, doc, m);
        same = is_same(L, lua_gettop(L), doc);
        lua_pop(L, 1);
    }
    return same;
}

// Whether a table is, all the way down, what it was in the text.
static bool is_same(lua_State *L, int table, int doc)
{
    const struct document *d = &json_doc_at(L, doc)->document;
    const struct node *node = json_node_of(L, table, doc);
    lua_Integer n = 0;
    bool same;

    if (!node->opened)
        return true;
    luaL_checkstack(L, 12, "JSON");
    if (json_is_closed(L, table, doc))
        return is_same_inside(L, doc, node);
    for (const struct node *m = document_first(node); m; m = document_next(d, m)) {
        push_field(L, table, doc, node, m, ++n);
        same = is_same_value(L, doc, m);
        lua_pop(L, 1);
        if (!same)
            return false;
    }
    return count_fields(L, table) == node->count;
}

// Where the value is: the table at 1, or what it had in the text as the key at 2. NULL: nowhere.
static const struct node *place(lua_State *L)
{
    const struct node *node;

    lua_settop(L, 2);
    if (!json_push_doc(L, 1))
        return NULL;
    node = json_node_of(L, 1, 3);
    return lua_isnil(L, 2) ? node : json_find(L, 3, node, 2);
}

int json_span(lua_State *L)
{
    const struct node *node = place(L);

    if (!node)
        return 0;
    lua_pushinteger(L, (lua_Integer)node->at + 1);
    lua_pushinteger(L, (lua_Integer)node->at + node->len);
    return 2;
}

int json_source(lua_State *L)
{
    const struct node *node = place(L);
    struct span text;
    bool same;

    if (!node)
        return 0;
    if (lua_isnil(L, 2)) {
        same = is_same(L, 1, 3);
    } else {
        lua_pushvalue(L, 2);
        lua_gettable(L, 1);
        same = is_same_value(L, 3, node);
    }
    if (!same)
        return 0;
    text = document_source(&json_doc_at(L, 3)->document, node);
    lua_pushlstring(L, text.at, text.len);
    return 1;
}

// Adds the keys of the open table at 1 that the text does not have to the list on top.
static void add_others(lua_State *L, int doc, const struct node *node)
{
    int list = lua_gettop(L);
    lua_Integer n = 0;

    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (json_find(L, doc, node, list + 1))
            continue;
        lua_pushvalue(L, list + 1);
        lua_rawseti(L, list, ++n);
    }
}

// Adds the keys that the table at 1 still has of the text to the list on top.
static void add_sent(lua_State *L, int doc, const struct node *node, bool closed)
{
    const struct document *d = &json_doc_at(L, doc)->document;
    int list = lua_gettop(L);
    lua_Integer n = 0;

    for (const struct node *m = document_first(node); m; m = document_next(d, m)) {
        m = json_counting(L, doc, m);
        json_push_key(L, d, m);
        lua_pushvalue(L, -1);
        if (closed || lua_rawget(L, 1) != LUA_TNIL) {
            lua_pushvalue(L, list + 1);
            lua_rawseti(L, list, ++n);
        }
        lua_settop(L, list);
    }
}

int json_keys(lua_State *L)
{
    const struct node *node;
    bool closed;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (!json_push_doc(L, 1))
        return 0;
    node = json_node_of(L, 1, 2);
    closed = json_is_closed(L, 1, 2);
    lua_newtable(L);
    if (!closed)
        add_others(L, 2, node);
    lua_newtable(L);
    add_sent(L, 2, node, closed);
    lua_insert(L, -2);
    return 2;
}
