// setup: from a command line and an environment to checked settings and loaded policies. Done by
// the child that tries a set of policies, again by each worker with the same files, and by the
// commands; so all of them agree. It runs policies' code, under a watch: the supervisor never does
// it.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "config/option.h"
#include "config/settings.h"

struct file_set;
struct hang;
struct hang_hooks;
struct host;

// What the program was started with.
struct launch {
    int argc;
    char *const *argv;
    char *const *environ;
};

struct setup_means {
    struct file_set *files;        // where policies' files come from; NULL: from disk
    const struct hang_hooks *hang; // for a policy that hangs, from its loading on; copied
};

#define SETUP_POLICIES 32

struct setup {
    struct log log; // as -loglevel and -logjson say; the host writes to it
    struct settings settings;
    struct options *options;
    struct options *own; // the command's own; empty if it has none
    struct host *host;
    struct hang *hang;                           // belongs to the process that made the set-up
    struct options *of_policies[SETUP_POLICIES]; // of -config: those of each policy; else all NULL
};

// What a command adds to the common options.
struct setup_command {
    const struct option *own;
    size_t own_count;
    struct option_words words; // its 'own' is setup->own

    // Called when everything is read and before the policies start; NULL: nothing to do then.
    void (*ready)(const struct setup *setup);
};

enum setup_status {
    SETUP_OK,
    SETUP_HELP,      // -help was among the options: setup->options has them all, without values
    SETUP_BAD_FLAG,  // message and usage on stderr, exit 2
    SETUP_BAD_VALUE, // exit 1
};

// Which policies to load is found in argv and environ first; they declare their options; then
// everything is parsed and the policies start. With -config it is the file that says which policies
// there are, and the values of their options. 'log' says where lines go; it is copied. 'command'
// may be NULL. Sets *out on SETUP_OK and SETUP_HELP; else err says what to do.
MUST_USE enum setup_status setup_new(const struct launch *launch, const struct setup_means *means,
                                     const struct log *log, struct setup_command *command,
                                     struct setup **out, struct err *err);

// The same without policies, and with the core options of these names (NULL at the end) and those
// of the command alone. Of variables what is wrong or unknown is skipped: for a command that works
// whatever else is wrong.
MUST_USE enum setup_status setup_new_bare(char *const *names, const struct launch *launch,
                                          struct setup_command *command, struct setup **out,
                                          struct err *err);
void setup_free(struct setup *setup); // NULL is fine
