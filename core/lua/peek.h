// peek: JSON objects for Lua that are decoded only where somebody looks, since a filter looks at a
// few fields of each of many items.
#pragma once

struct lua_State;

// Adds to the table on top of the stack:
//   peek(text, decode, missing) -> an object for the text of a JSON object; or decode(text, nil),
//   if
//       it is none or a strange one. A field is decode(its text, its name), once; a string without
//       escapes is taken as it is. A field that is not there is missing(object, name), once.
//       pairs() sees the text's own fields; nothing can be set.
//   peek_at(object, decode, name, ...) -> the same for an object inside of that object, by its
//   names;
//       nil if it is not there; false if it, or what it is in, is none or a strange one.
// 'missing' may be nil. The text must be valid JSON.
void peek_open(struct lua_State *L);
