#include "base/check.h"
#include "config/nearest.h"
#include "config/option_parse_parts.h"
#include "config/option_value.h"

#include <string.h>

// --- flags ---------------------------------------------------------------------------------------

struct arguments {
    int at, count;
    char *const *text;
};

static void offer_flags(struct nearest *nearest, const struct options *o)
{
    for (size_t i = 0; i < o->count; i++)
        nearest_offer(nearest, o->slots[i].entry->name);
}

static enum options_status unknown_flag(struct parse *p, struct span name)
{
    struct nearest nearest;

    nearest_init(&nearest, name);
    offer_flags(&nearest, p->o);
    if (p->words && p->words->own)
        offer_flags(&nearest, p->words->own);
    if (nearest.best)
        err_set(p->err, "unknown option -%.*s; did you mean -%s?", (int)name.len, name.at,
                nearest.best);
    else
        err_set(p->err,
                "unknown option -%.*s; neither the core nor a loaded policy has one of that name",
                (int)name.len, name.at);
    return OPTIONS_BAD_FLAG;
}

// What follows an unknown flag is most likely its value, unless it looks like a flag itself.
static void skip_unknown(struct arguments *args, bool has_value)
{
    if (!has_value && args->at < args->count && args->text[args->at][0] != '-')
        args->at++;
}

static bool is_help(struct span name)
{
    return span_is(name, SPAN("h")) || span_is(name, SPAN("help"));
}

static struct option_slot *find_flag_in(struct parse *p, struct options *set, struct span name)
{
    struct option_slot *slot = set ? option_slot_find(set, name.at, name.len) : NULL;

    if (!slot || slot->entry->name[0] == '\0')
        return NULL; // there is none, or it has a variable only
    p->set = set;
    return slot;
}

static struct option_slot *find_flag(struct parse *p, struct span name)
{
    const struct option_words *words = p->words;
    struct options *own = words ? words->own : NULL;
    bool own_first = own && words->max > 0 && words->count == words->max;
    struct option_slot *slot = find_flag_in(p, own_first ? own : p->o, name);

    return slot ? slot : find_flag_in(p, own_first ? p->o : own, name);
}

// "-allowGET=/version -allowHEAD=/_ping" as one argument: a list in compose with two in a line. The
// second, or NULL.
static const char *second_flag(struct parse *p, const char *value)
{
    const char *at = strstr(value, " -");

    for (; at; at = strstr(at + 1, " -")) {
        const char *name = at + (at[2] == '-' ? 3 : 2);
        struct span bare = { name, strcspn(name, "= ") };

        if (bare.len > 0 && find_flag(p, bare))
            return at + 1;
    }
    return NULL;
}

static enum options_status put_flag(struct parse *p, struct option_slot *slot, const char *value)
{
    struct options *set = p->set;
    const char *second = p->lenient ? NULL : second_flag(p, value);

    p->set = set; // where 'slot' is
    if (!second)
        return option_put(p, slot, value);
    err_set(p->err, "-%s: \"%.200s\" holds two options; make an argument of its own of %.200s",
            slot->entry->name, value, second);
    return OPTIONS_BAD_FLAG;
}

static enum options_status parse_flag(struct parse *p, struct arguments *args, const char *name)
{
    const char *equals = strchr(name, '=');
    struct span bare = { name, equals ? (size_t)(equals - name) : strlen(name) };
    struct option_slot *slot = find_flag(p, bare);

    if (!slot && p->lenient) {
        skip_unknown(args, equals != NULL);
        return OPTIONS_OK;
    }
    if (!slot)
        return is_help(bare) ? OPTIONS_HELP : unknown_flag(p, bare);
    if (equals)
        return put_flag(p, slot, equals + 1);
    if (option_value_may_lack(slot->entry, option_slot_target(p->set, slot)->entry))
        return option_put(p, slot, "true");
    if (args->at == args->count) {
        err_set(p->err, "-%s needs a value, as in -%s=...", slot->entry->name, slot->entry->name);
        return OPTIONS_BAD_FLAG;
    }
    return put_flag(p, slot, args->text[args->at++]);
}

bool option_is_variable(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strspn(word, letters);

    return len > 0 && word[len] == '=' && !(word[0] >= '0' && word[0] <= '9');
}

// Go would stop here and drop the rest of the line without a word. The usual cause is a switch
// with its value behind a space.
static enum options_status parse_word(struct parse *p, const char *word, const char *before)
{
    if (option_is_variable(word)) {
        err_set(p->err,
                "unexpected argument \"%.200s\": variables go in front of the command, or, with "
                "compare, in front of the options",
                word);
        return OPTIONS_BAD_FLAG;
    }
    if (p->words && p->words->count < p->words->max) {
        p->words->at[p->words->count++] = word;
        return OPTIONS_OK;
    }
    if (before && before[0] == '-' && !strchr(before, '='))
        err_set(p->err,
                "unexpected argument \"%.200s\": %.100s is a switch and takes a value only "
                "with =, as in %.100s=%.100s",
                word, before, before, word);
    else
        err_set(p->err, "unexpected argument \"%.200s\": options begin with a dash", word);
    return OPTIONS_BAD_FLAG;
}

static enum options_status parse_argument(struct parse *p, struct arguments *args, bool *flags_end)
{
    const char *arg = args->text[args->at++];
    const char *before = args->at > 1 ? args->text[args->at - 2] : NULL;

    if (*flags_end || arg[0] != '-' || arg[1] == '\0')
        return parse_word(p, arg, *flags_end ? NULL : before);
    if (strcmp(arg, "--") == 0) {
        *flags_end = true;
        return OPTIONS_OK;
    }

    const char *name = arg + (arg[1] == '-' ? 2 : 1);

    if (name[0] == '-' || name[0] == '=') {
        err_set(p->err, "\"%.200s\" is no option: expected -name, -name=value or --name", arg);
        return OPTIONS_BAD_FLAG;
    }
    return parse_flag(p, args, name);
}

static enum options_status parse_flags(struct parse *p, int argc, char *const *argv)
{
    struct arguments args = { 0, argc, argv };
    bool flags_end = false;

    p->source = OPTION_FLAG;
    while (args.at < args.count) {
        enum options_status status = parse_argument(p, &args, &flags_end);

        if (status != OPTIONS_OK && !p->lenient)
            return status;
    }
    return OPTIONS_OK;
}

// --- defaults ------------------------------------------------------------------------------------

// A policy's default for another name of a core option goes before the core's own, since the
// program it emulates had that default.
static int set_default(struct parse *p, struct option_slot *slot)
{
    struct option_slot *target = option_slot_target(p->set, slot);
    const char *initial = slot->entry->initial;
    uint64_t number = 0;

    if (!initial || target->source != OPTION_DEFAULT)
        return 0;
    initial = option_value_word(slot->entry, initial, p->err);
    if (!initial || option_value_read(target->entry, OPTION_DEFAULT, initial, &number, p->err) !=
                        OPTION_VALUE_OK)
        return option_complain(p, "-", span_of(slot->entry->name));
    option_slot_clear(target);
    if (!slot->entry->commas)
        return option_slot_put(target, span_of(initial), number, p->err);
    for (struct span piece; option_value_piece(&initial, &piece);) {
        if (option_slot_put(target, piece, 0, p->err) != 0)
            return -1;
    }
    return 0;
}

static int set_defaults(struct parse *p, struct options *set)
{
    p->set = set;
    for (size_t i = 0; i < set->count; i++) {
        if (!set->slots[i].entry->sets && set_default(p, &set->slots[i]) != 0)
            return -1;
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->slots[i].entry->sets && set_default(p, &set->slots[i]) != 0)
            return -1;
    }
    return 0;
}

static enum options_status parse_all(struct parse *p, int argc, char *const *argv,
                                     char *const *environ)
{
    enum options_status status = parse_flags(p, argc, argv);

    if (status == OPTIONS_OK)
        status = option_variables(p, environ);
    if (status != OPTIONS_OK)
        return status;
    if (set_defaults(p, p->o) != 0)
        return OPTIONS_BAD_VALUE;
    if (p->words && p->words->own && set_defaults(p, p->words->own) != 0)
        return OPTIONS_BAD_VALUE;
    return OPTIONS_OK;
}

enum options_status options_parse(struct options *o, int argc, char *const *argv,
                                  char *const *environ, struct option_words *words, struct err *err)
{
    struct parse p = { .o = o, .words = words, .err = err };

    return parse_all(&p, argc, argv, environ);
}

int options_take(struct options *o, const char *name, const char *value, struct err *err)
{
    struct option_slot *slot = option_slot_find(o, name, strlen(name));
    struct parse p = { .o = o, .set = o, .source = OPTION_CONFIG, .err = err };

    CHECK(slot);
    return option_put(&p, slot, value) == OPTIONS_OK ? 0 : -1;
}

int options_scan(struct options *o, int argc, char *const *argv, char *const *environ,
                 struct err *err)
{
    struct option_words words = { .max = 0 };
    struct parse p = { .o = o, .words = &words, .lenient = true, .err = err };

    return parse_all(&p, argc, argv, environ) == OPTIONS_OK ? 0 : -1;
}
