#include "lua/policy_option.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

// In the order of enum option_kind.
static const char *const kinds[] = { "text", "switch", "number", "octal", "size", "list", NULL };

static void free_entry(struct option *entry)
{
    // The texts of these entries are ours, though other entries have constants there.
    const char *texts[] = { entry->name,    entry->env,  entry->unit,
                            entry->initial, entry->help, entry->sets };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        void *text;

        memcpy(&text, &texts[i], sizeof(text));
        free(text);
    }
}

// The text of a field of the table on top, copied; NULL if it has none.
static const char *copy_field(lua_State *L, const char *name)
{
    char *copy = NULL;

    if (lua_getfield(L, -1, name) == LUA_TSTRING) {
        copy = strdup(lua_tostring(L, -1));
        if (!copy)
            luaL_error(L, "not enough memory");
    }
    lua_pop(L, 1);
    return copy;
}

static uint64_t number_field(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);

    lua_Integer n = lua_tointeger(L, -1);

    lua_pop(L, 1);
    return (uint64_t)n;
}

static enum option_kind kind_field(lua_State *L)
{
    lua_getfield(L, -1, "kind");

    int kind = luaL_checkoption(L, -1, NULL, kinds);

    lua_pop(L, 1);
    return (enum option_kind)kind;
}

static struct option *append(lua_State *L, struct policy_options *all)
{
    if (all->count == all->cap) {
        size_t cap = all->cap ? all->cap * 2 : 16;
        struct option *grown = realloc(all->entries, cap * sizeof(*grown));

        if (!grown)
            luaL_error(L, "not enough memory");
        all->entries = grown;
        all->cap = cap;
    }
    memset(&all->entries[all->count], 0, sizeof(all->entries[0]));
    return &all->entries[all->count++];
}

// Each text is stored as soon as it is copied, so that an error on the way loses none.
static void add_entry(lua_State *L, struct policy_options *all, const char *owner)
{
    struct option *entry = append(L, all);

    entry->owner = owner;
    entry->name = copy_field(L, "name");
    entry->env = copy_field(L, "env");
    entry->unit = copy_field(L, "unit");
    entry->initial = copy_field(L, "initial");
    entry->help = copy_field(L, "help");
    entry->sets = copy_field(L, "sets");
    entry->kind = kind_field(L);
    entry->min = number_field(L, "min");
    entry->max = number_field(L, "max");
    lua_getfield(L, -1, "env_family");
    entry->env_family = lua_toboolean(L, -1);
    lua_pop(L, 1);
}

void policy_options_add(lua_State *L, struct policy_options *all, const char *owner)
{
    lua_Integer n = luaL_len(L, -1);

    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, -1, i);
        add_entry(L, all, owner);
        lua_pop(L, 1);
    }
}

void policy_options_clear(struct policy_options *all)
{
    for (size_t i = 0; i < all->count; i++)
        free_entry(&all->entries[i]);
    free(all->entries);
    memset(all, 0, sizeof(*all));
}

// Another name of a core option has the core option's kind.
static enum option_kind kind_of(const struct option *entry)
{
    for (size_t i = 0; entry->sets && i < core_option_count; i++) {
        if (strcmp(core_options[i].name, entry->sets) == 0)
            return core_options[i].kind;
    }
    return entry->kind;
}

static void push_list(lua_State *L, const struct options *values, const char *name)
{
    size_t n = options_list_count(values, name);

    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushstring(L, options_list(values, name, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_value(lua_State *L, const struct option *entry, const char *name,
                       const struct options *values)
{
    switch (kind_of(entry)) {
    case OPTION_TEXT:
        lua_pushstring(L, options_text(values, name));
        break;
    case OPTION_SWITCH:
        lua_pushboolean(L, options_switch(values, name));
        break;
    case OPTION_NUMBER:
    case OPTION_OCTAL:
    case OPTION_SIZE:
        lua_pushinteger(L, (lua_Integer)options_number(values, name));
        break;
    case OPTION_LIST:
        push_list(L, values, name);
        break;
    }
}

void policy_options_push(lua_State *L, const struct policy_options *all, size_t from, size_t to,
                         const struct options *values)
{
    lua_newtable(L);
    for (size_t i = from; i < to; i++) {
        const struct option *entry = &all->entries[i];
        const char *name = entry->name[0] == '\0' ? entry->env : entry->name;

        push_value(L, entry, name, values);
        lua_setfield(L, -2, name);
    }
}
