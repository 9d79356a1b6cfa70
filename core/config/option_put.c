#include "config/haproxy_bind.h"
#include "config/option_parse_parts.h"
#include "config/option_value.h"

#include <string.h>

int option_complain(struct parse *p, const char *dash, struct span name)
{
    struct err why = *p->err;

    return err_set(p->err, "%s%.*s: %s", dash, (int)(name.len < 100 ? name.len : 100), name.at,
                   why.text);
}

// What the value that is put stands behind, for messages.
static const char *name_of(const struct parse *p, const struct option *entry)
{
    if (p->source == OPTION_ENV)
        return p->variable;
    return entry->name[0] != '\0' ? entry->name : entry->env;
}

static const char *dash_of(const struct parse *p)
{
    return p->source == OPTION_FLAG ? "-" : "";
}

// How numbers and switches are written there. In a file an option is what it is elsewhere.
static enum option_source writing(const struct parse *p, const struct option *entry)
{
    if (p->source != OPTION_CONFIG)
        return p->source;
    return entry->name[0] != '\0' ? OPTION_FLAG : OPTION_ENV;
}

// Puts a value that was read into the slot it belongs to, unless something stronger was there.
static int store(struct parse *p, struct option_slot *slot, struct span text, uint64_t number)
{
    struct option_slot *target = option_slot_target(p->set, slot);
    bool is_list = target->entry->kind == OPTION_LIST;
    const char *origin = name_of(p, slot->entry);

    if (target->source > p->source)
        return 0;
    // Of a variable that stands in the environment twice the first counts, as in Go. Two variables
    // for the same thing are a riddle for the reader, so they have to agree.
    if (p->source == OPTION_ENV && target->source == OPTION_ENV && !is_list) {
        if (strcmp(origin, target->origin) == 0)
            return 0;
        if (target->count > 0 && span_is(text, span_of(target->texts[0])))
            return 0;
        err_set(p->err, "%s is set as well and means the same option; keep one of them",
                target->origin);
        return option_complain(p, "", span_of(origin));
    }
    if (target->source < p->source)
        option_slot_clear(target);
    target->source = p->source;
    target->origin = origin;
    return option_slot_put(target, text, number, p->err);
}

// What is wrong with a value quotes it.
static void hide_secret(struct parse *p, const struct option *entry)
{
    if (entry->secret)
        err_set(p->err,
                "the value is not what is expected; it is secret and not shown here: look for "
                "quotes or blanks around it");
}

// Several listeners in HAProxy's words. That the entry has a spelling means that it sets a list.
static int put_bind(struct parse *p, struct option_slot *slot, const char *text)
{
    struct haproxy_bind bind;
    char url[HAPROXY_BIND_URL];

    if (haproxy_bind_read(text, &bind, p->err) != 0)
        return option_complain(p, "", span_of(p->variable));
    while (haproxy_bind_next(&bind, url)) {
        if (store(p, slot, span_of(url), 0) != 0)
            return -1;
    }
    return 0;
}

// Whether quotes and the like around a value are a mistake. Lists of regular expressions are their
// policies' to look at, and switches as HAProxy has them are what it makes of them.
static bool is_plain(const struct option *entry, const struct option *judge)
{
    return !entry->env_strict && (judge->kind != OPTION_LIST || judge->commas);
}

// A list in one value: "a, b". Empty pieces are nothing, as empty variables are; a flag that is
// empty makes the list so.
static int put_pieces(struct parse *p, struct option_slot *slot, const char *text)
{
    struct span piece;

    if (text[0] == '\0')
        return store(p, slot, span_of(text), 0);
    while (option_value_piece(&text, &piece)) {
        if (option_value_plain(slot->entry, writing(p, slot->entry), piece, p->err) != 0) {
            hide_secret(p, slot->entry);
            return option_complain(p, dash_of(p), span_of(name_of(p, slot->entry)));
        }
        if (store(p, slot, piece, 0) != 0)
            return -1;
    }
    return 0;
}

enum options_status option_put(struct parse *p, struct option_slot *slot, const char *text)
{
    const struct option *entry = option_slot_target(p->set, slot)->entry;
    bool is_env = p->source == OPTION_ENV;
    enum option_source source = writing(p, slot->entry);
    uint64_t number = 0;
    enum option_value_status status = OPTION_VALUE_SYNTAX;

    if (slot->entry->spelling && is_env)
        return put_bind(p, slot, text) == 0 ? OPTIONS_OK : OPTIONS_BAD_VALUE;
    if (slot->entry->commas)
        return put_pieces(p, slot, text) == 0 ? OPTIONS_OK : OPTIONS_BAD_VALUE;
    if (is_plain(slot->entry, entry) &&
        option_value_plain(entry, source, span_of(text), p->err) != 0)
        text = NULL;
    else
        text = option_value_word(slot->entry, text, p->err);
    if (text)
        status = option_value_read(entry, source, text, &number, p->err);

    if (status != OPTION_VALUE_OK) {
        hide_secret(p, slot->entry);
        option_complain(p, dash_of(p), span_of(name_of(p, slot->entry)));
        return is_env || status == OPTION_VALUE_RANGE ? OPTIONS_BAD_VALUE : OPTIONS_BAD_FLAG;
    }
    return store(p, slot, span_of(text), number) == 0 ? OPTIONS_OK : OPTIONS_BAD_VALUE;
}
