#include "config/nearest.h"
#include "config/option_parse_parts.h"

#include <string.h>
#include <strings.h>

// The variable of an entry that is called so; NULL: none.
static const char *own_variable(const struct option *entry, struct span name)
{
    const char *variable = entry->env;

    for (size_t i = 0; variable; variable = option_variable(entry, ++i)) {
        if (span_is(span_of(variable), name))
            return variable;
    }
    return NULL;
}

static bool is_of_family(const struct option *entry, struct span name)
{
    struct span env = span_of(entry->env);

    return entry->env_family && span_starts(name, env) && name.len > env.len &&
           name.at[env.len] == '_';
}

// The slot whose variable this is: by its own name, or for a family by the name and "_anything"
// behind. *variable becomes the name as the entry has it.
static struct option_slot *find_variable(struct options *o, struct span name, const char **variable)
{
    struct option_slot *family = NULL;

    for (size_t i = 0; i < o->count; i++) {
        const struct option *entry = o->slots[i].entry;

        *variable = own_variable(entry, name);
        if (*variable)
            return &o->slots[i];
        if (is_of_family(entry, name) &&
            (!family || strlen(entry->env) > strlen(family->entry->env)))
            family = &o->slots[i];
    }
    if (family)
        *variable = family->entry->env;
    return family;
}

// The value of a variable; NULL: it is not there.
static const char *value_of(char *const *environ, struct span name)
{
    for (; *environ; environ++) {
        struct span line = span_of(*environ);

        if (line.len > name.len && line.at[name.len] == '=' && span_starts(line, name))
            return line.at + name.len + 1;
    }
    return NULL;
}

static bool is_set(char *const *environ, struct span name)
{
    const char *value = value_of(environ, name);

    return value && value[0] != '\0';
}

// Whether another name of the same variable goes before this one. Nobody looks at the weaker one
// then, not even to see whether it could be read.
static bool is_overruled(const struct option *entry, const char *variable, char *const *environ)
{
    const char *stronger = entry->env;

    for (size_t i = 0; stronger && strcmp(stronger, variable) != 0;
         stronger = option_variable(entry, ++i)) {
        if (is_set(environ, span_of(stronger)))
            return true;
    }
    return false;
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

// What a switch is set to, in anybody's words: "1", "yes".
static bool is_switch(const char *value)
{
    static const char *const words[] = { "0",   "1",  "f", "false", "n", "no",
                                         "off", "on", "t", "true",  "y", "yes" };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(value, words[i]) == 0)
            return true;
    }
    return false;
}

// One letter off, or two in a long name.
static bool is_nearly(const char *variable, struct span name)
{
    struct nearest nearest;

    nearest_init(&nearest, name);
    nearest.distance = name.len < 8 ? 2 : 3;
    nearest_offer(&nearest, variable);
    return nearest.best != NULL;
}

// Whether it begins as the plainest of the entry's names does: "ALLOW_".
static bool has_prefix_of(const char *variable, struct span name)
{
    const char *underscore = strchr(variable, '_');

    return underscore &&
           span_starts(name, (struct span){ variable, (size_t)(underscore - variable) + 1 });
}

// Whether it is nearly one of the entry's names, or begins as the plainest does.
static bool looks_like(const struct option *entry, struct span name)
{
    const char *variable = entry->env, *plainest = variable;

    for (size_t n = 0; variable; variable = option_variable(entry, ++n)) {
        if (is_nearly(variable, name))
            return true;
        plainest = variable;
    }
    return entry->env_strict && has_prefix_of(plainest, name);
}

// CONTAINER=1 and ALLOW_STRAT=1 are meant for a policy that has CONTAINERS and ALLOW_START; and
// CONTAINER_NAME=web for one that has CONTAINER_NAMES, unless that is there as well.
static bool looks_misspelt(const struct options *o, struct span name, const char *value,
                           char *const *environ)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct option *entry = o->slots[i].entry;
        bool counts = (entry->env_near && !value_of(environ, span_of(entry->env))) ||
                      (entry->env_strict && is_switch(value));

        if (counts && looks_like(entry, name))
            return true;
    }
    return false;
}

static void offer_variables(struct nearest *nearest, const struct option *entry)
{
    const char *variable = entry->env;

    for (size_t i = 0; variable; variable = option_variable(entry, ++i))
        nearest_offer(nearest, variable);
}

static enum options_status unknown_variable(struct parse *p, struct span name)
{
    struct nearest nearest;
    int len = (int)(name.len < 100 ? name.len : 100);

    nearest_init(&nearest, name);
    for (size_t i = 0; i < p->o->count; i++)
        offer_variables(&nearest, p->o->slots[i].entry);
    if (nearest.best)
        err_set(p->err, "unknown variable %.*s; did you mean %s?", len, name.at, nearest.best);
    else
        err_set(p->err,
                "unknown variable %.*s; neither the core nor a loaded policy has one of that name",
                len, name.at);
    return OPTIONS_BAD_VALUE;
}

// Why nobody may set this variable; NULL: nobody minds.
static const char *refusal_of(const struct options *o, struct span name)
{
    for (size_t i = 0; i < o->refused_count; i++) {
        if (span_is(span_of(o->refused[i]->env), name))
            return o->refused[i]->refused;
    }
    return NULL;
}

// A list in one variable: "a,b". Empty pieces are nothing, as empty variables are.
static enum options_status put_pieces(struct parse *p, struct option_slot *slot, const char *value)
{
    while (*value != '\0') {
        size_t len = strcspn(value, ",");

        if (len > 0 && option_put_piece(p, slot, (struct span){ value, len }) != 0)
            return OPTIONS_BAD_VALUE;
        value += len + (value[len] == ',');
    }
    return OPTIONS_OK;
}

static enum options_status parse_variable(struct parse *p, const char *line, char *const *environ)
{
    const char *equals = strchr(line, '=');

    if (!equals)
        return OPTIONS_OK;

    const char *value = equals + 1;
    struct span name = { line, (size_t)(equals - line) };
    struct option_slot *slot = find_variable(p->o, name, &p->variable);

    if (value[0] == '\0' && !(slot && slot->entry->env_empty))
        return OPTIONS_OK; // set to nothing is not set
    if (!slot && refusal_of(p->o, name)) {
        err_set(p->err, "unknown variable %.*s: %s", (int)name.len, name.at,
                refusal_of(p->o, name));
        return OPTIONS_BAD_VALUE;
    }
    if (!slot) {
        bool is_ours = looks_like_ours(p->o, name) || looks_misspelt(p->o, name, value, environ);

        return is_ours ? unknown_variable(p, name) : OPTIONS_OK;
    }
    if (is_overruled(slot->entry, p->variable, environ))
        return OPTIONS_OK;
    if (slot->entry->env_commas)
        return put_pieces(p, slot, value);
    return option_put(p, slot, value);
}

enum options_status option_variables(struct parse *p, char *const *environ)
{
    p->source = OPTION_ENV;
    p->set = p->o;
    for (char *const *line = environ; line && *line; line++) {
        enum options_status status = parse_variable(p, *line, environ);

        if (status != OPTIONS_OK && !p->lenient)
            return status;
    }
    return OPTIONS_OK;
}
