// prepare: the set-up of a command, with failures told on standard error.
#pragma once

#include "lua/hang.h"
#include "lua/setup.h"
#include "proxy/supervisor.h"

#define PREPARE_OK SUPERVISOR_PREPARED

// A policy that hangs ends a command with these words on standard error.
extern const struct hang_hooks prepare_hang;

// PREPARE_OK and *out, or the exit status of the program: everything is said already. 'files' may
// be NULL, see setup.h.
MUST_USE int prepare_setup(const struct launch *launch, struct file_set *files,
                           const struct log *log, struct setup_command *command,
                           struct setup **out);

// All options of a set-up and of its command, and what its policies are for.
void prepare_usage(const struct setup *setup, struct buffer *out);

// Prints that.
void prepare_help(const struct setup *setup);

// "moonward: <text>" on standard error. Returns 'status'.
int prepare_complain(const struct err *err, int status);
