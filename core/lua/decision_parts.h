// decision_parts: the inside of a decision, for decision.c (its life) and decision_verdict.c (what
// comes out). Private to them.
#pragma once

#include "lua/decision.h"
#include "lua/host_parts.h"
#include "lua/purity.h"
#include "lua/sandbox.h"

#include <lua.h>

// Stack of the coroutine, once the verdict was taken.
enum {
    DECISION_BODY = 3,
    DECISION_FILTER,
    DECISION_ERRORS,
    DECISION_REST,
    DECISION_DOCKERFILE,
    DECISION_TOP = DECISION_DOCKERFILE
};

// A decision's coroutine has its two objects at the bottom of its stack for as long as the decision
// lives. That keeps them from being collected, so the boxes may be emptied at any time.
enum { CLIENT = 1, REQUEST, BOTTOM = REQUEST };

struct decision {
    struct host *host;
    struct request_view request;
    struct client_view client;
    lua_State *co;
    struct request_box *request_box;
    struct client_box *client_box;
    const struct route *route;
    struct budget budget;
    struct run run;
    bool started, done;
    bool recalled;         // the verdict was remembered: nothing runs, there is no coroutine
    bool reads_dockerfile; // it is the second time that it runs
    bool settled;          // the engine has answered to the end
    int nargs;             // what the next resume hands over, on top of the coroutine's stack
    unsigned asked;        // questions so far
    bool dead;             // a filter failed; its coroutine can run no more

    // Only what is written is cleared, since texts are long and short-lived: from here on
    // decision_new() zeroes nothing.
    struct verdict verdict;
    struct purity purity;
    char question[512];
    struct ruling_book book;
};

// The route of a request; leaves on the stack what its path names. May raise errors.
const struct route *decision_find_route(lua_State *L, const struct decision *d);
const struct route *decision_no_route(void); // of what no route takes: it may do nothing

// Fills in verdict and route from an earlier decision about the same. False: there is none.
MUST_USE bool decision_recall(struct decision *d);

// Keeps the verdict for decision_recall(), if it may be.
void decision_remember(struct decision *d);

// Makes the verdict a denial without words.
void decision_clear_verdict(struct decision *d);

// How the coroutine ended, as the verdict. On its stack are ruling or nil, number of the policy,
// words or nil; and, each a text or nil, the path and the pairs of the query that the request goes
// on with; and what decision_keep_changes() takes.
void decision_take_result(struct decision *d);

// The same of what an allowance asked the Dockerfile: nil, or a denial; the number of its policy;
// and the text that goes on in place of the Dockerfile, or nil, which takes the place of the
// function.
void decision_take_second_result(struct decision *d);

// Keeps, for decision_filter.c, what is on the coroutine's stack from 'index' on: the body that
// goes on instead, a text or nil; the filters of the answer, of an error and of the rest, functions
// or nil; what judges a Dockerfile, a function or nil; and its name.
void decision_keep_changes(struct decision *d, int index);

// It died with the error on top of its stack, or with a limit; an error that is a denial counts as
// one that was returned.
void decision_take_error(struct decision *d);

// The policy asked more than it may.
void decision_refuse_questions(struct decision *d, unsigned most);
