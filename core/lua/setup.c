#include "lua/setup.h"

#include "lua/hang.h"
#include "lua/host.h"
#include "lua/host_config.h"
#include "lua/setup_listeners.h"

#include <stdlib.h>
#include <string.h>

// The options that say which policies to load and with which limits. They are read before the
// policies' own options are known.
static const char *const early[] = { "config",     "policy",       "selectable",
                                     "policydir",  "policymemory", "policyinstructions",
                                     "policytime", "policyhang" };

static int declare_all(struct options *o, const struct option *entries, size_t count,
                       struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (options_declare(o, &entries[i], err) != 0)
            return -1;
    }
    return 0;
}

static struct options *new_options(const struct option *entries, size_t count, struct err *err)
{
    struct options *o = options_new();

    if (!o) {
        err_set(err, "no memory for the options");
        return NULL;
    }
    if (declare_all(o, entries, count, err) != 0) {
        options_free(o);
        return NULL;
    }
    return o;
}

// A host with nothing in it, and limits as these options say.
static int open_host(struct setup *setup, const struct setup_means *means, const struct options *o,
                     struct err *err)
{
    struct host_limits limits = {
        .memory = options_number(o, "policymemory"),
        .instructions = options_number(o, "policyinstructions"),
        .burst_us = options_number(o, "policytime") * 1000,
    };

    setup->host = host_new(&limits, means->files, &setup->log, err);
    if (!setup->host)
        return -1;
    setup->hang = hang_new((unsigned)options_number(o, "policyhang"), means->hang, err);
    if (!setup->hang)
        return -1;
    host_watch(setup->host, setup->hang);
    return 0;
}

static void close_host(struct setup *setup)
{
    host_free(setup->host);
    setup->host = NULL;
    hang_free(setup->hang); // after the last run of Lua
    setup->hang = NULL;
}

static const char *directory_of(const struct options *o)
{
    const char *dir = options_text(o, "policydir");

    return dir[0] ? dir : NULL;
}

static int load_policies(struct setup *setup, const struct setup_means *means,
                         const struct options *scanned, struct err *err)
{
    const char *dir = directory_of(scanned);
    size_t count = options_list_count(scanned, "policy");

    if (count == 0)
        return err_set(err, "-policy: expected the name of a policy or the path of a Lua file, got "
                            "nothing");
    if (open_host(setup, means, scanned, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (host_load(setup->host, options_list(scanned, "policy", i), dir, err) != 0)
            return -1;
    }
    for (size_t i = 0; i < options_list_count(scanned, "selectable"); i++) {
        if (host_load_selectable(setup->host, options_list(scanned, "selectable", i), dir, err) !=
            0)
            return -1;
    }
    return 0;
}

static int open_options(struct setup *setup, const struct setup_command *command, struct err *err)
{
    setup->options = new_options(core_options, core_option_count, err);
    setup->own = new_options(command ? command->own : NULL, command ? command->own_count : 0, err);
    return setup->options && setup->own ? 0 : -1;
}

static int declare_policies(struct setup *setup, struct err *err)
{
    for (size_t i = 0; i < host_option_count(setup->host); i++) {
        if (options_declare(setup->options, host_option(setup->host, i), err) != 0)
            return -1;
    }
    return 0;
}

static bool same_value(const struct options *a, const struct options *b, const char *name)
{
    struct buffer one, other;
    bool same = false;

    buffer_init(&one, 64 << 10);
    buffer_init(&other, 64 << 10);
    options_show(a, name, &one);
    options_show(b, name, &other);
    same = span_is(buffer_span(&one), buffer_span(&other)) && !one.failed && !other.failed;
    buffer_clear(&one);
    buffer_clear(&other);
    return same;
}

// "-x -policy a" reads in one way if -x is a switch and in another if it takes a value, and which
// it is only the policy knows. Rather than guess, the start is refused.
static int check_scan(const struct options *scanned, const struct options *parsed, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(early); i++) {
        if (!same_value(scanned, parsed, early[i]))
            return err_set(err,
                           "-%s can be read in two ways in this command line; write it first, and "
                           "values with =, as in -%s=...",
                           early[i], early[i]);
    }
    return 0;
}

static bool listens_tcp(const struct settings *s)
{
    for (size_t i = 0; i < s->listener_count; i++) {
        if (!s->listeners[i].at.is_unix)
            return true;
    }
    return false;
}

// The settings are read and the policies have their values.
static int start(struct setup *setup, const struct setup_command *command, struct err *err)
{
    setup->log.least = setup->settings.log_level;
    setup->log.json = setup->settings.log_json;
    if (command && command->ready)
        command->ready(setup);
    host_tell_of_tcp(setup->host, listens_tcp(&setup->settings));
    return host_start(setup->host, setup->options, err);
}

static enum setup_status parse(struct setup *setup, const struct launch *from,
                               struct setup_command *command, struct err *err)
{
    bool has_more = command && (command->words.max > 0 || command->own_count > 0);
    struct option_words *words = has_more ? &command->words : NULL;

    if (words)
        words->own = setup->own;
    switch (options_parse(setup->options, from->argc, from->argv, from->environ, words, err)) {
    case OPTIONS_OK:
        return SETUP_OK;
    case OPTIONS_HELP:
        return SETUP_HELP;
    case OPTIONS_BAD_FLAG:
        return SETUP_BAD_FLAG;
    case OPTIONS_BAD_VALUE:
        break;
    }
    return SETUP_BAD_VALUE;
}

// --- from flags and variables --------------------------------------------------------------------

static enum setup_status fill(struct setup *setup, const struct launch *from,
                              const struct setup_means *means, struct setup_command *command,
                              const struct options *scanned, struct err *err)
{
    enum setup_status status = SETUP_BAD_VALUE;

    if (load_policies(setup, means, scanned, err) != 0 || open_options(setup, command, err) != 0 ||
        declare_policies(setup, err) != 0)
        return status;
    status = parse(setup, from, command, err);
    if (status == SETUP_OK && (check_scan(scanned, setup->options, err) != 0 ||
                               settings_read(&setup->settings, setup->options, err) != 0 ||
                               start(setup, command, err) != 0))
        status = SETUP_BAD_VALUE;
    return status;
}

// --- from a file ---------------------------------------------------------------------------------

static int check_beside(const struct setup *setup, struct err *err)
{
    const char *beside = settings_beside_config(setup->options);
    char origin[OPTION_ORIGIN];

    if (!beside)
        return 0;
    options_origin(setup->options, beside, origin);
    return err_set(err, "%s and -config both say where to listen or who judges; say it in the file",
                   origin);
}

// The file may say what a host may use, so it is read in one that has only what flags and variables
// say, and again in the one that stays.
static enum setup_status read_core(struct setup *setup, const struct launch *from,
                                   const struct setup_means *means, struct setup_command *command,
                                   const struct options *scanned, struct err *err)
{
    struct host_config config = { .listener_count = 0 };
    enum setup_status status = SETUP_BAD_VALUE;

    if (open_host(setup, means, scanned, err) == 0 && open_options(setup, command, err) == 0 &&
        host_config_read(setup->host, options_text(scanned, "config"), &config, err) == 0 &&
        setup_listeners_take(setup->options, &config.core, err) == 0)
        status = parse(setup, from, command, err);
    if (status == SETUP_OK && (check_beside(setup, err) != 0 ||
                               settings_read(&setup->settings, setup->options, err) != 0))
        status = SETUP_BAD_VALUE;
    host_config_clear(&config);
    return status;
}

static enum setup_status fill_from_file(struct setup *setup, const struct launch *from,
                                        const struct setup_means *means,
                                        struct setup_command *command,
                                        const struct options *scanned, struct err *err)
{
    struct host_config config = { .listener_count = 0 };
    enum setup_status status = read_core(setup, from, means, command, scanned, err);

    if (status != SETUP_OK)
        return status;
    close_host(setup);
    if (open_host(setup, means, setup->options, err) != 0 ||
        host_config_read(setup->host, options_text(setup->options, "config"), &config, err) != 0 ||
        setup_listeners_open(setup, &config, directory_of(setup->options), err) != 0 ||
        start(setup, command, err) != 0)
        status = SETUP_BAD_VALUE;
    host_config_clear(&config);
    return status;
}

// -------------------------------------------------------------------------------------------------

static enum setup_status scan_and_fill(struct setup *setup, const struct launch *from,
                                       const struct setup_means *means,
                                       struct setup_command *command, struct err *err)
{
    struct options *scanned = new_options(core_options, core_option_count, err);
    enum setup_status status = SETUP_BAD_VALUE;

    if (scanned && options_scan(scanned, from->argc, from->argv, from->environ, err) == 0)
        status = options_text(scanned, "config")[0] != '\0'
                     ? fill_from_file(setup, from, means, command, scanned, err)
                     : fill(setup, from, means, command, scanned, err);
    options_free(scanned);
    return status;
}

enum setup_status setup_new(const struct launch *launch, const struct setup_means *means,
                            const struct log *log, struct setup_command *command,
                            struct setup **out, struct err *err)
{
    struct setup *setup = calloc(1, sizeof(*setup));
    enum setup_status status = SETUP_BAD_VALUE;

    if (!setup) {
        err_set(err, "no memory for the set-up");
        return SETUP_BAD_VALUE;
    }
    setup->log = *log;
    status = scan_and_fill(setup, launch, means, command, err);
    if (status == SETUP_OK || status == SETUP_HELP)
        *out = setup;
    else
        setup_free(setup);
    return status;
}

static int declare_named(struct options *o, char *const *names, struct err *err)
{
    for (size_t i = 0; i < core_option_count; i++) {
        for (char *const *name = names; *name; name++) {
            if (strcmp(core_options[i].name, *name) == 0 &&
                options_declare(o, &core_options[i], err) != 0)
                return -1;
        }
    }
    return 0;
}

static enum setup_status fill_bare(struct setup *setup, char *const *names,
                                   const struct launch *from, struct setup_command *command,
                                   struct err *err)
{
    setup->options = new_options(NULL, 0, err);
    setup->own = new_options(command->own, command->own_count, err);
    command->words.own = setup->own;
    if (!setup->options || !setup->own || declare_named(setup->options, names, err) != 0)
        return SETUP_BAD_VALUE;
    switch (options_parse(setup->options, from->argc, from->argv, NULL, &command->words, err)) {
    case OPTIONS_OK:
        break;
    case OPTIONS_HELP:
        return SETUP_HELP;
    case OPTIONS_BAD_FLAG:
        return SETUP_BAD_FLAG;
    case OPTIONS_BAD_VALUE:
        return SETUP_BAD_VALUE;
    }
    return options_scan(setup->options, 0, NULL, from->environ, err) == 0 ? SETUP_OK
                                                                          : SETUP_BAD_VALUE;
}

enum setup_status setup_new_bare(char *const *names, const struct launch *launch,
                                 struct setup_command *command, struct setup **out, struct err *err)
{
    struct setup *setup = calloc(1, sizeof(*setup));
    enum setup_status status = SETUP_BAD_VALUE;

    if (!setup) {
        err_set(err, "no memory for the set-up");
        return SETUP_BAD_VALUE;
    }
    status = fill_bare(setup, names, launch, command, err);
    if (status == SETUP_OK || status == SETUP_HELP)
        *out = setup;
    else
        setup_free(setup);
    return status;
}

void setup_free(struct setup *setup)
{
    if (!setup)
        return;
    options_free(setup->own);
    options_free(setup->options); // before the host, which owns the policies' entries
    for (size_t i = 0; i < SETUP_POLICIES; i++)
        options_free(setup->of_policies[i]);
    close_host(setup);
    free(setup);
}
