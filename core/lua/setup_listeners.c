#include "lua/setup_listeners.h"

#include "lua/host.h"

#include <stdlib.h>

static int under(const char *where, struct err *err)
{
    struct err why = *err;

    return err_set(err, "%s: %.400s", where, why.text);
}

int setup_listeners_take(struct options *options, const struct host_values *values, struct err *err)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct host_value *value = &values->at[i];

        if (options_take(options, value->name, value->text, err) != 0)
            return under(value->where, err);
    }
    return 0;
}

static int add_listeners(struct setup *setup, const struct host_config *config, struct err *err)
{
    settings_drop_listeners(&setup->settings);
    for (size_t i = 0; i < config->listener_count; i++) {
        const struct host_config_listener *listener = &config->listeners[i];

        for (size_t k = 0; k < listener->url_count; k++) {
            if (settings_add_listener(&setup->settings, listener->name, listener->urls[k], err) !=
                0)
                return under(listener->where, err);
        }
    }
    return 0;
}

// What is known of a policy of the file when it has been loaded.
struct loaded {
    struct host_values values;
    size_t first;      // of its options
    const char *where; // its listener stands
};

// The options that the policy has, but those that are other names of the core's.
static int declare_own(const struct setup *setup, struct options *own, size_t from, size_t to,
                       struct err *err)
{
    for (size_t i = from; i < to; i++) {
        if (!host_option(setup->host, i)->sets &&
            options_declare(own, host_option(setup->host, i), err) != 0)
            return -1;
    }
    return 0;
}

static int set_values(struct setup *setup, size_t index, const struct loaded *all, struct err *err)
{
    struct options *own = setup->of_policies[index] = options_new();

    if (!own)
        return err_set(err, "no memory for the options of a policy");
    host_use_values(setup->host, index, own);
    if (declare_own(setup, own, all[index].first, all[index + 1].first, err) != 0 ||
        setup_listeners_take(own, &all[index].values, err) != 0)
        return -1;
    // Nothing is read here but defaults: no flag and no variable is a policy's of a file.
    if (options_parse(own, 0, NULL, (char *const[]){ NULL }, NULL, err) != OPTIONS_OK ||
        settings_check_required(own, err) != 0)
        return under(all[index].where, err);
    return 0;
}

// Loads them all; the last one of 'all' says only where the options end.
static int load_listeners(struct setup *setup, const struct host_config *config, const char *dir,
                          struct loaded *all, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < config->listener_count; i++) {
        for (size_t k = 0; k < config->listeners[i].policy_count; k++, n++) {
            if (n == SETUP_POLICIES)
                return err_set(err, "%s: more than %d policies in all", config->listeners[i].where,
                               SETUP_POLICIES);
            all[n].first = host_option_count(setup->host);
            all[n].where = config->listeners[i].where;
            if (host_config_load(setup->host, i, k, dir, &all[n].values, err) != 0)
                return -1;
        }
    }
    all[n].first = host_option_count(setup->host);
    return 0;
}

// Values are set once all are loaded, since options move while more of them come.
static int load_policies(struct setup *setup, const struct host_config *config, const char *dir,
                         struct err *err)
{
    struct loaded *all = calloc(SETUP_POLICIES + 1, sizeof(*all));
    int status = all ? load_listeners(setup, config, dir, all, err) : err_set(err, "out of memory");

    for (size_t i = 0; status == 0 && i < host_policy_count(setup->host); i++)
        status = set_values(setup, i, all, err);
    for (size_t i = 0; all && i < SETUP_POLICIES; i++)
        host_values_clear(&all[i].values);
    free(all);
    return status;
}

int setup_listeners_open(struct setup *setup, const struct host_config *config, const char *dir,
                         struct err *err)
{
    if (add_listeners(setup, config, err) != 0)
        return -1;
    return load_policies(setup, config, dir, err);
}
