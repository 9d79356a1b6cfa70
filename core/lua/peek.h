// peek: JSON objects for Lua that are decoded only where somebody looks, since a filter looks at a
// few fields of each of many items.
#pragma once

struct lua_State;

// Adds to the table on top of the stack:
//   peek{ decode =, missing =, labels =, label = } -> a function that makes objects of texts, which
//       must be valid JSON. Of a text that is no object, or a strange one, it gives decode(text).
//
// An object's field is decode(its text, its name), once; a string without escapes is taken as it
// is. 'labels' is the object inside of it where the first of the ways in 'labels', a list of lists
// of names, leads; its fields are label(text, name). Another field that is not there is
// missing(object, name), once, and so are labels that are found nowhere or strange. pairs() sees
// the text's own fields. Nothing can be set.
void peek_open(struct lua_State *L);
