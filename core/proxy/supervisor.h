// supervisor: opens the listeners, starts the workers, replaces dead ones, and passes signals on.
// It never touches a byte of a client. Start reading at supervisor_run().
#pragma once

#include "base/log.h"
#include "lua/setup.h"

// What it takes to do the set-up again, for SIGHUP.
struct launch {
    int argc;
    char *const *argv;
    char *const *environ;
};

// Serves until told to stop. 'setup' was checked already; taken over. Returns the exit status of
// the program (compat.md 2: 0 stopped, 2 no listener or no engine, 10 watchdog).
int supervisor_run(struct setup *setup, const struct launch *launch, const struct log *log);
