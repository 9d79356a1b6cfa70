// crew: the worker processes: those of the present generation, those of one that a reload begins,
// and old ones that finish what they have. Knows how to start, replace and end them; when, the
// supervisor says. Start reading at crew_start_generation().
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "lua/setup.h"
#include "proxy/listeners.h"
#include "proxy/policy_set.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct reservations;

#define CREW_WORKERS_MAX 64 // of a generation
#define CREW_LEAVING_MAX 8  // generations at a time

enum role {
    ROLE_NONE,    // nobody's slot
    ROLE_SERVING, // of the present generation, also while there is no process in it
    ROLE_COMING,  // of the one that a reload begins
    ROLE_LEAVING, // of one that a reload has replaced: it ends by itself, or is ended
};

struct crew_slot {
    enum role role;
    unsigned number;           // of the worker in its generation
    pid_t pid;                 // 0: none runs
    bool serves;               // it has said so
    struct log_output *output; // of the worker; what it leaves is written when it is dead
    uint64_t started_us;
    uint64_t pause_us;
    uint64_t start_at_us; // when to start the next
    uint64_t kill_at_us;  // of one that leaves, or that does not serve yet
    bool late;            // it did not serve in time, and so it was killed
};

struct crew {
    const struct launch *launch;
    const struct log *log;
    const struct listeners *listeners;
    struct reservations *reservations; // of all workers, whatever generation they are of
    unsigned count;                    // of workers of a generation
    struct crew_slot slots[(CREW_LEAVING_MAX + 2) * CREW_WORKERS_MAX];
};

// A process of ours that is no worker begins like this, too: with none of our signals blocked, and
// it ends with us.
void crew_begin_child(pid_t parent, int signal_of_death);
// What a dead child had still to say; frees its output.
void crew_take_lines(const struct log *log, struct log_output **output);
void crew_write_death(char *text, size_t size, int how); // "signal 9"
// The same of a worker, or that it was late.
void crew_write_end(char *text, size_t size, const struct crew_slot *slot, int how);

// False: one of them could not be started; those that are to serve at once are tried again later.
bool crew_start_generation(struct crew *c, enum role role, const struct policy_set *set);
void crew_start_due(struct crew *c, const struct policy_set *set);

// A worker says that it serves. True: it was the last of those that are coming.
MUST_USE bool crew_note_serving(struct crew *c, pid_t pid);
void crew_take_over(struct crew *c); // those that are coming are the present ones

// All of one role have to go: by a signal, and at the latest when the patience is over.
void crew_leave(struct crew *c, enum role role, int signal, uint64_t patience_us);
void crew_signal(const struct crew *c, int signal); // all
// Those that should have left by now, and those that should serve and do not: they may be stopped,
// or hang where nothing watches them.
void crew_kill_late(struct crew *c);

// Notes that the slot's process is dead. Returns which role it had. 'replace': the slot of one that
// served gets its next process after a pause.
enum role crew_note_death(struct crew *c, struct crew_slot *slot, int how, bool replace);

struct crew_slot *crew_find(struct crew *c, pid_t pid); // NULL: none of ours
bool crew_has_room(const struct crew *c);               // for a generation more
bool crew_is_empty(const struct crew *c);               // no process runs
uint64_t crew_next_wake_us(const struct crew *c, bool stopping);
