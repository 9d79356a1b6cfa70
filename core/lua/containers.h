// containers: the registry of the engine's containers inside a host. Lua keeps it
// (lualib/moonward/registry.lua); proxy/follower.c carries questions to the engine and news back.
//
// A connection to the engine begins with CONTAINERS_OPEN, once its event stream flows: what happens
// from then on will be told. Then the follower GETs what containers_question() asks for, one after
// the other, and tells the answers, until nothing is asked any more: then the registry is complete.
// Events may come at any time and lead to new questions, also such that wait for a container to
// start; so whoever waits does so for a number of containers_progress(), not for the end.
// CONTAINERS_DOWN ends it all: from then on nothing is known. Start reading at containers_tell().
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;

enum containers_news {
    CONTAINERS_DOWN,   // the event stream is lost
    CONTAINERS_OPEN,   // it flows
    CONTAINERS_EVENT,  // one event: text
    CONTAINERS_LONG,   // one event that is too long: how it begins; false: that does not do
    CONTAINERS_ITEM,   // one element of the list that was asked for: text
    CONTAINERS_ANSWER, // the answer is complete: status, and text unless it came in items
    CONTAINERS_LATE,   // it does not come, and others are asked meanwhile; not for a list
    CONTAINERS_ASIDE,  // one that was late: status, 0 if there is none after all, and text
};

extern const char *const containers_news_names[]; // by that enum, and NULL at the end

// Whether any policy wants to know the containers: one said so in its start, or one has read
// client.container or client.labels since.
bool containers_wanted(const struct host *host);

// The path of the event stream, with the API version the engine speaks. 'version' is what its
// Api-Version header said.
const char *containers_events_path(struct host *host, struct span version);

// The path to GET next, NULL when nothing is missing. *is_list: the answer is an array, told in
// items. Valid until the next call for this host.
const char *containers_question(struct host *host, bool *is_list);

// Questions have numbers in the order in which they became due: that of the last one, and of the
// last up to which all are answered.
struct containers_progress {
    uint64_t last, settled;
};
struct containers_progress containers_progress(struct host *host);

// For `explain`: an address of the container that the engine's answer to GET /containers/ID/json is
// about; "" if it has none.
MUST_USE int containers_address(struct host *host, struct span answer, char *out, size_t size,
                                struct err *err);

// Never fails: what can't be read is logged and leaves out what it is about. False: the registry is
// in no state to go on (out of memory); the follower starts over.
MUST_USE bool containers_tell(struct host *host, enum containers_news news, int status,
                              struct span text);

// The same for CONTAINERS_ASIDE. 'path' is what was asked.
MUST_USE bool containers_tell_aside(struct host *host, const char *path, int status,
                                    struct span text);
