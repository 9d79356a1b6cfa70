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
    struct settings settings;
    struct options *options;
    struct host *host;
};

// Which policies to load is found in argv and environ first; they declare their options; then
// everything is parsed and the policies start. On failure NULL, with *status and err set;
// OPTIONS_HELP is such a "failure", and *help (if not NULL) then owns the text to print.
struct setup *setup_new(int argc, char *const *argv, char *const *environ, const struct log *log,
                        int *rest, char **help, enum options_status *status, struct err *err);
void setup_free(struct setup *setup);
