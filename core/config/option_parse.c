#include "config/nearest.h"
#include "config/option_slot.h"
#include "config/option_value.h"

#include <string.h>

// Both passes carry the same things around.
struct parse {
    struct options *o;
    struct option_words *words;
    struct options *set; // where the option of this moment was found: 'o', or the command's own
    bool lenient;        // a scan: skip what is wrong
    enum option_source source; // of the values that are put now
    struct err *err;
};

// "-listen" or "SP_LISTENIP": how a value was given, in messages.
static int complain(struct parse *p, const char *dash, struct span name)
{
    struct err why = *p->err;

    return err_set(p->err, "%s%.*s: %s", dash, (int)(name.len < 100 ? name.len : 100), name.at,
                   why.text);
}

// Puts a value that was read into the slot it belongs to, unless something stronger was there.
static int store(struct parse *p, struct option_slot *slot, struct span text, uint64_t number)
{
    struct option_slot *target = option_slot_target(p->set, slot);
    bool is_list = target->entry->kind == OPTION_LIST;
    const char *origin = p->source == OPTION_ENV ? slot->entry->env : slot->entry->name;

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
        return complain(p, "", span_of(origin));
    }
    if (target->source < p->source)
        option_slot_clear(target);
    target->source = p->source;
    target->origin = origin;
    return option_slot_put(target, text, number, p->err);
}

static enum options_status put(struct parse *p, struct option_slot *slot, const char *text)
{
    const struct option *entry = option_slot_target(p->set, slot)->entry;
    bool is_env = p->source == OPTION_ENV;
    const char *name = is_env ? slot->entry->env : slot->entry->name;
    uint64_t number = 0;
    enum option_value_status status = option_value_read(entry, p->source, text, &number, p->err);

    if (status != OPTION_VALUE_OK) {
        complain(p, is_env ? "" : "-", span_of(name));
        return is_env || status == OPTION_VALUE_RANGE ? OPTIONS_BAD_VALUE : OPTIONS_BAD_FLAG;
    }
    return store(p, slot, span_of(text), number) == 0 ? OPTIONS_OK : OPTIONS_BAD_VALUE;
}

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
    bool own_first = own && words->count == words->max;
    struct option_slot *slot = find_flag_in(p, own_first ? own : p->o, name);

    return slot ? slot : find_flag_in(p, own_first ? p->o : own, name);
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
        return put(p, slot, equals + 1);
    if (option_slot_target(p->set, slot)->entry->kind == OPTION_SWITCH)
        return put(p, slot, "true");
    if (args->at == args->count) {
        err_set(p->err, "-%s needs a value, as in -%s=...", slot->entry->name, slot->entry->name);
        return OPTIONS_BAD_FLAG;
    }
    return put(p, slot, args->text[args->at++]);
}

// Go would stop here and drop the rest of the line without a word. The usual cause is a switch
// with its value behind a space.
static enum options_status parse_word(struct parse *p, const char *word, const char *before)
{
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

// --- variables -----------------------------------------------------------------------------------

// The slot whose variable this is: its own name, or for a family the name and "_anything" behind.
static struct option_slot *find_variable(struct options *o, struct span name)
{
    struct option_slot *family = NULL;

    for (size_t i = 0; i < o->count; i++) {
        const struct option *entry = o->slots[i].entry;
        struct span env = span_of(entry->env);

        if (env.len == 0 || !span_starts(name, env))
            continue;
        if (name.len == env.len)
            return &o->slots[i];
        if (entry->env_family && name.at[env.len] == '_' &&
            (!family || env.len > strlen(family->entry->env)))
            family = &o->slots[i];
    }
    return family;
}

// Up to and with the first underscore: "SP_". Only core options and families claim a prefix; a
// policy's DOCKER_SOCKET does not make DOCKER_HOST a mistake.
static struct span prefix_of(const struct option *entry)
{
    const char *underscore = entry->env ? strchr(entry->env, '_') : NULL;

    if (!underscore || (!entry->env_family && strcmp(entry->owner, "core") != 0))
        return (struct span){ NULL, 0 };
    return (struct span){ entry->env, (size_t)(underscore - entry->env) + 1 };
}

// Kubernetes and docker --link put variables about a service called "moonward" or "sp" into every
// container: MOONWARD_PORT, MOONWARD_PORT_2375_TCP_ADDR, MOONWARD_SERVICE_HOST. Nobody wrote those.
static bool is_service_link(struct span rest)
{
    bool is_port = span_starts(rest, SPAN("PORT_")) && rest.len > 5;

    return span_is(rest, SPAN("PORT")) || span_is(rest, SPAN("SERVICE_HOST")) ||
           span_is(rest, SPAN("SERVICE_PORT")) || span_starts(rest, SPAN("SERVICE_PORT_")) ||
           (is_port && rest.at[5] >= '0' && rest.at[5] <= '9');
}

static bool looks_like_ours(const struct options *o, struct span name)
{
    for (size_t i = 0; i < o->count; i++) {
        struct span prefix = prefix_of(o->slots[i].entry);

        if (prefix.len > 0 && span_starts(name, prefix))
            return !is_service_link((struct span){ name.at + prefix.len, name.len - prefix.len });
    }
    return false;
}

static enum options_status unknown_variable(struct parse *p, struct span name)
{
    struct nearest nearest;
    int len = (int)(name.len < 100 ? name.len : 100);

    nearest_init(&nearest, name);
    for (size_t i = 0; i < p->o->count; i++)
        nearest_offer(&nearest, p->o->slots[i].entry->env);
    if (nearest.best)
        err_set(p->err, "unknown variable %.*s; did you mean %s?", len, name.at, nearest.best);
    else
        err_set(p->err,
                "unknown variable %.*s; neither the core nor a loaded policy has one of that name",
                len, name.at);
    return OPTIONS_BAD_VALUE;
}

// A list in one variable: "a,b". Empty pieces are nothing, as empty variables are.
static enum options_status put_pieces(struct parse *p, struct option_slot *slot, const char *value)
{
    while (*value != '\0') {
        size_t len = strcspn(value, ",");

        if (len > 0 && store(p, slot, (struct span){ value, len }, 0) != 0)
            return OPTIONS_BAD_VALUE;
        value += len + (value[len] == ',');
    }
    return OPTIONS_OK;
}

static enum options_status parse_variable(struct parse *p, const char *line)
{
    const char *equals = strchr(line, '=');

    if (!equals || equals[1] == '\0')
        return OPTIONS_OK; // set to nothing is not set

    struct span name = { line, (size_t)(equals - line) };
    struct option_slot *slot = find_variable(p->o, name);

    if (!slot)
        return looks_like_ours(p->o, name) ? unknown_variable(p, name) : OPTIONS_OK;
    if (slot->entry->env_commas)
        return put_pieces(p, slot, equals + 1);
    return put(p, slot, equals + 1);
}

static enum options_status parse_variables(struct parse *p, char *const *environ)
{
    p->source = OPTION_ENV;
    p->set = p->o;
    for (; environ && *environ; environ++) {
        enum options_status status = parse_variable(p, *environ);

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
    if (option_value_read(target->entry, OPTION_DEFAULT, initial, &number, p->err) !=
        OPTION_VALUE_OK)
        return complain(p, "-", span_of(slot->entry->name));
    option_slot_clear(target);
    return option_slot_put(target, span_of(initial), number, p->err);
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
        status = parse_variables(p, environ);
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

int options_scan(struct options *o, int argc, char *const *argv, char *const *environ,
                 struct err *err)
{
    struct option_words words = { .max = 0 };
    struct parse p = { .o = o, .words = &words, .lenient = true, .err = err };

    return parse_all(&p, argc, argv, environ) == OPTIONS_OK ? 0 : -1;
}
