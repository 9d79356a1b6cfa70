// worker: one process with one event loop and one Lua state; it serves the clients. The supervisor
// starts it and replaces it when it dies. Start reading at worker_run().
#pragma once

#include "base/log.h"
#include "proxy/supervisor.h"

#include <stdbool.h>

#define WORKER_WATCHDOG_STATUS 10 // exit status: the engine is gone and -stoponwatchdog was given

struct worker_sockets {
    int listeners[SETTINGS_LISTENERS]; // in the order of the settings
    int health;                        // -1: not this worker, or not wanted
};

// Serves until SIGTERM, then waits for what is running, as long as -shutdowngracetime says. SIGHUP
// loads the policies anew. Takes over 'setup'. Returns the exit status of the process.
int worker_run(struct setup *setup, const struct launch *launch, const struct log *log,
               const struct worker_sockets *sockets, bool is_first);
