#include "lua/policy_option.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

// In the order of enum option_kind.
static const char *const kinds[] = { "text", "switch", "number", "octal",
                                     "size", "list",   "file",   NULL };

// What these entries point to is ours, though other entries have constants there.
static void free_const(const void *what)
{
    void *ours;

    memcpy(&ours, &what, sizeof(ours));
    free(ours);
}

static void free_entry(struct option *entry)
{
    const char *texts[] = { entry->name, entry->env,  entry->unit,    entry->initial,
                            entry->help, entry->sets, entry->refused, entry->spelling };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free_const(texts[i]);
    for (size_t i = 0; entry->env_also && entry->env_also[i]; i++)
        free_const(entry->env_also[i]);
    free_const(entry->env_also);
    for (size_t i = 0; entry->words && entry->words[i].word; i++) {
        free_const(entry->words[i].word);
        free_const(entry->words[i].means);
    }
    free_const(entry->words);
}

// Takes a text off the stack. NULL: it is none.
static const char *copy_text(lua_State *L)
{
    char *copy = NULL;

    if (lua_type(L, -1) == LUA_TSTRING) {
        copy = strdup(lua_tostring(L, -1));
        if (!copy)
            luaL_error(L, "not enough memory");
    }
    lua_pop(L, 1);
    return copy;
}

// The text of a field of the table on top, copied; NULL if it has none.
static const char *copy_field(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    return copy_text(L);
}

// Room for the elements of the list on top and one more that stays empty. NULL: the list is empty.
static void *new_list(lua_State *L, size_t size)
{
    size_t count = lua_rawlen(L, -1);
    void *list = count > 0 ? calloc(count + 1, size) : NULL;

    if (count > 0 && !list)
        luaL_error(L, "not enough memory");
    return list;
}

// Further names of the variable: a list of texts.
static void add_variables(lua_State *L, struct option *entry)
{
    lua_getfield(L, -1, "env_also");

    const char **names = new_list(L, sizeof(*names));

    entry->env_also = names;
    for (lua_Integer i = 0; names && i < (lua_Integer)lua_rawlen(L, -1); i++) {
        lua_geti(L, -1, i + 1);
        names[i] = copy_text(L);
    }
    lua_pop(L, 1);
}

// Words: a list of pairs.
static void add_words(lua_State *L, struct option *entry)
{
    lua_getfield(L, -1, "words");

    struct option_word *words = new_list(L, sizeof(*words));

    entry->words = words;
    for (lua_Integer i = 0; words && i < (lua_Integer)lua_rawlen(L, -1); i++) {
        lua_geti(L, -1, i + 1);
        lua_geti(L, -1, 1);
        words[i].word = copy_text(L);
        lua_geti(L, -1, 2);
        words[i].means = copy_text(L);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static bool flag_field(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);

    bool flag = lua_toboolean(L, -1);

    lua_pop(L, 1);
    return flag;
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
    entry->refused = copy_field(L, "refused");
    entry->spelling = copy_field(L, "spelling");
    entry->kind = kind_field(L);
    entry->min = number_field(L, "min");
    entry->max = number_field(L, "max");
    entry->commas = flag_field(L, "commas");
    entry->env_family = flag_field(L, "env_family");
    entry->env_empty = flag_field(L, "env_empty");
    entry->env_near = flag_field(L, "env_near");
    entry->env_strict = flag_field(L, "env_strict");
    entry->secret = flag_field(L, "secret");
    entry->required = flag_field(L, "required");
    add_variables(L, entry);
    add_words(L, entry);
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
    case OPTION_FILE:
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
                         const struct policy_values *values)
{
    lua_newtable(L);
    for (size_t i = from; i < to; i++) {
        const struct option *entry = &all->entries[i];
        const char *name = entry->name[0] == '\0' ? entry->env : entry->name;

        if (entry->refused)
            continue;
        if (!values->own)
            push_value(L, entry, name, values->all);
        else if (entry->sets) // the core's, of which a policy has no own
            push_value(L, entry, entry->sets, values->all);
        else
            push_value(L, entry, name, values->own);
        lua_setfield(L, -2, name);
    }
}
