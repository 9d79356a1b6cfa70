// worker: one process with one event loop and one Lua state; it serves the clients. The supervisor
// starts it and replaces it when it dies. Start reading at worker_run().
#pragma once

#include "base/log.h"
#include "lua/setup.h"
#include "proxy/listeners.h"
#include "proxy/policy_set.h"

#include <signal.h>
#include <stdbool.h>

#define WORKER_WATCHDOG_STATUS 10 // exit status: the engine is gone and -stoponwatchdog was given

// To its parent once it accepts connections. One of those that are queued, since all workers of a
// generation may send it at a time.
#define WORKER_SERVES (SIGRTMIN + 2)

// To a worker: another generation has taken over. As SIGTERM, but who has connected and sent
// nothing yet is still served.
#define WORKER_LEAVE SIGUSR2

struct reservations;

struct worker_job {
    const struct launch *launch;
    const struct policy_set *set;
    const struct log *log; // with an output of its own
    struct listeners listeners;
    struct reservations *reservations; // of all workers
    bool is_first; // of its generation: it has the health check and the watchdog
};

// Loads the policies of the set and serves until SIGTERM, then waits for what is running, as long
// as -shutdowngracetime says. Returns the exit status of the process.
int worker_run(const struct worker_job *job);
