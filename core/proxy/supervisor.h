// supervisor: opens the listeners, starts the workers, replaces dead ones, passes signals on, and
// puts new policies in the place of old ones. It never touches a byte of a client and never runs a
// policy's code: a child reads and tries the policies, and hands over what it has read
// (policy_set.h). Start reading at supervisor_run().
//
// A reload is new workers: a child tries the new set, new workers start with it, and once all of
// them serve, the old ones take no further connections and finish what they have. Whatever goes
// wrong before that changes nothing. The listeners stay open all the time.
#pragma once

#include "base/log.h"
#include "lua/setup.h"

#define SUPERVISOR_PREPARED (-1)

// The first set-up, made in a child: what is wrong with it is for a person to read. Returns
// SUPERVISOR_PREPARED and *out, or the exit status of the program.
typedef int supervisor_prepare(const struct launch *launch, struct file_set *files,
                               const struct log *log, struct setup **out);

// Serves until told to stop. Returns the exit status of the program (compat.md 2: 0 stopped, 1 the
// policies cannot be loaded, 2 the command line is wrong or there is no listener or no engine, 10
// watchdog).
int supervisor_run(const struct launch *launch, supervisor_prepare *prepare, const struct log *log);
