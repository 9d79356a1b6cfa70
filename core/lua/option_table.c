#include "lua/option_table.h"

#include "config/option_value.h"

#include <lauxlib.h>
#include <lua.h>

// In the order of enum option_kind.
static const char *const kinds[] = { "text", "switch", "number", "octal", "size", "list", "file" };

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool flag)
{
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, uint64_t number)
{
    lua_pushinteger(L, (lua_Integer)number);
    lua_setfield(L, -2, name);
}

static void add_text(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void set_variables(lua_State *L, const struct option *entry)
{
    const char *variable = entry->env;

    lua_newtable(L);
    for (size_t i = 0; variable; variable = option_variable(entry, ++i))
        add_text(L, variable);
    lua_setfield(L, -2, "variables");
}

static void set_words(lua_State *L, const struct option *entry)
{
    lua_newtable(L);
    for (const struct option_word *word = entry->words; word->word; word++)
        add_text(L, word->word);
    lua_setfield(L, -2, "words");
}

void option_push(lua_State *L, const struct option *entry)
{
    lua_newtable(L);
    set_text(L, "name", entry->name);
    set_text(L, "env", entry->env);
    set_text(L, "kind", kinds[entry->kind]);
    set_text(L, "form", option_value_form(entry->kind));
    set_text(L, "unit", entry->unit);
    set_text(L, "initial", entry->initial);
    set_text(L, "help", entry->help);
    set_text(L, "sets", entry->sets);
    set_text(L, "owner", entry->owner);
    set_number(L, "min", entry->min);
    set_number(L, "max", entry->max);
    set_flag(L, "env_family", entry->env_family);
    set_flag(L, "commas", entry->commas);
    set_flag(L, "secret", entry->secret);
    set_variables(L, entry);
    if (entry->words)
        set_words(L, entry);
}

static void set_values(lua_State *L, const struct options *o, const char *key)
{
    lua_newtable(L);
    for (size_t i = 0; i < options_list_count(o, key); i++)
        add_text(L, options_list(o, key, i));
    lua_setfield(L, -2, "values");
}

static void push_set(lua_State *L, const struct options *o, const struct option *entry)
{
    const char *key = entry->name[0] != '\0' ? entry->name : entry->env;
    char origin[OPTION_ORIGIN];

    option_push(L, entry);
    options_origin(o, key, origin);
    set_text(L, "origin", origin);
    set_flag(L, "given", options_source(o, key) != OPTION_DEFAULT);
    if (entry->sets)
        return;
    if (entry->kind == OPTION_NUMBER || entry->kind == OPTION_OCTAL || entry->kind == OPTION_SIZE)
        set_number(L, "number", options_number(o, key));
    if (entry->kind == OPTION_LIST)
        set_values(L, o, key);
    else if (entry->kind == OPTION_SWITCH)
        set_text(L, "value", options_switch(o, key) ? "true" : "false");
    else
        set_text(L, "value", options_text(o, key));
}

void options_push(lua_State *L, const struct options *o)
{
    lua_newtable(L);
    for (size_t i = 0; i < options_count(o); i++) {
        push_set(L, o, options_entry(o, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}
