// option_table: an option as a table of Lua's, for what is no policy: the commands and the specs.
#pragma once

#include "config/option.h"

struct lua_State;

// Pushes a table: name, env, kind ("text"), form ("TEXT", as in -help), unit, initial, help, sets,
// owner, min, max, env_family, commas, secret; 'variables' are all names of its variable, 'words'
// the only values it takes or nil. May raise errors.
void option_push(struct lua_State *L, const struct option *entry);

// Pushes a list of all options of 'o' in the order of declaration, with what they are set to: the
// above and given (not a default), origin, and 'value' as text, 'number' too if it is one, or, of a
// list, 'values'; none of these for an option that sets another.
void options_push(struct lua_State *L, const struct options *o);
