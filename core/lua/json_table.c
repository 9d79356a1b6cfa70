// json_table: the tables that stand for arrays and objects of a document; see json_library.h.
//
// A table is closed until it is set or gone through: empty, with a metatable that finds each field
// in the text. Then it is opened: filled with its fields, and an ordinary table but for what it is
// of.
#include "lua/json_parts.h"

#include <lauxlib.h>
#include <lua.h>

// --- tables that are not open -------------------------------------------------------------------

static int meta_index(lua_State *L)
{
    const struct node *node;

    lua_settop(L, 2);
    lua_getmetatable(L, 1);
    lua_rawgetp(L, 3, &json_doc_key);
    node = json_find(L, 4, json_node_of(L, 1, 4), 2);
    if (!node)
        return 0;
    json_push_value(L, 4, node);
    return 1;
}

static int meta_len(lua_State *L)
{
    const struct node *node;

    lua_settop(L, 1);
    json_push_doc(L, 1);
    node = json_node_of(L, 1, 2);
    lua_pushinteger(L, node->type == NODE_ARRAY ? (lua_Integer)node->count : 0);
    return 1;
}

bool json_is_closed(lua_State *L, int table, int doc)
{
    bool closed;

    lua_getmetatable(L, table);
    lua_getiuservalue(L, doc, DOC_META);
    closed = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return closed;
}

static int part_of_type(const struct node *node)
{
    return node->type == NODE_ARRAY    ? DOC_META_ARRAY
           : node->type == NODE_STRUCT ? DOC_META_STRUCT
                                       : DOC_META_MAP;
}

static void push_meta(lua_State *L, int doc, int part);

// So that what is unchanged is found without looking at all of it.
static void mark_opened(struct document *d, uint32_t number)
{
    while (!d->nodes[number].opened) {
        d->nodes[number].opened = true;
        number = d->nodes[number].parent;
    }
}

// Fills a table with what it has in the text; from then on it is an ordinary one.
void json_open_table(lua_State *L, int table, int doc)
{
    struct document *d = &json_doc_at(L, doc)->document;
    const struct node *node = json_node_of(L, table, doc);
    lua_Integer n = 0;

    for (const struct node *m = document_first(node); m; m = document_next(d, m)) {
        if (node->type == NODE_ARRAY) {
            json_push_value(L, doc, m);
            lua_rawseti(L, table, ++n);
        } else {
            json_push_key(L, d, m);
            json_push_value(L, doc, m);
            lua_rawset(L, table);
        }
    }
    push_meta(L, doc, part_of_type(node));
    lua_setmetatable(L, table);
    mark_opened(d, (uint32_t)(node - d->nodes));
}

static int meta_newindex(lua_State *L)
{
    lua_settop(L, 3);
    json_push_doc(L, 1);
    if (json_doc_at(L, 4)->read_only) {
        lua_getiuservalue(L, 4, DOC_WHAT);
        return luaL_error(L,
                          "%s is read-only; to change what goes on, return moonward.allow { edit = "
                          "function(json) ... end }",
                          lua_tostring(L, -1));
    }
    json_open_table(L, 1, 4);
    lua_pop(L, 1);
    lua_settable(L, 1);
    return 0;
}

// Upvalues: the document, the number of the next node and, for an array, of the element.
static int step(lua_State *L)
{
    const int doc = lua_upvalueindex(1);
    const struct document *d = &json_doc_at(L, doc)->document;
    lua_Integer number = lua_tointeger(L, lua_upvalueindex(2)), n;
    const struct node *node;

    if (number < 0)
        return 0;
    node = json_counting(L, doc, &d->nodes[number]);
    if (!node)
        return 0;
    lua_pushinteger(L, node->next > 0 ? (lua_Integer)node->next : -1);
    lua_replace(L, lua_upvalueindex(2));
    n = lua_tointeger(L, lua_upvalueindex(3));
    if (n > 0) {
        lua_pushinteger(L, n + 1);
        lua_replace(L, lua_upvalueindex(3));
        lua_pushinteger(L, n);
    } else {
        json_push_key(L, d, node);
    }
    json_push_value(L, doc, node);
    return 2;
}

static int meta_pairs(lua_State *L)
{
    const struct node *node;

    lua_settop(L, 1);
    json_push_doc(L, 1);
    node = json_node_of(L, 1, 2);
    if (!json_doc_at(L, 2)->read_only) {
        json_open_table(L, 1, 2);
        lua_getglobal(L, "next");
        lua_pushvalue(L, 1);
        return 2;
    }
    lua_pushinteger(L, node->count > 0 ? node - json_doc_at(L, 2)->document.nodes + 1 : -1);
    lua_pushinteger(L, node->type == NODE_ARRAY);
    lua_pushcclosure(L, step, 3);
    lua_pushvalue(L, 1);
    return 2;
}

// --- open objects whose fields are found whatever their case ------------------------------------

// Pushes the key that stands for the one at 2, of the table at 1, of the document at 'doc': as it
// was sent, or first set. False: there is none, and nothing is pushed.
static bool push_sent_key(lua_State *L, int doc)
{
    const struct document *d = &json_doc_at(L, doc)->document;
    const struct node *member;
    struct span key;
    int top = lua_gettop(L);

    if (lua_type(L, 2) != LUA_TSTRING)
        return false;
    member = json_find(L, doc, json_node_of(L, 1, doc), 2);
    if (member) {
        json_push_key(L, d, member);
        return true;
    }
    json_push_part(L, doc, DOC_ADDED);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) == LUA_TTABLE) {
        key.at = lua_tolstring(L, 2, &key.len);
        json_push_folded(L, key);
        if (lua_rawget(L, -2) == LUA_TSTRING) {
            lua_replace(L, top + 1);
            lua_settop(L, top + 1);
            return true;
        }
    }
    lua_settop(L, top);
    return false;
}

static int struct_index(lua_State *L)
{
    lua_settop(L, 2);
    json_push_doc(L, 1);
    if (!push_sent_key(L, 3))
        return 0;
    lua_rawget(L, 1);
    return 1;
}

// Keeps the key at 2 as the one that is meant by all that fold to the same.
static void add_key(lua_State *L, int doc)
{
    struct span key;

    json_push_part(L, doc, DOC_ADDED);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, 1);
        lua_pushvalue(L, -2);
        lua_rawset(L, -4);
    }
    key.at = lua_tolstring(L, 2, &key.len);
    json_push_folded(L, key);
    lua_pushvalue(L, 2);
    lua_rawset(L, -3);
    lua_pop(L, 2);
}

// A field set under another case replaces the one that was sent; two would be read as one.
static int struct_newindex(lua_State *L)
{
    lua_settop(L, 3);
    json_push_doc(L, 1);
    if (push_sent_key(L, 4)) {
        lua_replace(L, 2);
    } else if (lua_type(L, 2) == LUA_TSTRING) {
        add_key(L, 4);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, 1);
    return 0;
}

// --- metatables ---------------------------------------------------------------------------------

static const luaL_Reg closed_methods[] = {
    { "__index", meta_index },
    { "__newindex", meta_newindex },
    { "__len", meta_len },
    { "__pairs", meta_pairs },
    { NULL, NULL },
};

static const luaL_Reg struct_methods[] = {
    { "__index", struct_index },
    { "__newindex", struct_newindex },
    { NULL, NULL },
};

static const luaL_Reg no_methods[] = { { NULL, NULL } };

// Pushes a metatable of the document.
static void push_meta(lua_State *L, int doc, int part)
{
    const luaL_Reg *methods = part == DOC_META          ? closed_methods
                              : part == DOC_META_STRUCT ? struct_methods
                                                        : no_methods;

    if (lua_getiuservalue(L, doc, part) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 6);
    luaL_setfuncs(L, methods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, doc);
    lua_rawsetp(L, -2, &json_doc_key);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, doc, part);
}

void json_prepare(lua_State *L, int doc)
{
    push_meta(L, doc, DOC_META);
    lua_pop(L, 1);
}
