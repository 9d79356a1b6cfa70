// dry_run: asks started policies about every operation, before anybody else does. So a policy that
// errs (a name that does not exist, a field that is misspelt) is found by `check` and before a
// reload, and not by the first client.
//
// Does no input or output: the requests are synthetic (lualib/moonward/host/samples.lua), and what
// the engine would say comes from lualib/moonward/host/dry_run.lua. Each policy is asked alone,
// about objects that exist and about such that do not; then all together, as a client's request
// asks them.
//
// It runs policies' code, with the limits of a decision each: whoever must not wait for a hang
// calls host_watch() first, or does it in a child. A policy may remember what it was asked, so a
// host that had a dry run is not one to serve clients with.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"
#include "config/settings.h"

#include <stdbool.h>

struct host;
struct route;
struct verdict;

// What one synthetic request came to; borrowed for the length of the call that gets it.
struct dry_run_case {
    const char *method, *target;
    const struct route *route;
    const struct verdict *verdict;
    bool errs; // a policy erred, and not because the engine could not be asked; verdict->reason and
               // verdict->where say how and where
    bool asked_engine, asked_body; // what the policies wanted to know
    bool has_objects;              // what the request names exists
    const char *listener;          // by whose name the client seems to have come
    bool is_whole;                 // all policies were asked together, so the verdict is a client's
    bool takes_over;               // whoever may do this has the host
};

typedef void dry_run_visit(void *arg, const struct dry_run_case *one);

// Calls 'visit' for each synthetic request and policy, and then for each listener of 'settings' and
// all its policies. 'address' is the IP address that clients seem to have; it may connect. -1: err
// says what went wrong that is no policy's fault (no memory).
MUST_USE int dry_run(struct host *host, const struct settings *settings, struct span address,
                     dry_run_visit *visit, void *arg, struct err *err);

// What every host name has for an address in a dry run: one for documentation, RFC 5737.
#define DRY_RUN_RESOLVED "192.0.2.1"

// For a reload: -1 if a policy errs; err has the request, the file, the line and the message of the
// first error. To be called between host_start() and the end of the child that loaded the policies:
//
//     if (dry_run_all(setup->host, &setup->settings, err) != 0)
//         the reload is refused with err->text
MUST_USE int dry_run_all(struct host *host, const struct settings *settings, struct err *err);
