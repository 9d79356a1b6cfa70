#include "base/number.h"
#include "config/nearest.h"
#include "config/option_parse_parts.h"
#include "config/option_value.h"

#include <string.h>
#include <strings.h>

#define MEMBER_MAX 1000000 // of numbers behind a family's name

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

static bool is_core(const struct option *entry)
{
    return strcmp(entry->owner, "core") == 0;
}

// Whether another name of the same variable goes before this one. Nobody looks at the weaker one
// then, not even to see whether it could be read. Names of a core option are equals.
static bool is_overruled(const struct option *entry, const char *variable, char *const *environ)
{
    const char *stronger = is_core(entry) ? NULL : entry->env;

    for (size_t i = 0; stronger && strcmp(stronger, variable) != 0;
         stronger = option_variable(entry, ++i)) {
        if (is_set(environ, span_of(stronger)))
            return true;
    }
    return false;
}

static bool starts_in_any_case(struct span name, struct span prefix)
{
    return name.len >= prefix.len && strncasecmp(name.at, prefix.at, prefix.len) == 0;
}

// Up to and with the first underscore: "SP_". 0: it has none.
static size_t prefix_length(struct span variable)
{
    const char *underscore = variable.len > 0 ? memchr(variable.at, '_', variable.len) : NULL;

    return underscore ? (size_t)(underscore - variable.at) + 1 : 0;
}

static struct span prefix_of(const char *variable)
{
    return (struct span){ variable, prefix_length(span_of(variable)) };
}

// Only core options and families claim a prefix; a policy's DOCKER_SOCKET does not make DOCKER_HOST
// a mistake.
static struct span claimed_prefix(const struct option *entry, struct span name)
{
    const char *variable = entry->env_family || is_core(entry) ? entry->env : NULL;

    for (size_t i = 0; variable; variable = option_variable(entry, ++i)) {
        struct span prefix = prefix_of(variable);

        if (prefix.len > 0 && starts_in_any_case(name, prefix))
            return prefix;
    }
    return (struct span){ NULL, 0 };
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
        struct span prefix = claimed_prefix(o->slots[i].entry, name);

        if (prefix.len > 0)
            return !is_service_link((struct span){ name.at + prefix.len, name.len - prefix.len });
    }
    return false;
}

static bool is_one_of(struct span word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == word.len && strncasecmp(word.at, words[i], word.len) == 0)
            return true;
    }
    return false;
}

// ALLOWED_PATHS, DENY_METHODS: a rule that somebody believes in, and that nothing reads.
static bool sounds_like_a_rule(struct span name)
{
    static const char *const verbs[] = { "ALLOW",  "ALLOWED", "BLOCK",  "BLOCKED",
                                         "DENIED", "DENY",    "FORBID", "FORBIDDEN" };
    static const char *const nouns[] = {
        "CONTAINER",  "CONTAINERS", "DELETE", "ENDPOINT", "ENDPOINTS", "EXEC",    "GET",
        "HEAD",       "IMAGE",      "IMAGES", "METHOD",   "METHODS",   "NETWORK", "NETWORKS",
        "OPERATIONS", "PATCH",      "PATH",   "PATHS",    "POST",      "PUT",     "REQUEST",
        "REQUESTS",   "ROUTE",      "ROUTES", "URL",      "URLS",      "VOLUME",  "VOLUMES",
    };
    const char *underscore = memchr(name.at, '_', name.len);

    if (!underscore)
        return false;

    struct span verb = { name.at, (size_t)(underscore - name.at) };
    struct span noun = { underscore + 1, name.len - verb.len - 1 };

    return is_one_of(verb, verbs, ARRAY_LEN(verbs)) && is_one_of(noun, nouns, ARRAY_LEN(nouns));
}

// What a switch is set to, in anybody's words: "1", "yes".
static bool is_switch(const char *value)
{
    static const char *const words[] = { "0",   "1",  "f", "false", "n", "no",
                                         "off", "on", "t", "true",  "y", "yes" };

    return is_one_of(span_of(value), words, ARRAY_LEN(words));
}

// One letter off, or two in a name of some length.
static bool is_nearly(const char *variable, struct span name, size_t long_from)
{
    struct nearest nearest;

    nearest_init(&nearest, name);
    nearest.distance = name.len < long_from ? 2 : 3;
    nearest_offer(&nearest, variable);
    return nearest.best != NULL;
}

// Whether it begins as the plainest of the entry's names does: "ALLOW_".
static bool has_prefix_of(const char *variable, struct span name)
{
    struct span prefix = prefix_of(variable);

    return prefix.len > 0 && span_starts(name, prefix);
}

// Whether it is nearly one of the entry's names, or begins as the plainest does. PORTS=1 is POST=1
// with two slips; where any value counts, a short name has to be nearer.
static bool looks_like(const struct option *entry, struct span name)
{
    const char *variable = entry->env, *plainest = variable;

    for (size_t n = 0; variable; variable = option_variable(entry, ++n)) {
        if (is_nearly(variable, name, entry->env_strict ? 5 : 8))
            return true;
        plainest = variable;
    }
    return entry->env_strict && has_prefix_of(plainest, name);
}

// CONTAINER=1 and ALLOW_STRAT=1 are meant for a policy that has CONTAINERS and ALLOW_START; and
// CONTAINER_NAME=web for one that has CONTAINER_NAMES, unless that is there as well. MONWARD_POLICY
// is the core's.
#define LONG_NAME 10
static bool looks_misspelt(const struct options *o, struct span name, const char *value,
                           char *const *environ)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct option *entry = o->slots[i].entry;
        bool counts = (entry->env_near && !value_of(environ, span_of(entry->env))) ||
                      (entry->env_strict && is_switch(value)) ||
                      (is_core(entry) && name.len >= LONG_NAME);

        if (counts && looks_like(entry, name))
            return true;
    }
    return false;
}

// Offers what stands behind the prefix of each name that has a known one, or, without 'stems', the
// whole names. *best becomes the whole name of whatever is nearest so far.
static void offer_variables(struct nearest *nearest, const struct option *entry, bool stems,
                            const char **best)
{
    const char *variable = entry->env;

    for (size_t i = 0; variable; variable = option_variable(entry, ++i)) {
        size_t skip = claimed_prefix(entry, span_of(variable)).len;
        const char *before = nearest->best;

        if (!stems || skip > 0)
            nearest_offer(nearest, variable + (stems ? skip : 0));
        if (nearest->best != before)
            *best = variable;
    }
}

// The name that was most likely meant: SP_ALLOWFROM for MOONWARD_ALLOWFROM, too. NULL: none is
// near.
static const char *nearest_variable(const struct options *o, struct span name)
{
    struct nearest nearest;
    const char *best = NULL;
    size_t prefix = looks_like_ours(o, name) ? prefix_length(name) : 0;

    // What is behind a prefix that is right is what was misspelt.
    nearest_init(&nearest, (struct span){ name.at + prefix, name.len - prefix });
    for (size_t i = 0; i < o->count; i++)
        offer_variables(&nearest, o->slots[i].entry, prefix > 0, &best);
    if (best || prefix == 0)
        return best;
    nearest_init(&nearest, name);
    nearest.distance = 4; // or the prefix alone would be near
    for (size_t i = 0; i < o->count; i++)
        offer_variables(&nearest, o->slots[i].entry, false, &best);
    return best;
}

static enum options_status unknown_variable(struct parse *p, struct span name)
{
    const char *best = nearest_variable(p->o, name);
    int len = (int)(name.len < 100 ? name.len : 100);

    if (best)
        err_set(p->err, "unknown variable %.*s; did you mean %s?", len, name.at, best);
    else if (sounds_like_a_rule(name))
        err_set(p->err,
                "unknown variable %.*s; it sounds like a rule, and nothing reads it: what is "
                "allowed a policy says (MOONWARD_POLICY; `moonward -help` lists its variables)",
                len, name.at);
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

// SP_ALLOW_GET_2: the next one that somebody adds has a higher number.
static void note_member(struct option_slot *slot, struct span name)
{
    struct span env = span_of(slot->entry->env);
    uint64_t n = 0;

    if (!is_of_family(slot->entry, name))
        return;
    name.at += env.len + 1;
    name.len -= env.len + 1;
    if (number_read(name, 10, MEMBER_MAX, &n) == 0 && n > slot->last_member)
        slot->last_member = (unsigned)n;
}

// PORTS=1, CONTAINERS=1: nearly a method or a section of the API, and 0 or 1, as other proxies have
// them. It may be anybody's, so it does not stop the start, but who meant us by it is told.
static bool looks_like_section(struct span name, const char *value)
{
    static const char *const sections[] = {
        "AUTH",     "BUILD",   "COMMIT", "CONFIGS", "CONTAINERS", "DELETE",  "DISTRIBUTION",
        "EVENTS",   "EXEC",    "GET",    "HEAD",    "IMAGES",     "INFO",    "NETWORKS",
        "NODES",    "PATCH",   "PING",   "PLUGINS", "POST",       "PUT",     "SECRETS",
        "SERVICES", "SESSION", "SWARM",  "SYSTEM",  "TASKS",      "VERSION", "VOLUMES",
    };
    bool is_near = false;

    for (size_t i = 0; i < ARRAY_LEN(sections) && !is_near; i++)
        is_near = is_nearly(sections[i], name, 5);
    return is_near && (value[0] == '0' || value[0] == '1') && value[1] == '\0';
}

static void note_unread(struct options *o, struct span name, const char *value)
{
    if (o->unread_count == OPTION_UNREAD || name.len + 3 > OPTION_UNREAD_TEXT ||
        !looks_like_section(name, value))
        return;

    memcpy(o->unread[o->unread_count++], name.at, name.len + 3); // and "=1", with the zero
}

const char *options_unread(const struct options *o, size_t i)
{
    return i < o->unread_count ? o->unread[i] : NULL;
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
        bool is_ours = looks_like_ours(p->o, name) || sounds_like_a_rule(name) ||
                       looks_misspelt(p->o, name, value, environ);

        if (is_ours)
            return unknown_variable(p, name);
        note_unread(p->o, name, value);
        return OPTIONS_OK;
    }
    if (is_overruled(slot->entry, p->variable, environ))
        return OPTIONS_OK;
    note_member(slot, name);
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
