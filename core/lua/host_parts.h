// host_parts: the inside of a host, for the files that make it up: host.c (life), host_native.c
// and host_proc.c (what its Lua calls), containers.c, decision.c. Private to them.
#pragma once

#include "lua/host.h"
#include "lua/policy_option.h"
#include "lua/purity.h"
#include "lua/ruling.h"
#include "lua/sandbox.h"

#include <stdbool.h>
#include <stdint.h>

#define HOST_POLICIES 32 // most policies of one host; setup.h has as many
#define HOST_IDLE     64 // coroutines kept for later
#define RUN_HELD      32 // names that one request may hold

struct decision;
struct lua_State;
struct verdict_memory;

enum host_state { HOST_LOADING, HOST_STARTING, HOST_DECIDING };

struct host_policy {
    char name[64];
    char listener[64]; // of -config: whose clients it judges; else ""
    char *summary;     // NULL: none
    char decide[80];   // where its decide begins, "file.lua:12"
    bool is_pure;      // it says so
    size_t first_option, option_count;
    const struct options *values; // of its own; borrowed. NULL: those of the host
};

// What a run of policies' code tells while it runs, and is asked about.
struct run {
    int policy;           // the one that runs, from 1; 0: none yet
    bool blames_decide;   // the error that follows is about decide as a whole
    char blamed[80];      // or about this line, "file.lua:12"; "": about the one that ran
    bool filters;         // an answer: nothing can be waited for any more
    int64_t wall_s;       // the time it goes by, seconds since 1970; 0: nobody has asked for it
    unsigned warnings;    // lines written to the log
    short held[RUN_HELD]; // slots of host->reservations
    unsigned char held_count;
};

// The entry points of lualib/moonward/host/main.lua, as references in the registry.
enum host_entry {
    HOST_LOAD,
    HOST_START,
    HOST_FIND,
    HOST_DECIDE,
    HOST_EVENTS,
    HOST_QUESTION,
    HOST_PROGRESS,
    HOST_TELL,
    HOST_ADDRESS,
    HOST_SYNTHETIC,
    HOST_REPLY,
    HOST_ASK_ALONE,
    HOST_CONFIGURE,
    HOST_LOAD_CONFIGURED,
    HOST_ENTRIES
};

struct host {
    struct sandbox *sandbox;
    struct host_limits limits;
    struct file_set *files, *own_files; // the latter is NULL where somebody else has them
    const struct log *log;
    enum host_state state;
    int entries[HOST_ENTRIES];
    int routes; // reference to a table: names of operations to struct route
    struct host_policy policies[HOST_POLICIES];
    int policy_count;
    struct policy_options options;
    const struct options *values; // of all options, from host_start() on; borrowed
    unsigned extra_methods;
    struct run *run; // NULL: no policy's code runs
    struct reservations
        *reservations; // borrowed; NULL: nobody else is there, so all names are free
    struct ruling_ledger rulings;
    struct purity_ledger purity;
    struct verdict_memory *memory; // NULL: each request is decided anew
    struct lua_State *idle[HOST_IDLE];
    int idle_count;
    int living;             // decisions
    struct decision *spare; // memory of one that is over, for the next; NULL: none
    bool listens_tcp;
    bool wants_containers;
    bool has_containers;       // the registry was told everything since CONTAINERS_OPEN
    char containers_path[512]; // of the last question
};

// Runs 'fn' for policy 'index' (from 1) called 'name', under a budget; errors are put behind that
// name. 0: for none, and what is wrong says by itself where.
MUST_USE int host_run(struct host *host, int (*fn)(struct lua_State *), void *arg, int index,
                      const char *name, struct err *err);

// The same for what loads a policy and calls host_add_policy().
MUST_USE int host_run_loading(struct host *host, int (*fn)(struct lua_State *), void *arg,
                              const char *name, struct err *err);

// Takes name, options and summary of a policy that was loaded off the stack. Raises an error when
// memory is short.
void host_add_policy(struct lua_State *L, struct host *host);

// Leaves the table of functions that Lua calls "moonward.host.native".
void host_native_open(struct host *host, struct lua_State *L);

// Adds to the table on top of the stack what Lua learns of processes: host_proc.c.
void host_proc_open(struct lua_State *L);

// The name of policy 'index' (from 1), or "".
static inline const char *host_policy_at(const struct host *host, int index)
{
    return index >= 1 && index <= host->policy_count ? host->policies[index - 1].name : "";
}

// Where the values of that policy's options are.
static inline const struct options *host_values_of(const struct host *host, int index)
{
    bool has_own = index >= 1 && index <= host->policy_count && host->policies[index - 1].values;

    return has_own ? host->policies[index - 1].values : host->values;
}
