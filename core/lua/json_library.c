#include "lua/json_library.h"

#include "base/utf8.h"
#include "lua/frozen.h"
#include "lua/json_parts.h"
#include "lua/sandbox.h"
#include "json/plain.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define TYPE        "moonward.json"
#define ARRAY_TYPE  "moonward.json.array" // metatable of tables that are marked as arrays
#define MAPS_MAX    64
#define BODY_VALUES 32768      // bounds what a body of -maxbody bytes can turn into
#define MOST_VALUES (1u << 20) // of an answer of the engine's

static const char rules_key; // of the registry

// Held by the registry, with the names.
struct body_rules {
    struct document_map maps[MAPS_MAX];
    size_t count;
    uint64_t seed;
};

enum how { HOW_BODY, HOW_ANSWER, HOW_EXACT, HOW_READ };

static const struct body_rules *rules_of(lua_State *L)
{
    const struct body_rules *rules;

    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &rules_key) != LUA_TUSERDATA)
        luaL_error(L, "json.rules was not called");
    rules = lua_touserdata(L, -1);
    lua_pop(L, 1); // the registry holds it
    return rules;
}

static struct json_doc *push_empty(lua_State *L, int text, enum how how)
{
    struct json_doc *box = lua_newuserdatauv(L, sizeof(*box), DOC_VALUES);

    memset(box, 0, sizeof(*box));
    box->read_only = how == HOW_EXACT || how == HOW_READ;
    luaL_setmetatable(L, TYPE);
    lua_pushvalue(L, text);
    lua_setiuservalue(L, -2, DOC_TEXT);
    json_prepare(L, lua_gettop(L));
    return box;
}

// Pushes the document of the text at 1; false: pushes nil and a message. Then, of twins, the text
// at 1 is the one without them.
static bool push_document(lua_State *L, enum how how)
{
    const struct body_rules *body = rules_of(L);
    struct document_rules rules = {
        .values = how == HOW_BODY || how == HOW_READ ? BODY_VALUES : MOST_VALUES,
        .maps = body->maps,
        .map_count = body->count,
        .exact = how == HOW_EXACT,
        .seed = body->seed,
    };
    struct json_doc *box = push_empty(L, 1, how);
    struct span text;
    struct err err;

    text.at = lua_tolstring(L, 1, &text.len);
    buffer_init(&box->single, text.len + 1);
    switch (document_read(&box->document, text, &rules, &box->single, &err)) {
    case DOCUMENT_OK:
        box->charge = sandbox_charge(L, document_size(&box->document));
        // The collector knows nothing of what lies outside.
        (void)lua_gc(L, LUA_GCSTEP, (int)(document_size(&box->document) >> 10));
        return true;
    case DOCUMENT_TWINS:
        lua_pushlstring(L, box->single.data, box->single.len);
        buffer_clear(&box->single);
        lua_replace(L, 1);
        lua_pop(L, 1);
        return push_document(L, how);
    case DOCUMENT_BAD:
        break;
    }
    lua_pushnil(L);
    lua_pushstring(L, err.text);
    return false;
}

static int read(lua_State *L)
{
    static const char *const names[] = { "body", "answer", "exact", "read", NULL };
    enum how how = (enum how)luaL_checkoption(L, 2, NULL, names);
    int doc = 5;

    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 3);
    lua_pushvalue(L, 1); // to see whether it becomes another
    if (!push_document(L, how))
        return 2;
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, doc, DOC_WHAT);
    json_push_value(L, doc, json_doc_at(L, doc)->document.nodes);
    if (lua_rawequal(L, 1, 4))
        return 1;
    lua_pushnil(L);
    lua_pushvalue(L, 1);
    return 3;
}

static int doc_gc(lua_State *L)
{
    struct json_doc *box = luaL_checkudata(L, 1, TYPE);

    if (box->charge > 0)
        sandbox_refund(L, box->charge);
    document_clear(&box->document);
    if (box->single.max > 0)
        buffer_clear(&box->single);
    box->charge = 0;
    return 0;
}

static void add_map(lua_State *L, struct body_rules *rules, struct span inside)
{
    struct document_map *map = &rules->maps[rules->count];

    luaL_argcheck(L, rules->count < MAPS_MAX, 1, "too many maps");
    luaL_checktype(L, -2, LUA_TSTRING);
    map->name.at = lua_tolstring(L, -2, &map->name.len);
    map->inside = inside;
    rules->count++;
}

// The names lie in the two tables, which the rules hold.
static int rules(lua_State *L)
{
    struct body_rules *rules;
    struct span inside;

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    rules = lua_newuserdatauv(L, sizeof(*rules), 2);
    memset(rules, 0, sizeof(*rules));
    for (int i = 1; i <= 2; i++) {
        lua_pushvalue(L, i);
        lua_setiuservalue(L, 3, i);
        for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1)) {
            inside = SPAN("");
            if (i == 2)
                inside.at = luaL_checklstring(L, -1, &inside.len);
            add_map(L, rules, inside);
        }
    }
    if (getrandom(&rules->seed, sizeof(rules->seed), 0) != sizeof(rules->seed))
        luaL_error(L, "there are no random numbers");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &rules_key);
    return 0;
}

static int kind(lua_State *L)
{
    static const char *const names[] = {
        [NODE_ARRAY] = "array",
        [NODE_STRUCT] = "struct",
        [NODE_MAP] = "map",
    };
    bool is_array;

    lua_settop(L, 1);
    if (json_push_doc(L, 1)) {
        lua_pushstring(L, names[json_node_of(L, 1, 2)->type]);
        return 1;
    }
    if (lua_type(L, 1) != LUA_TTABLE || !lua_getmetatable(L, 1))
        return 0;
    luaL_getmetatable(L, ARRAY_TYPE);
    is_array = lua_rawequal(L, -1, -2);
    if (!is_array)
        return 0;
    lua_pushstring(L, names[NODE_ARRAY]);
    return 1;
}

static int array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (json_push_doc(L, 1)) {
        luaL_argcheck(L, json_node_of(L, 1, 2)->type == NODE_ARRAY, 1, "it is an object of a text");
        lua_settop(L, 1);
        return 1;
    }
    luaL_setmetatable(L, ARRAY_TYPE);
    return 1;
}

// Pushes key and value of a member of a read-only table, or of the next one that counts; nil if
// there is none.
static int push_next(lua_State *L, int doc, const struct node *member, lua_Integer n)
{
    const struct document *d = &json_doc_at(L, doc)->document;

    member = json_counting(L, doc, member);
    if (!member) {
        lua_pushnil(L);
        return 1;
    }
    if (n > 0)
        lua_pushinteger(L, n);
    else
        json_push_key(L, d, member);
    json_push_value(L, doc, member);
    return 2;
}

static int next_read_only(lua_State *L)
{
    const struct document *d = &json_doc_at(L, 3)->document;
    const struct node *node = json_node_of(L, 1, 3), *before;
    lua_Integer n = 0;

    if (lua_isnil(L, 2))
        return push_next(L, 3, document_first(node), node->type == NODE_ARRAY);
    before = json_find(L, 3, node, 2);
    if (!before)
        return luaL_error(L, "invalid key to 'next'");
    if (node->type == NODE_ARRAY)
        n = lua_tointeger(L, 2) + 1;
    return push_next(L, 3, document_next(d, before), n);
}

static int next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (frozen_push_values(L, 1))
        lua_replace(L, 1);
    if (json_push_doc(L, 1)) {
        if (json_doc_at(L, 3)->read_only)
            return next_read_only(L);
        if (json_is_closed(L, 1, 3))
            json_open_table(L, 1, 3);
    }
    lua_settop(L, 2);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

static void add_escape(luaL_Buffer *out, char c)
{
    static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    char text[8];

    for (const char *p = letters; *p != '\0'; p += 2) {
        if (*p == c) {
            luaL_addchar(out, '\\');
            luaL_addchar(out, p[1]);
            return;
        }
    }
    (void)snprintf(text, sizeof(text), "\\u%04x", (unsigned char)c);
    luaL_addstring(out, text);
}

static int quote(lua_State *L)
{
    luaL_Buffer out;
    struct span text;
    const char *end;

    luaL_checktype(L, 1, LUA_TSTRING);
    text.at = lua_tolstring(L, 1, &text.len);
    if (utf8_right(text) < text.len)
        return 0;
    end = text.at + text.len;
    luaL_buffinit(L, &out);
    luaL_addchar(&out, '"');
    for (const char *p = text.at; p < end;) {
        const char *stop = plain_end(p, end);

        luaL_addlstring(&out, p, (size_t)(stop - p));
        if (stop < end)
            add_escape(&out, *stop++);
        p = stop;
    }
    luaL_addchar(&out, '"');
    luaL_pushresult(&out);
    return 1;
}

// --- null ---------------------------------------------------------------------------------------

static int null_index(lua_State *L)
{
    lua_pushnil(L);
    return 1;
}

static int null_newindex(lua_State *L)
{
    return luaL_error(L, "json.null cannot be changed");
}

static int null_tostring(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

static const luaL_Reg null_methods[] = {
    { "__index", null_index },
    { "__newindex", null_newindex },
    { "__tostring", null_tostring },
    { NULL, NULL },
};

static void push_new_null(lua_State *L)
{
    lua_newtable(L);
    luaL_newlib(L, null_methods);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &json_null_key);
}

static const luaL_Reg functions[] = {
    { "array", array },        { "keys", json_keys }, { "kind", kind },        { "next", next },
    { "picker", json_picker }, { "quote", quote },    { "read", read },        { "rules", rules },
    { "source", json_source }, { "span", json_span }, { "texts", json_texts }, { NULL, NULL },
};

void json_library_open(lua_State *L)
{
    luaL_newmetatable(L, TYPE);
    lua_pushcfunction(L, doc_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    luaL_newmetatable(L, ARRAY_TYPE);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    push_new_null(L);
    lua_setfield(L, -2, "null");
    lua_setfield(L, -2, "json");
}
