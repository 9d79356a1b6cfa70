// view_parts: what the types of view.h have in common. Private to view*.c.
#pragma once

#include "base/span.h"
#include "http/target.h"

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

// A field that C reads: the object is at 1, the name at 2; pushes one value and returns 1.
typedef int (*field_fn)(lua_State *L);

struct field {
    const char *name; // NULL ends a table
    field_fn push;
};

// Makes a type: its own metamethods, and read-only.
void view_type(lua_State *L, const char *name, const luaL_Reg *metamethods);

// Completes a type with fields. Stack: lazy, methods, unknown, as view.h describes them. 'index' is
// a C function that calls view_index() with the same fields.
void view_set_index(lua_State *L, const char *type, const struct field *fields,
                    lua_CFunction index);
int view_index(lua_State *L, const struct field *fields);

// Pushes an empty object of a type whose user value is the object at 1, and keeps it as user value
// 'slot' of that, for the next time.
int view_push_part(lua_State *L, const char *type, int slot);

// Pushes the table that is user value 'slot' of the object at 1; makes it the first time.
int view_push_cache(lua_State *L, int slot);

int view_push_span(lua_State *L, struct span span); // nil when it is empty
struct span view_string(lua_State *L, int index);   // raises if it is no string

// The first of the name at 2, as the engine reads a query; and all of them for pairs().
int view_push_first(lua_State *L, const struct query_pair *pairs, size_t n);
int view_push_pairs(lua_State *L, const struct query_pair *pairs, size_t n);
