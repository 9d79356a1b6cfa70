// policy_option: the options that policies declare, as entries of the option table, and their
// values on the way back.
#pragma once

#include "config/option.h"

#include <stddef.h>

struct lua_State;

struct policy_options {
    struct option *entries;
    size_t count, cap;
};

// Appends the list on top of the stack, as lualib/moonward/host/option.lua made it; 'owner' is kept
// by reference. Raises an error when memory is short; what was appended stays.
void policy_options_add(struct lua_State *L, struct policy_options *all, const char *owner);
void policy_options_clear(struct policy_options *all);

// Where values are found: of a policy that has some of its own (NULL: it has not), and of all.
struct policy_values {
    const struct options *own, *all;
};

// Pushes a table with the values of entries [from, to), by name, or by variable for those that have
// no name. Raises an error when memory is short.
void policy_options_push(struct lua_State *L, const struct policy_options *all, size_t from,
                         size_t to, const struct policy_values *values);
