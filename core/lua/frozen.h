// frozen: tables that show another one and cannot be changed.
#pragma once

#include <stdbool.h>

struct lua_State;

// Adds to the table on top of the stack:
//   frozen(values, complaint, missing)  an empty table with the fields of 'values', for pairs(),
//   ipairs(),
//       # and json.next too. To set one is an error with the complaint. 'missing', which may be
//       nil, is called with (table, key) for a field that is not there; what it returns is kept.
//   place(function)                     "file:line" of where it is written; nil if that is nowhere
void frozen_open(struct lua_State *L);

// If the value at 'index' is such a table, pushes what it shows.
bool frozen_push_values(struct lua_State *L, int index);
