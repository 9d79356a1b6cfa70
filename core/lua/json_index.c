// json_index: members and elements of JSON documents by key and by number, in the same time however
// many there are.
#include "lua/json_parts.h"
#include "json/fold.h"

#include <lauxlib.h>
#include <lua.h>

#define FEW 16 // members or elements that are gone through

void json_push_part(lua_State *L, int doc, int part)
{
    if (lua_getiuservalue(L, doc, part) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, doc, part);
}

void json_push_folded(lua_State *L, struct span key)
{
    luaL_Buffer folded;

    luaL_pushresultsize(&folded, fold_write(key, luaL_buffinitsize(L, &folded, key.len)));
}

static struct document *document_at(lua_State *L, int doc)
{
    struct json_doc *box = lua_touserdata(L, doc);

    return &box->document;
}

// Pushes a member's key as the index has it.
static void push_key(lua_State *L, const struct node *object, struct span key)
{
    if (object->type == NODE_STRUCT)
        json_push_folded(L, key);
    else
        lua_pushlstring(L, key.at, key.len);
}

// Pushes the index of an object, by key, or of an array: numbers of nodes.
static void push_index(lua_State *L, int doc, const struct node *node)
{
    const struct document *d = document_at(L, doc);
    lua_Integer number = node - d->nodes, n = 0;

    json_push_part(L, doc, DOC_INDEXES);
    if (lua_rawgeti(L, -1, number) == LUA_TTABLE) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    if (node->type == NODE_ARRAY)
        lua_createtable(L, (int)node->count, 0);
    else
        lua_createtable(L, 0, (int)node->count);
    for (const struct node *m = document_first(node); m; m = document_next(d, m)) {
        if (node->type == NODE_ARRAY) {
            lua_pushinteger(L, m - d->nodes);
            lua_rawseti(L, -2, ++n);
        } else {
            push_key(L, node, document_key(d, m));
            lua_pushinteger(L, m - d->nodes);
            lua_rawset(L, -3);
        }
    }
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, number);
    lua_remove(L, -2);
}

// Of equal keys, which only an answer of the engine's may have, the last.
static const struct node *find_last(const struct document *d, const struct node *object,
                                    struct span key)
{
    const struct node *found = NULL;

    for (const struct node *m = document_first(object); m; m = document_next(d, m))
        if (document_same_key(object, document_key(d, m), key))
            found = m;
    return found;
}

const struct node *json_find_member(lua_State *L, int doc, const struct node *object,
                                    struct span key)
{
    const struct document *d = document_at(L, doc);
    const struct node *found = NULL;
    int top;

    if (object->count <= FEW && !(object->type == NODE_STRUCT && fold_has_partner(key)))
        return find_last(d, object, key);
    top = lua_gettop(L);
    push_index(L, doc, object);
    push_key(L, object, key);
    if (lua_rawget(L, -2) == LUA_TNUMBER)
        found = &d->nodes[lua_tointeger(L, -1)];
    lua_settop(L, top);
    return found;
}

const struct node *json_counting(lua_State *L, int doc, const struct node *member)
{
    const struct document *d = document_at(L, doc);
    const struct node *object = member ? &d->nodes[member->parent] : NULL;

    if (!object || object->type != NODE_MAP)
        return member;
    while (member && json_find_member(L, doc, object, document_key(d, member)) != member)
        member = document_next(d, member);
    return member;
}

const struct node *json_find_element(lua_State *L, int doc, const struct node *array, long long n)
{
    const struct document *d = document_at(L, doc);
    const struct node *found = document_first(array);
    int top;

    if (n < 1 || n > (long long)array->count)
        return NULL;
    if (array->flat)
        return array + n;
    if (array->count <= FEW) {
        while (--n > 0)
            found = document_next(d, found);
        return found;
    }
    top = lua_gettop(L);
    push_index(L, doc, array);
    lua_rawgeti(L, -1, n);
    found = &d->nodes[lua_tointeger(L, -1)];
    lua_settop(L, top);
    return found;
}
