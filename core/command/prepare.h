// prepare: the set-up that serve works with, with failures told on standard error.
#pragma once

#include "lua/setup.h"
#include "proxy/supervisor.h"

#define PREPARE_OK SUPERVISOR_PREPARED

// PREPARE_OK and *out, or the exit status of the program: everything is said already. 'files' may
// be NULL, see setup.h.
MUST_USE int prepare_setup(const struct launch *launch, struct file_set *files,
                           const struct log *log, struct setup_command *command,
                           struct setup **out);
