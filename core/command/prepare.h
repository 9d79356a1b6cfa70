// prepare: the set-up of a command, with failures told on standard error.
#pragma once

#include "lua/setup.h"
#include "proxy/supervisor.h"

#define PREPARE_OK (-1)

// PREPARE_OK and *out, or the exit status of the program: everything is said already.
MUST_USE int prepare_setup(const struct launch *launch, const struct log *log,
                           struct setup_command *command, struct setup **out);

// All options of a set-up and of its command, and what its policies are for.
void prepare_usage(const struct setup *setup, struct buffer *out);

// Prints that.
void prepare_help(const struct setup *setup);

// "moonward: <text>" on standard error. Returns 'status'.
int prepare_complain(const struct err *err, int status);
