// try_set: what the child does that the supervisor has for trying policies: it loads and starts
// them, asks them about every operation, and leaves in the set what they were made of. A hang ends
// it, as everything else that is wrong, and the old policies stay.
#pragma once

#include "base/log.h"
#include "proxy/policy_set.h"
#include "proxy/supervisor.h"

#define TRY_SET_REFUSED "reload failed; the old policies stay"

struct try_set {
    const struct launch *launch;
    struct policy_set *set;
    struct log log;                 // with an output of its own
    supervisor_prepare *prepare;    // NULL: it is a reload
    const struct settings *serving; // of a reload: what the sockets were opened with
};

// Returns the exit status of the process: 0 and the set is complete, or what is wrong has been
// said.
int try_set_run(const struct try_set *what);
