// readonly: tables as policies get them. What a policy is handed must stay what it is when the next
// policy gets it, and next() or rawset() must not reach behind it; so it is an object, and the
// table is inside.
#pragma once

struct lua_State;

// Adds to the table on top of the stack:
//   readonly(name, values, complain)  an object with the fields of 'values', for pairs() and # too.
//       'complain', which may be nil, is called with (key, values) for a key that is not there
void readonly_open(struct lua_State *L);
