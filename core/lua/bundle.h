// bundle: the Lua files inside the program: lualib/ by their names below it ("moonward/json.lua")
// and the policies that ship ("policies/default.lua"). tools/embed.lua writes bundle_data.c.
#pragma once

#include <stddef.h>

struct bundle_file {
    const char *name;
    const unsigned char *text;
    size_t len;
};

// Sorted by name.
extern const struct bundle_file bundle_files[];
extern const size_t bundle_count;

// NULL if there is none of that name.
const struct bundle_file *bundle_find(const char *name);
