// setup: from a command line and an environment to checked settings and loaded policies. Done at
// start, again aside for each SIGHUP, and by `check` and `explain`; so all of them agree.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "config/option.h"
#include "config/settings.h"

struct host;

struct setup {
    struct log log; // as -loglevel and -logjson say; the host writes to it
    struct settings settings;
    struct options *options;
    struct host *host;
};

// What a command adds to the common options: options of its own, and words such as METHOD and PATH.
struct setup_command {
    const struct option *own;
    size_t own_count;
    struct option_words words;

    // Called when everything is read and before the policies start; NULL: nothing to do then.
    void (*ready)(const struct setup *setup);
};

// Which policies to load is found in argv and environ first; they declare their options; then
// everything is parsed and the policies start. 'log' says where lines go; it is copied. 'command'
// may be NULL. On failure NULL, with *status and err set. OPTIONS_HELP is such a "failure", and
// *help (if not NULL) then has what was declared, without values, for the caller to free.
struct setup *setup_new(int argc, char *const *argv, char *const *environ, const struct log *log,
                        struct setup_command *command, struct setup **help,
                        enum options_status *status, struct err *err);
void setup_free(struct setup *setup); // NULL is fine
