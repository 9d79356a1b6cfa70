// follower: keeps the registry of containers of one host up to date (lua/containers.h). It holds
// the engine's event stream open, forever, with growing pauses when it is lost; asks the engine
// what the registry wants to know; and tells it what comes. Start reading at connect_events().
#pragma once

#include "base/attr.h"
#include "base/log.h"

struct follower;
struct follower_wait;
struct host;
struct judge_tools;

// Starts at once. All arguments are borrowed. NULL: no memory.
struct follower *follower_new(const struct judge_tools *tools, struct host *host,
                              const struct log *log);
void follower_free(struct follower *f); // nobody may be waiting; NULL is fine

// 'error' is NULL once the registry holds everything the engine has said by the time of the call.
typedef void (*follower_fn)(void *arg, const char *error);

enum follower_depth {
    FOLLOWER_EVENTS,  // the events that the engine has sent
    FOLLOWER_LATE,    // and the answer to one question that was late
    FOLLOWER_ANSWERS, // and answers to all questions that are due by then
};

// Reads what the engine has said by now. NULL: answered already.
struct follower_wait *follower_sync(struct follower *f, enum follower_depth depth, follower_fn done,
                                    void *arg);
void follower_cancel(struct follower_wait *wait); // no answer will come; NULL is fine
