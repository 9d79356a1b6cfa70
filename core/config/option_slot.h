// option_slot: inside of struct options. Only the option_*.c files and option.c include this.
#pragma once

#include "config/option.h"

// The most entries, and the most values of one list: far above any use, so that nothing grows
// without end.
#define OPTION_SLOTS  1024
#define OPTION_VALUES 4096

// So many variables that nothing reads are told, and so much of each.
#define OPTION_UNREAD      8
#define OPTION_UNREAD_TEXT 64

struct option_slot {
    const struct option *entry;
    enum option_source source;
    const char *origin;   // name of the flag or variable that set it; borrowed from an entry
    uint64_t number;      // switches: 0 or 1
    unsigned last_member; // the highest N of the variables ENV_N of a family that are set; 0: none
    char **texts;         // owned; scalars have at most one
    size_t count;
};

struct options {
    struct option_slot slots[OPTION_SLOTS];
    size_t count;
    const struct option *refused[OPTION_SLOTS]; // variables that nobody may set; borrowed
    size_t refused_count;
    char unread[OPTION_UNREAD][OPTION_UNREAD_TEXT]; // "PORTS=1"
    size_t unread_count;
};

// The slot of that name (or variable, where there is no name); NULL if nothing has it.
struct option_slot *option_slot_find(struct options *o, const char *name, size_t len);

// The slot that takes the value: the slot itself, or the one that it 'sets'. NULL: not declared.
struct option_slot *option_slot_target(struct options *o, struct option_slot *slot);

void option_slot_clear(struct option_slot *slot);

// Adds (lists) or replaces (all others) the value. Empty entries of lists are dropped.
MUST_USE int option_slot_put(struct option_slot *slot, struct span text, uint64_t number,
                             struct err *err);
