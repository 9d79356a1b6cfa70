// purity: what a run of policies read that another request with the same method, target and client
// may find otherwise: a header, a body, labels, the clock, the engine. A verdict that rests on such
// a thing is not remembered (decision_memory.c), whatever the policy says of itself.
//
// Whoever hands such a thing to Lua calls purity_break(). One for each decision, in its ledger's
// hands while it runs.
#pragma once

#include <stdbool.h>

struct lua_State;

struct purity {
    bool broken;
    char what[48];  // a policy that says it is pure read, first; "": none did, or nobody asks
    char where[80]; // "file.lua:12"
};

// One for all decisions of a state.
struct purity_ledger {
    struct purity *now; // of the decision that runs; NULL: none does
    bool is_promised;   // by the policy that runs
    bool serves;        // clients, and nobody asks who broke a promise
};

void purity_clear(struct purity *purity);

// From now on purity_break() finds it. 'ledger' is borrowed.
void purity_keep(struct lua_State *L, struct purity_ledger *ledger);

// Something was read: 'of' and 'what' name it, as "client" and "port"; 'of' may be empty.
void purity_break(struct lua_State *L, const char *of, const char *what);
