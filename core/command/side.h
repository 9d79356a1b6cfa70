// side: one of two set-ups that `compare` holds against each other, and how it decides a request.
#pragma once

#include "base/attr.h"
#include "command/client_sketch.h"
#include "lua/setup.h"
#include "proxy/supervisor.h" // struct launch

struct side {
    const char *where; // in messages
    char **environ;    // borrowed texts
    struct setup *setup;
    struct client_sketch client;
    bool has_client; // it is to be cleared
};

// PREPARE_OK, or the exit status of the program: everything is said already. 'rest' are the words
// of this side: VARIABLE=VALUE..., then options; 'own' are those of the command.
MUST_USE int side_open(struct side *side, struct launch rest, const struct option *own,
                       size_t own_count);
void side_close(struct side *side); // also after a failure

// Who asks, by the options in 'o'. Returns what side_open() returns.
MUST_USE int side_open_client(struct side *side, const struct options *o);

enum outcome_kind { OUTCOME_DENIED, OUTCOME_ALLOWED, OUTCOME_FILTERED, OUTCOME_UNKNOWN };

struct outcome {
    enum outcome_kind kind;
    int status; // of a denial
    char why[512];
};

// A policy that failed, since the engine is away or for another reason, gives OUTCOME_UNKNOWN.
MUST_USE int side_judge(struct side *side, const char *method, const char *path, struct span body,
                        struct outcome *out, struct err *err);
