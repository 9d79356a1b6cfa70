// redactor: core/json/redact.h for Lua.
#pragma once

struct lua_State;
struct redact_set;

// Adds to the table on top of the stack:
//   redactor{ path, { path, keep = { name, ... } }, ... } -> an object with
//       :apply(text) -> the text without the values at the paths, or nil if that changes nothing
// Both raise errors, texts without a place: at paths and fields that there are not, and for a text
// that is not one JSON value.
void redactor_open(struct lua_State *L);

// Of a redactor on the stack, borrowed from it; NULL if it is something else.
const struct redact_set *redactor_set(struct lua_State *L, int index);
