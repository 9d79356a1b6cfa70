// host: one Lua state with the policies that run in it. Does no input or output of its own: a
// decision stops where it needs the body, the engine or the resolver, and says so (decision.h).
//
// Life: host_new, host_load for each policy, then host_option_count/host_option to learn what they
// declare, host_start with the values, then decisions. A host is never changed after host_start.
// Start reading at decision.h.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/log.h"
#include "config/option.h"

#include <stddef.h>
#include <stdint.h>

struct file_set;
struct hang;
struct host;
struct reservations;

struct host_limits {
    size_t memory;         // bytes, for the whole state
    uint64_t instructions; // Lua VM instructions, per decision
    uint64_t burst_us;     // CPU time without a pause, seen by the hook
};

// 'log' is where policies' warnings go, 'files' where their files come from (NULL: from disk, as
// they are asked for); both borrowed. NULL with err set on failure.
struct host *host_new(const struct host_limits *limits, struct file_set *files,
                      const struct log *log, struct err *err);
void host_free(struct host *host); // no decision may be left

// From now on what hangs inside a C function ends the process, see hang.h; 'hang' is borrowed.
void host_watch(struct host *host, struct hang *hang);

// From now on it is kept which lines of policies and of the library made a verdict: ruling.h. -1
// with err set: no memory.
MUST_USE int host_trace(struct host *host, struct err *err);

// Number i of them, from 1 on; NULL: there are no more. Borrowed as long as the host.
const char *host_traced(struct host *host, size_t i);

// From now on it serves clients: verdicts do not say where something was allowed.
void host_serve(struct host *host);

// From now on verdicts are remembered, so many of so many bytes at most, if all policies are pure.
// After host_start(). False: no memory.
MUST_USE bool host_remember(struct host *host, size_t entries, size_t bytes);
size_t host_remembered(const struct host *host); // how many are
bool host_is_pure(const struct host *host);      // all policies say that they are

// Loads a policy by the name of one that ships, a name in 'policydir' (may be NULL), or a path
// (anything with a slash or ending in ".lua"). The error names file and line.
MUST_USE int host_load(struct host *host, const char *name_or_path, const char *policydir,
                       struct err *err);

// The same for a policy that judges only clients whose container chooses it, by a label; in place
// of the others. Once they are all loaded; one of them may be selectable as well.
MUST_USE int host_load_selectable(struct host *host, const char *name_or_path,
                                  const char *policydir, struct err *err);

// What the loaded policies declare, in the order of loading. Valid as long as the host.
size_t host_option_count(const struct host *host);
const struct option *host_option(const struct host *host, size_t i);

// Hands each policy its options' values and lets it prepare (policy.start). The error is the
// policy's own words, fit for an operator. The values are borrowed for as long as decisions are
// made.
MUST_USE int host_start(struct host *host, const struct options *values, struct err *err);

// Policy 'i' has these values of its options and not those that host_start() gets for all; borrowed
// as those are. Another name of a core option still has the core's.
void host_use_values(struct host *host, size_t i, const struct options *values);

// Whether anybody who reaches an address can ask; before host_start().
void host_tell_of_tcp(struct host *host, bool listens);

// Names that requests in flight hold are known to all hosts that share this; borrowed. Without it
// every name is free.
void host_share(struct host *host, struct reservations *reservations);

// Bits (1 << METHOD_...) of methods that a policy asked for besides the usual ones.
unsigned host_extra_methods(const struct host *host);

// The loaded policies, in their order. A summary may be NULL.
size_t host_policy_count(const struct host *host);
const char *host_policy_name(const struct host *host, size_t i);
const char *host_policy_summary(const struct host *host, size_t i);
const char *host_policy_listener(const struct host *host, size_t i); // "": it judges all clients

// Bytes that the Lua state holds, for reports.
size_t host_memory(const struct host *host);
