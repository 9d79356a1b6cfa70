// policies: the loaded policies of a worker or of a dry run, with the follower of the engine's
// containers once one of them wants to know about these.
#pragma once

#include "base/attr.h"
#include "base/log.h"

struct follower;
struct host;
struct judge_tools;

struct policies {
    struct host *host;
    const struct log *log;
    struct follower *follower; // NULL until a policy wants to know the containers
};

// The follower of their registry, started at the first call. NULL: no memory.
struct follower *policies_follower(struct policies *p, const struct judge_tools *tools);
