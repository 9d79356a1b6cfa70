// json_value: values of JSON documents, pushed onto Lua's stack when somebody looks.
#include "lua/json_parts.h"
#include "json/unescape.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#define LONG_TEXT 64 // a longer one is made once

const char json_doc_key, json_null_key;

struct json_doc *json_doc_at(lua_State *L, int index)
{
    return lua_touserdata(L, index);
}

// Pushes the document that the table at 1 is of; NULL: of none, and nothing is pushed.
struct json_doc *json_push_doc(lua_State *L, int table)
{
    if (lua_type(L, table) != LUA_TTABLE || !lua_getmetatable(L, table))
        return NULL;
    if (lua_rawgetp(L, -1, &json_doc_key) != LUA_TUSERDATA) {
        lua_pop(L, 2);
        return NULL;
    }
    lua_remove(L, -2);
    return json_doc_at(L, -1);
}

// The node of the table, which is of the document at 'doc'.
const struct node *json_node_of(lua_State *L, int table, int doc)
{
    const struct json_doc *box = json_doc_at(L, doc);
    lua_Integer number;

    lua_getiuservalue(L, doc, DOC_NODES);
    lua_pushvalue(L, table);
    lua_rawget(L, -2);
    number = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return &box->document.nodes[number - 1];
}

// --- values -------------------------------------------------------------------------------------

static void push_string(lua_State *L, const struct document *d, const struct node *node)
{
    struct span raw = document_raw(d, node);
    luaL_Buffer text;

    if (node->escaped)
        luaL_pushresultsize(&text, unescape_into(raw, luaL_buffinitsize(L, &text, raw.len)));
    else
        lua_pushlstring(L, raw.at, raw.len);
}

// An integer where it is written as one and fits, else a float: as tonumber() reads it.
static void push_number(lua_State *L, const struct document *d, const struct node *node)
{
    struct span source = document_source(d, node);
    char room[64];

    if (source.len < sizeof(room)) {
        memcpy(room, source.at, source.len);
        room[source.len] = '\0';
        (void)lua_stringtonumber(L, room);
        return;
    }
    lua_pushlstring(L, source.at, source.len);
    (void)lua_stringtonumber(L, lua_tostring(L, -1));
    lua_remove(L, -2);
}

// Pushes the list of tables and long texts by the number of their node.
static void push_tables(lua_State *L, int doc)
{
    if (lua_getiuservalue(L, doc, DOC_TABLES) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, (int)json_doc_at(L, doc)->document.count, 0);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, doc, DOC_TABLES);
}

// Pushes the table of an array or object, or a long text: the same each time.
static void push_kept(lua_State *L, int doc, const struct node *node)
{
    const struct document *d = &json_doc_at(L, doc)->document;
    lua_Integer number = node - d->nodes + 1;

    push_tables(L, doc);
    if (lua_rawgeti(L, -1, number) != LUA_TNIL) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    if (node->type == NODE_STRING) {
        push_string(L, d, node);
    } else {
        lua_createtable(L, 0, 0);
        lua_getiuservalue(L, doc, DOC_META);
        lua_setmetatable(L, -2);
        json_push_part(L, doc, DOC_NODES);
        lua_pushvalue(L, -2);
        lua_pushinteger(L, number);
        lua_rawset(L, -3);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, number);
    lua_remove(L, -2);
}

void json_push_value(lua_State *L, int doc, const struct node *node)
{
    const struct document *d = &json_doc_at(L, doc)->document;

    switch ((enum node_type)node->type) {
    case NODE_NULL:
        lua_rawgetp(L, LUA_REGISTRYINDEX, &json_null_key);
        return;
    case NODE_FALSE:
    case NODE_TRUE:
        lua_pushboolean(L, node->type == NODE_TRUE);
        return;
    case NODE_NUMBER:
        push_number(L, d, node);
        return;
    case NODE_STRING:
        if (node->len <= LONG_TEXT) {
            push_string(L, d, node);
            return;
        }
        break;
    case NODE_ARRAY:
    case NODE_STRUCT:
    case NODE_MAP:
        break;
    }
    push_kept(L, doc, node);
}

void json_push_key(lua_State *L, const struct document *d, const struct node *member)
{
    struct span key = document_key(d, member);

    lua_pushlstring(L, key.at, key.len);
}

// What an array or object has in the text as the key at 'key'; NULL: nothing.
const struct node *json_find(lua_State *L, int doc, const struct node *node, int key)
{
    struct span name;

    if (node->type == NODE_ARRAY)
        return lua_isinteger(L, key) ? json_find_element(L, doc, node, lua_tointeger(L, key))
                                     : NULL;
    if (lua_type(L, key) != LUA_TSTRING)
        return NULL;
    name.at = lua_tolstring(L, key, &name.len);
    return json_find_member(L, doc, node, name);
}
