#include "config/option_hint.h"

#include "base/buffer.h"
#include "config/option_slot.h"

#include <stdio.h>
#include <string.h>

// Whether somebody wrote variables and no flag at all, as in a compose file.
static bool uses_variables(const struct options *o)
{
    bool any = false;

    for (size_t i = 0; i < o->count; i++) {
        if (o->slots[i].source == OPTION_FLAG)
            return false;
        any = any || o->slots[i].source == OPTION_ENV;
    }
    return any;
}

// The slot of a hint's flag; NULL: it begins with none. *value is what stands behind the "=", or
// NULL.
static const struct option_slot *slot_of(const struct options *o, const char *hint,
                                         const char **value)
{
    struct span name = { hint + 1, hint[0] == '-' ? strcspn(hint + 1, "= ") : 0 };

    *value = name.len > 0 && name.at[name.len] == '=' ? name.at + name.len + 1 : NULL;
    for (size_t i = 0; name.len > 0 && i < o->count; i++) {
        if (!o->slots[i].entry->sets && span_is(span_of(o->slots[i].entry->name), name))
            return &o->slots[i];
    }
    return NULL;
}

// A list's default, which counts no longer once something is set.
static const char *lost_default(const struct option_slot *slot)
{
    bool is_lost = slot->entry->kind == OPTION_LIST && slot->source == OPTION_DEFAULT;

    return is_lost && slot->count > 0 ? slot->entry->initial : NULL;
}

static void as_flag(const struct option_slot *slot, const char *hint, struct buffer *out)
{
    const char *before = lost_default(slot);

    if (before)
        buffer_printf(out, "-%s=%s ", slot->entry->name, before);
    buffer_add_string(out, hint);
}

// A variable that adds to those of its family: one that nobody has set.
static void as_member(const struct option_slot *slot, const char *variable, const char *value,
                      struct buffer *out)
{
    const char *before = lost_default(slot);
    unsigned long next = slot->last_member < 2 ? 2 : slot->last_member + 1;

    if (before)
        buffer_printf(out, "%s=%s ", variable, before);
    if (slot->count > 0)
        buffer_printf(out, "%s_%lu=%s", variable, next, value);
    else
        buffer_printf(out, "%s=%s", variable, value);
}

// A variable that holds the whole list.
static void as_list(const struct option_slot *slot, const char *variable, const char *value,
                    struct buffer *out)
{
    buffer_printf(out, "%s=", variable);
    for (size_t i = 0; i < slot->count; i++)
        buffer_printf(out, "%s,", slot->texts[i]);
    buffer_add_string(out, value);
}

// A list of which a variable holds one entry only: what one adds needs a flag.
static bool is_single(const struct option *entry)
{
    return entry->kind == OPTION_LIST && !entry->env_family && !entry->commas;
}

static void as_variable(const struct option_slot *slot, const char *value, struct buffer *out)
{
    const char *variable = slot->source == OPTION_ENV ? slot->origin : slot->entry->env;

    if (slot->entry->kind == OPTION_SWITCH)
        buffer_printf(out, "%s=true", variable);
    else if (slot->entry->env_family)
        as_member(slot, slot->entry->env, value, out);
    else if (slot->entry->kind == OPTION_LIST)
        as_list(slot, variable, value, out);
    else
        buffer_printf(out, "%s=%s", variable, value);
}

void option_hint(const struct options *o, const char *hint, char *out, size_t size)
{
    const char *value = NULL;
    const struct option_slot *slot = slot_of(o, hint, &value);
    struct buffer text;

    buffer_init(&text, size * 4);
    if (!slot)
        buffer_add_string(&text, hint);
    else if (slot->entry->env && !slot->entry->secret && !is_single(slot->entry) &&
             (slot->source == OPTION_ENV || (slot->source == OPTION_DEFAULT && uses_variables(o))))
        as_variable(slot, value ? value : "", &text);
    else
        as_flag(slot, hint, &text);
    // A list that was cut would take away what it lacks.
    if (text.failed || text.len >= size)
        (void)snprintf(out, size, "%s, added to what is set", hint);
    else
        (void)snprintf(out, size, "%.*s", (int)text.len, text.data ? text.data : "");
    buffer_clear(&text);
}
