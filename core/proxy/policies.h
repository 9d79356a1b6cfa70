// policies: the loaded policies of a worker with their registry of containers, counted so that a
// reload can swap them between two requests while decisions under the old ones are still waiting
// for an answer.
#pragma once

#include "base/attr.h"
#include "lua/setup.h"

struct follower;
struct judge_tools;

struct policies {
    struct setup *setup;
    struct follower *follower; // NULL until a policy wants to know the containers
    unsigned users;
};

// Takes over 'setup'; the caller is the first user. NULL: no memory, and the setup is freed.
struct policies *policies_new(struct setup *setup);
// The follower of their registry, started at the first call. NULL: no memory.
struct follower *policies_follower(struct policies *p, const struct judge_tools *tools);

struct policies *policies_use(struct policies *p); // one user more; returns p
void policies_drop(struct policies *p);            // one less; the last one frees. NULL is fine
