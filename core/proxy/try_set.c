#include "proxy/try_set.h"

#include "lua/dry_run.h"
#include "proxy/last_words.h"

#include <stdlib.h>

#define REFUSED 1 // exit status

static int refuse(const struct try_set *what, const struct err *err)
{
    log_line(&what->log, LOG_ERROR, TRY_SET_REFUSED, LOG_TEXT("error", err->text));
    return REFUSED;
}

// The supervisor holds the sockets and has the number of workers for as long as it runs. A policy's
// options may set these as well: that is refused, since what a policy sees as client.listener, and
// what is removed at the end, would not be what is open.
static int check_lasting(const struct settings *serving, const struct settings *wanted,
                         struct err *err)
{
    char was[200], is[200];

    if (!settings_same_listeners(serving, wanted)) {
        settings_write_listeners(serving, was, sizeof(was));
        settings_write_listeners(wanted, is, sizeof(is));
        return err_set(err,
                       "other listeners (%s instead of %s), or others of their names, modes and "
                       "owners, take a restart",
                       is, was);
    }
    if (serving->health_server != wanted->health_server)
        return err_set(err, "another value of -allowhealthcheck takes a restart");
    if (serving->workers != wanted->workers)
        return err_set(err, "another number of -workers (%u instead of %u) takes a restart",
                       wanted->workers, serving->workers);
    return 0;
}

// At the start a policy that errs about some operation is no reason to serve nothing: it denies
// that operation, and `check` says so. Here there is something better to serve.
static int reload(const struct try_set *what, const struct setup_means *means)
{
    struct setup *setup = NULL;
    struct err err = { "" };
    int status = 0;

    if (setup_new(what->launch, means, &what->log, NULL, &setup, &err) != SETUP_OK) {
        setup_free(setup); // of -help
        return refuse(what, &err);
    }
    if (check_lasting(what->serving, &setup->settings, &err) != 0) {
        setup_free(setup);
        return refuse(what, &err);
    }
    policy_set_fill(what->set, setup); // first: a policy may not read more when it is asked
    if (dry_run_all(setup->host, &setup->settings, &err) != 0)
        status = refuse(what, &err);
    setup_free(setup);
    return status;
}

static int try_first(const struct try_set *what)
{
    struct setup *setup = NULL;
    int status = what->prepare(what->launch, what->set->files, &what->log, &setup);

    if (status != SUPERVISOR_PREPARED)
        return status;
    policy_set_fill(what->set, setup);
    setup_free(setup);
    return 0;
}

int try_set_run(const struct try_set *what)
{
    struct last_words *words = NULL;
    struct hang_hooks hooks;
    int status = REFUSED;

    if (what->prepare)
        return try_first(what);
    words = last_words_new(&what->log, TRY_SET_REFUSED ": a policy hung");
    if (!words)
        return refuse(what, &(struct err){ "out of memory" });
    hooks = last_words_hooks(words);
    status = reload(what, &(struct setup_means){ what->set->files, &hooks });
    last_words_free(words);
    return status;
}
