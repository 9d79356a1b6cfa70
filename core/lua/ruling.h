// ruling: what moonward.allow(), deny() and hide() return. An object of our own type, so that no
// table that a policy builds passes for one; it remembers the line that made it.
//
// A denial may also be raised as an error: so a reader deep inside a policy can refuse a body.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lua_State;

enum ruling_kind {
    RULING_DENY,
    RULING_HIDE, // as if it did not exist
    RULING_ALLOW,
};

struct ruling {
    enum ruling_kind kind;
    int status;
    uint64_t serial; // of those that a ledger counts, from 1; 0: nobody waits for it
    char where[80];  // "file.lua:12"; "" when no policy's line made it, or nobody would be told
};

// What goes with a ruling, as user values: three times a string or nil, and what an allowance asks
// to be changed on the way, a table or nil; of a denial the fields of its answer, a string or nil.
enum ruling_part { RULING_REASON = 1, RULING_RULE, RULING_HINT, RULING_CHANGES };

// What a decision's policies made and have not returned so far: each denial, and each allowance
// that asks for changes. A policy that makes one and returns another has said no and let the
// request through, so that is an error.
#define RULING_DUE 8 // that are remembered one by one
struct ruling_book {
    struct {
        uint64_t serial;
        enum ruling_kind kind;
        char where[80];
    } due[RULING_DUE];
    unsigned count;
};

// One for all decisions of a state.
struct ruling_ledger {
    uint64_t last;           // serial
    struct ruling_book *now; // of the decision that runs; NULL: none does
    bool filters;            // an answer is filtered, where verdicts mean nothing
    bool serves;             // clients, and no log line says where something was allowed
    bool traces;             // which lines made one
};

// From now on the verbs write into the book of the decision that runs. 'ledger' is borrowed.
void ruling_keep(struct lua_State *L, struct ruling_ledger *ledger);

// From now on it is kept which lines have made a ruling, of policies and of the library, each once:
// "policies/own.lua:12\tdeny". For specs.
void ruling_trace(struct lua_State *L, struct ruling_ledger *ledger);

// Leaves the list of these on the stack, or nil.
void ruling_push_traced(struct lua_State *L);

// Adds to the table on top of the stack:
//   ruling(kind, status, reason, rule, hint)  makes one; kind is "allow", "deny" or "hide"
//   kind(value)                               its kind, or nil if the value is no ruling
//   changes(ruling)                           the changes that go with it, or nil
//   rule(ruling)                              what the policy said decided, or nil
//   trace(text)                               keeps it with the lines that made a ruling, if they
//       are kept: for what the library decides on a policy's behalf
//   returned(value)                           takes a ruling that a policy returned, or nil, off
//       the book. If the book has another one that must not be lost: where that was made, and its
//       kind
//   take(value)  true and its changes, or nil, of an allowance when the book is empty; else nothing
//   verb(kind, check, bare)                   a function for policies. It hands its arguments to
//       check, unless there are none and 'bare' is true; that returns status, reason, rule, hint
//       and changes; or a ruling that is given as it is, or false for none. It is C because a tail
//       call to C leaves the policy's line where place_of_policy() finds it.
void ruling_open(struct lua_State *L);

// NULL if the value is none.
const struct ruling *ruling_at(struct lua_State *L, int index);

// Copies a text, cut to size between two characters; "" when there is none.
void ruling_copy(struct lua_State *L, int index, enum ruling_part which, char *out, size_t size);
