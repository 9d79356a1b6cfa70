// verdict_table: a verdict as a table of Lua's, for what is no policy: the commands and the specs.
#pragma once

#include "lua/decision.h"

struct lua_State;

// Pushes a table with the fields of struct verdict by their names; 'path' and 'dockerfile' are nil
// where the verdict has none, and 'query' is a table of the values that it sets, by key, or nil.
// May raise errors.
void verdict_push(struct lua_State *L, const struct verdict *v);
