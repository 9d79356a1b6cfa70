#include "lua/peek.h"

#include "base/check.h"
#include "json/members.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <string.h>

#define TYPE "moonward.peek"
#define MOST 128 // members; an object with more is decoded at once
#define WAYS 2   // to the labels
#define DEEP 2   // names of a way

// What an object is decoded with is the same for all of a kind: a C function's upvalues.
struct kind {
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
    struct place places[];
};

static struct object *object_at(lua_State *L, int index)
{
    return luaL_checkudata(L, index, TYPE);
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

// Pushes an object for a part of the text at 'source'; false: it is not for that, nothing is
// pushed.
static bool push_object(lua_State *L, int source, struct span part)
{
    struct member members[MOST];
    size_t len, count = members_read(part, members, MOST);
    const char *text = lua_tolstring(L, source, &len);
    struct object *object;

    if (count == MEMBERS_ODD || len > UINT32_MAX)
        return false;
    object = lua_newuserdatauv(L, sizeof(*object) + count * sizeof(struct place), OBJECT_VALUES);
    object->text = text;
    object->count = count;
    for (size_t i = 0; i < count; i++)
        object->places[i] =
            (struct place){ (uint32_t)(members[i].key.at - text), (uint32_t)members[i].key.len,
                            (uint32_t)(members[i].value.at - text),
                            (uint32_t)members[i].value.len };
    luaL_setmetatable(L, TYPE);
    lua_pushvalue(L, source);
    lua_setiuservalue(L, -2, TEXT);
    return true;
}

enum found { NOT_THERE, THERE, STRANGE };

// Follows the names of a way. STRANGE: something on it has to be decoded.
static enum found follow(const struct object *object, const struct span *names, size_t count,
                         struct span *out)
{
    struct member members[MOST];
    const struct member *member;
    size_t first = find(object, names[0]);

    if (first == SIZE_MAX)
        return NOT_THERE;
    *out = value_of(object, first);
    for (size_t i = 1; i < count; i++) {
        size_t inner = members_read(*out, members, MOST);

        if (inner == MEMBERS_ODD)
            return STRANGE;
        member = members_find(members, inner, names[i]);
        if (!member)
            return NOT_THERE;
        *out = member->value;
    }
    return THERE;
}

// Pushes the labels of the object at 1, whose kind is on top; false: nothing is pushed.
static bool push_labels(lua_State *L, const struct object *object)
{
    const struct kind *kind = lua_touserdata(L, -1);
    enum found found = NOT_THERE;
    struct span labels;

    for (size_t i = 0; i < kind->way_count && found == NOT_THERE; i++)
        found = follow(object, kind->ways[i].names, kind->ways[i].count, &labels);
    if (found != THERE)
        return false;
    lua_getiuservalue(L, 1, TEXT);
    if (!push_object(L, lua_gettop(L), labels))
        return false;
    lua_getiuservalue(L, -3, LABEL);
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
    lua_getiuservalue(L, 1, KIND);
    if (lua_getiuservalue(L, -1, MISSING) == LUA_TNIL)
        return false;
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    return !lua_isnil(L, -1);
}

static int meta_index(lua_State *L)
{
    const struct object *object = object_at(L, 1);
    struct span name = { "", 0 }, value;
    size_t i = SIZE_MAX;

    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING) {
        name.at = lua_tolstring(L, 2, &name.len);
        i = find(object, name);
    }
    if (i != SIZE_MAX) {
        value = value_of(object, i);
        if (*value.at == '"' && !memchr(value.at, '\\', value.len)) {
            push_span(L, (struct span){ value.at + 1, value.len - 2 });
            return 1;
        }
    }
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
    return luaL_error(L, "what a filter is shown is read-only; 'edit' gets it to change it");
}

static int meta_pairs(lua_State *L)
{
    const struct object *object = object_at(L, 1);

    lua_settop(L, 1);
    lua_getglobal(L, "next");
    lua_createtable(L, 0, (int)object->count);
    for (size_t i = 0; i < object->count; i++) {
        push_span(L, key_of(object, i));
        lua_pushvalue(L, -1);
        lua_gettable(L, 1); // of equal keys the last, each time
        lua_rawset(L, -3);
    }
    return 2;
}

// --- kinds --------------------------------------------------------------------------------------

// The function that makes objects; its upvalue is their kind.
static int make(lua_State *L)
{
    int kind = lua_upvalueindex(1);
    struct span text;

    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    text.at = lua_tolstring(L, 1, &text.len);
    if (push_object(L, 1, text)) {
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
    if (lua_getfield(L, 1, "labels") == LUA_TTABLE)
        read_ways(L, kind);
    lua_setiuservalue(L, 2, LABELS);
    lua_pushcclosure(L, make, 1);
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
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
