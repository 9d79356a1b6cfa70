#include "config/option.h"

#include "base/check.h"
#include "config/option_slot.h"
#include "config/option_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options *options_new(void)
{
    return calloc(1, sizeof(struct options));
}

void options_free(struct options *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->count; i++)
        option_slot_clear(&o->slots[i]);
    free(o);
}

// What a slot is called: its flag, or the variable of one without.
static const char *key(const struct option *entry)
{
    return entry->name[0] == '\0' && entry->env ? entry->env : entry->name;
}

struct option_slot *option_slot_find(struct options *o, const char *name, size_t len)
{
    struct span wanted = { name, len };

    for (size_t i = 0; i < o->count; i++) {
        if (span_is(span_of(key(o->slots[i].entry)), wanted))
            return &o->slots[i];
    }
    return NULL;
}

struct option_slot *option_slot_target(struct options *o, struct option_slot *slot)
{
    const char *sets = slot->entry->sets;

    return sets ? option_slot_find(o, sets, strlen(sets)) : slot;
}

void option_slot_clear(struct option_slot *slot)
{
    for (size_t i = 0; i < slot->count; i++)
        free(slot->texts[i]);
    free(slot->texts);
    slot->texts = NULL;
    slot->count = 0;
}

static int no_memory(const struct option_slot *slot, struct err *err)
{
    return err_set(err, "-%s: no memory for its value", key(slot->entry));
}

int option_slot_put(struct option_slot *slot, struct span text, uint64_t number, struct err *err)
{
    bool is_list = slot->entry->kind == OPTION_LIST;

    if (!is_list)
        option_slot_clear(slot);
    slot->number = number;
    if (text.len == 0)
        return 0;
    if (slot->count == OPTION_VALUES)
        return err_set(err, "-%s: more than %d entries", key(slot->entry), OPTION_VALUES);

    char **texts = realloc(slot->texts, (slot->count + 1) * sizeof(*texts));

    if (!texts)
        return no_memory(slot, err);
    slot->texts = texts;
    texts[slot->count] = strndup(text.at, text.len);
    if (!texts[slot->count])
        return no_memory(slot, err);
    slot->count++;
    return 0;
}

const char *option_variable(const struct option *entry, size_t i)
{
    if (i == 0 || !entry->env_also)
        return i == 0 ? entry->env : NULL;
    return entry->env_also[i - 1];
}

// A variable that both would read; NULL: there is none.
static const char *shared_variable(const struct option *a, const struct option *b)
{
    const char *one = a->env, *other;

    for (size_t i = 0; one; one = option_variable(a, ++i)) {
        other = b->env;
        for (size_t j = 0; other; other = option_variable(b, ++j)) {
            if (strcmp(one, other) == 0)
                return one;
        }
    }
    return NULL;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

// Whether one value serves both: all but the help is alike. Policies that are made of the same
// parts declare such options; none may have words or further variables, which nobody compares.
static bool is_shared(const struct option *a, const struct option *b)
{
    return is_same_text(a->name, b->name) && is_same_text(a->env, b->env) &&
           is_same_text(a->initial, b->initial) && is_same_text(a->sets, b->sets) &&
           is_same_text(a->spelling, b->spelling) && a->kind == b->kind && a->min == b->min &&
           a->max == b->max && a->env_family == b->env_family && a->commas == b->commas &&
           a->secret == b->secret && a->env_empty == b->env_empty &&
           a->env_strict == b->env_strict && !a->env_also && !b->env_also && !a->words &&
           !b->words && strcmp(a->owner, "core") != 0;
}

// Whether the option is there already, declared alike by another policy.
static bool is_declared(const struct options *o, const struct option *entry)
{
    for (size_t i = 0; i < o->count; i++) {
        if (is_shared(o->slots[i].entry, entry))
            return true;
    }
    return false;
}

static int check_clash(const struct options *o, const struct option *entry, struct err *err)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct option *other = o->slots[i].entry;
        const char *shared = shared_variable(other, entry);

        if (strcmp(key(other), key(entry)) == 0)
            return err_set(err, "the option -%s is declared twice: by %s and by %s", key(entry),
                           other->owner, entry->owner);
        if (shared)
            return err_set(err, "the variable %s is declared twice: by %s and by %s", shared,
                           other->owner, entry->owner);
    }
    return 0;
}

// The entry whose kind and bounds count for values of this one.
static const struct option *judge_of(struct options *o, const struct option *entry)
{
    if (!entry->sets)
        return entry;

    struct option_slot *target = option_slot_find(o, entry->sets, strlen(entry->sets));

    return target ? target->entry : NULL;
}

static int check_initial(const struct option *entry, const struct option *judge, struct err *err)
{
    uint64_t number = 0;
    const char *initial = entry->initial ? option_value_word(entry, entry->initial, err) : "";

    if (!entry->initial || (initial && option_value_read(judge, OPTION_DEFAULT, initial, &number,
                                                         err) == OPTION_VALUE_OK))
        return 0;

    struct err why = *err;

    return err_set(err, "%s declares -%s with a default it does not take: %.300s", entry->owner,
                   key(entry), why.text);
}

int options_declare(struct options *o, const struct option *entry, struct err *err)
{
    if (key(entry)[0] == '\0')
        return err_set(err, "%s declares an option without a name and without a variable",
                       entry->owner);
    if (o->count == OPTION_SLOTS || o->refused_count == OPTION_SLOTS)
        return err_set(err, "more than %d options are declared", OPTION_SLOTS);
    if (entry->refused) {
        o->refused[o->refused_count++] = entry;
        return 0;
    }
    if (is_declared(o, entry))
        return 0;
    if (check_clash(o, entry, err) != 0)
        return -1;

    const struct option *judge = judge_of(o, entry);

    if (!judge)
        return err_set(err, "%s declares -%s as another name of -%s, which does not exist",
                       entry->owner, key(entry), entry->sets);
    if (check_initial(entry, judge, err) != 0)
        return -1;
    o->slots[o->count++] = (struct option_slot){ .entry = entry };
    return 0;
}

// Readers take the name of a declared option; anything else is a mistake of the program.
static const struct option_slot *slot_of(const struct options *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct option *entry = o->slots[i].entry;

        if (strcmp(key(entry), name) != 0)
            continue;
        return entry->sets ? slot_of(o, entry->sets) : &o->slots[i];
    }
    CHECK(!"an option that is read is declared");
    return NULL;
}

const char *options_text(const struct options *o, const char *name)
{
    const struct option_slot *slot = slot_of(o, name);

    CHECK(slot->entry->kind != OPTION_LIST);
    return slot->count > 0 ? slot->texts[0] : "";
}

bool options_switch(const struct options *o, const char *name)
{
    const struct option_slot *slot = slot_of(o, name);

    CHECK(slot->entry->kind == OPTION_SWITCH);
    return slot->number != 0;
}

uint64_t options_number(const struct options *o, const char *name)
{
    const struct option_slot *slot = slot_of(o, name);

    CHECK(slot->entry->kind == OPTION_NUMBER || slot->entry->kind == OPTION_OCTAL ||
          slot->entry->kind == OPTION_SIZE);
    return slot->number;
}

size_t options_list_count(const struct options *o, const char *name)
{
    const struct option_slot *slot = slot_of(o, name);

    CHECK(slot->entry->kind == OPTION_LIST);
    return slot->count;
}

const char *options_list(const struct options *o, const char *name, size_t i)
{
    const struct option_slot *slot = slot_of(o, name);

    CHECK(slot->entry->kind == OPTION_LIST && i < slot->count);
    return slot->texts[i];
}

enum option_source options_source(const struct options *o, const char *name)
{
    return slot_of(o, name)->source;
}

void options_origin(const struct options *o, const char *name, char out[OPTION_ORIGIN])
{
    const struct option_slot *slot = slot_of(o, name);

    if (slot->source == OPTION_DEFAULT)
        (void)snprintf(out, OPTION_ORIGIN, "default");
    else
        (void)snprintf(out, OPTION_ORIGIN, "%s%.60s%s", slot->source == OPTION_FLAG ? "-" : "",
                       slot->origin, slot->source == OPTION_CONFIG ? " in -config" : "");
}

void options_show(const struct options *o, const char *name, struct buffer *out)
{
    const struct option_slot *slot = slot_of(o, name);

    if (slot->entry->kind == OPTION_SWITCH) {
        buffer_add_string(out, slot->number ? "true" : "false");
        return;
    }
    for (size_t i = 0; i < slot->count; i++) {
        if (i > 0)
            buffer_add_string(out, ", ");
        buffer_add_string(out, slot->texts[i]);
    }
}

size_t options_count(const struct options *o)
{
    return o->count;
}

const struct option *options_entry(const struct options *o, size_t i)
{
    CHECK(i < o->count);
    return o->slots[i].entry;
}

bool options_declared(const struct options *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++) {
        if (strcmp(key(o->slots[i].entry), name) == 0)
            return true;
    }
    return false;
}
