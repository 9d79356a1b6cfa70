#include "lua/peek.h"

#include "json/members.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <string.h>

#define META lua_upvalueindex(1) // of all functions here that know of objects: their metatable
#define MOST 128                 // members; an object with more is decoded at once
#define WAYS 2                   // to the labels
#define DEEP 2                   // names of a way

// What is the same for all objects of a kind.
struct kind {
    bool texts; // labels of which one is no text are decoded at once, so that this is told
    size_t way_count;
    struct {
        size_t count;
        struct span names[DEEP]; // held by LABELS
    } ways[WAYS];
};

enum { DECODE = 1, MISSING, LABEL, LABELS, KIND_VALUES = LABELS };

// Of an object: the text that the members lie in; its kind, nil for labels; the function that
// decodes; what was found first, and then a table of what else was.
enum { TEXT = 1, KIND, READ, NAME, VALUE, FOUND, OBJECT_VALUES = FOUND };

// Where it is in the text.
struct place {
    uint32_t key, key_len, value, value_len;
};

struct object {
    const char *text;
    size_t count;
    size_t label_count;    // of those behind its own; or one of
    struct place places[]; // MEMBERS_NONE and MEMBERS_ODD
};

// For metamethods; their upvalue is the metatable, which so is not looked for by its name.
static struct object *object_at(lua_State *L, int index)
{
    if (lua_getmetatable(L, index) && lua_rawequal(L, -1, META))
        lua_pop(L, 1);
    else
        luaL_typeerror(L, index, "item");
    return lua_touserdata(L, index);
}

static struct span key_of(const struct object *object, size_t i)
{
    return (struct span){ object->text + object->places[i].key, object->places[i].key_len };
}

static struct span value_of(const struct object *object, size_t i)
{
    return (struct span){ object->text + object->places[i].value, object->places[i].value_len };
}

// The last one with that key; SIZE_MAX if there is none.
static size_t find(const struct object *object, struct span key)
{
    for (size_t i = object->count; i-- > 0;)
        if (span_is(key_of(object, i), key))
            return i;
    return SIZE_MAX;
}

static void push_span(lua_State *L, struct span text)
{
    lua_pushlstring(L, text.at, text.len);
}

// --- objects ------------------------------------------------------------------------------------

static struct place place_of(const char *text, const struct member *member)
{
    return (struct place){ (uint32_t)(member->key.at - text), (uint32_t)member->key.len,
                           (uint32_t)(member->value.at - text), (uint32_t)member->value.len };
}

// Pushes an object with room for so many members, of a text at 'source'.
static struct object *push_empty(lua_State *L, int source, const char *text, size_t members)
{
    size_t size = sizeof(struct object) + members * sizeof(struct place);
    struct object *object = lua_newuserdatauv(L, size, OBJECT_VALUES);

    object->text = text;
    object->count = 0;
    object->label_count = MEMBERS_NONE;
    lua_pushvalue(L, META);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, source);
    lua_setiuservalue(L, -2, TEXT);
    return object;
}

// Pushes an object for the text at 'source'; false: it is not for that, and nothing is pushed.
static bool push_object(lua_State *L, int source, const struct kind *kind)
{
    struct member members[MOST], labels[WAYS][MOST];
    struct members_within within[WAYS];
    struct object *object;
    struct span text;
    size_t count, found = 0;

    text.at = lua_tolstring(L, source, &text.len);
    for (size_t i = 0; i < kind->way_count; i++)
        within[i] = (struct members_within){
            .names = kind->ways[i].names,
            .name_count = kind->ways[i].count,
            .out = labels[i],
            .most = MOST,
        };
    count = members_read(text, members, MOST, within, kind->way_count);
    if (count == MEMBERS_ODD || text.len > UINT32_MAX)
        return false;
    while (found < kind->way_count && within[found].count == MEMBERS_NONE)
        found++;

    size_t label_count = found < kind->way_count ? within[found].count : MEMBERS_NONE;
    for (size_t i = 0; kind->texts && label_count <= MOST && i < label_count; i++)
        if (*labels[found][i].value.at != '"')
            label_count = MEMBERS_ODD;

    size_t label_places = label_count <= MOST ? label_count : 0;

    object = push_empty(L, source, text.at, count + label_places);
    object->count = count;
    object->label_count = label_count;
    for (size_t i = 0; i < count; i++)
        object->places[i] = place_of(text.at, &members[i]);
    for (size_t i = 0; i < label_places; i++)
        object->places[count + i] = place_of(text.at, &labels[found][i]);
    return true;
}

// Pushes the labels of the object at 1, whose kind is on top; false: nothing is pushed.
static bool push_labels(lua_State *L, const struct object *object)
{
    int kind = lua_gettop(L);
    struct object *labels;

    if (object->label_count > MOST)
        return false;
    lua_getiuservalue(L, 1, TEXT);
    labels = push_empty(L, kind + 1, object->text, object->label_count);
    labels->count = object->label_count;
    memcpy(labels->places, object->places + object->count, labels->count * sizeof(*labels->places));
    lua_getiuservalue(L, kind, LABEL);
    lua_setiuservalue(L, -2, READ);
    return true;
}

// --- fields -------------------------------------------------------------------------------------

// Keeps the value on top as what the field with the name at 2 is.
static void keep(lua_State *L)
{
    if (lua_getiuservalue(L, 1, NAME) == LUA_TNIL) {
        lua_pushvalue(L, 2);
        lua_setiuservalue(L, 1, NAME);
        lua_pushvalue(L, -2);
        lua_setiuservalue(L, 1, VALUE);
        lua_pop(L, 1);
        return;
    }
    if (lua_getiuservalue(L, 1, FOUND) == LUA_TNIL) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, 1, FOUND);
        lua_replace(L, -2);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -4);
    lua_rawset(L, -3);
    lua_pop(L, 2);
}

// Pushes what was found earlier; false if nothing was.
static bool push_found(lua_State *L)
{
    lua_getiuservalue(L, 1, NAME);
    if (lua_rawequal(L, -1, 2)) {
        lua_getiuservalue(L, 1, VALUE);
        return true;
    }
    if (lua_getiuservalue(L, 1, FOUND) == LUA_TNIL)
        return false;
    lua_pushvalue(L, 2);
    return lua_rawget(L, -2) != LUA_TNIL;
}

static void push_decoded(lua_State *L, const struct object *object, size_t i)
{
    lua_getiuservalue(L, 1, READ);
    push_span(L, value_of(object, i));
    push_span(L, key_of(object, i));
    lua_call(L, 2, 1);
}

// Pushes what a field is that the text does not have; false: nothing.
static bool push_missing(lua_State *L, const struct object *object, struct span name)
{
    if (lua_getiuservalue(L, 1, KIND) == LUA_TNIL)
        return false;
    if (span_is(name, SPAN("labels")) && push_labels(L, object))
        return true;
    if (lua_getiuservalue(L, -1, MISSING) == LUA_TNIL)
        return false;
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    return !lua_isnil(L, -1);
}

// Pushes a text that has no escapes; false: it is no such.
static bool push_plain(lua_State *L, struct span value)
{
    if (*value.at != '"' || memchr(value.at, '\\', value.len))
        return false;
    push_span(L, (struct span){ value.at + 1, value.len - 2 });
    return true;
}

static int meta_index(lua_State *L)
{
    const struct object *object = object_at(L, 1);
    struct span name = { "", 0 };
    size_t i = SIZE_MAX;

    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING) {
        name.at = lua_tolstring(L, 2, &name.len);
        i = find(object, name);
    }
    if (i != SIZE_MAX && push_plain(L, value_of(object, i)))
        return 1;
    if (push_found(L))
        return 1;
    if (i != SIZE_MAX)
        push_decoded(L, object, i);
    else if (!push_missing(L, object, name))
        return 0;
    if (!lua_isnil(L, -1))
        keep(L);
    return 1;
}

static int meta_newindex(lua_State *L)
{
    return luaL_error(L, "what the engine says is read-only; to change what goes on, return "
                         "moonward.allow { edit = function(json) ... end }");
}

static int meta_pairs(lua_State *L)
{
    const struct object *object = object_at(L, 1);

    lua_settop(L, 1);
    lua_getglobal(L, "next");
    lua_createtable(L, 0, (int)object->count);
    for (size_t i = 0; i < object->count; i++) {
        push_span(L, key_of(object, i));
        if (!push_plain(L, value_of(object, i))) {
            lua_pushvalue(L, -1);
            lua_gettable(L, 1);
        }
        lua_rawset(L, -3); // of equal keys the last one stays
    }
    return 2;
}

// --- kinds --------------------------------------------------------------------------------------

// The function that makes objects; its other upvalue is their kind.
static int make(lua_State *L)
{
    int kind = lua_upvalueindex(2);

    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    if (push_object(L, 1, lua_touserdata(L, kind))) {
        lua_pushvalue(L, kind);
        lua_setiuservalue(L, -2, KIND);
        lua_getiuservalue(L, kind, DECODE);
        lua_setiuservalue(L, -2, READ);
        return 1;
    }
    lua_getiuservalue(L, kind, DECODE);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

// Reads the ways in the table on top, which holds the names.
static void read_ways(lua_State *L, struct kind *kind)
{
    kind->way_count = lua_rawlen(L, -1);
    luaL_argcheck(L, kind->way_count <= WAYS, 1, "too many ways to the labels");
    for (size_t i = 0; i < kind->way_count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        luaL_checktype(L, -1, LUA_TTABLE);
        kind->ways[i].count = lua_rawlen(L, -1);
        luaL_argcheck(L, kind->ways[i].count >= 1 && kind->ways[i].count <= DEEP, 1,
                      "a way to the labels with too many names, or none");
        for (size_t k = 0; k < kind->ways[i].count; k++) {
            struct span *name = &kind->ways[i].names[k];

            lua_rawgeti(L, -1, (lua_Integer)k + 1);
            luaL_checktype(L, -1, LUA_TSTRING);
            name->at = lua_tolstring(L, -1, &name->len);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

static int peek(lua_State *L)
{
    struct kind *kind;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    kind = lua_newuserdatauv(L, sizeof(*kind), KIND_VALUES);
    memset(kind, 0, sizeof(*kind));
    lua_getfield(L, 1, "decode");
    luaL_checktype(L, -1, LUA_TFUNCTION);
    lua_setiuservalue(L, 2, DECODE);
    lua_getfield(L, 1, "missing");
    lua_setiuservalue(L, 2, MISSING);
    lua_getfield(L, 1, "label");
    lua_setiuservalue(L, 2, LABEL);
    lua_getfield(L, 1, "texts");
    kind->texts = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (lua_getfield(L, 1, "labels") == LUA_TTABLE)
        read_ways(L, kind);
    lua_setiuservalue(L, 2, LABELS);
    lua_pushvalue(L, META);
    lua_insert(L, 2);
    lua_pushcclosure(L, make, 2);
    return 1;
}

static const luaL_Reg metamethods[] = {
    { "__index", meta_index },
    { "__newindex", meta_newindex },
    { "__pairs", meta_pairs },
    { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "peek", peek },
    { NULL, NULL },
};

void peek_open(lua_State *L)
{
    lua_newtable(L);
    lua_pushvalue(L, -1);
    luaL_setfuncs(L, metamethods, 1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    luaL_setfuncs(L, functions, 1);
}
