// containers: the registry of the engine's containers inside a host. Lua keeps it
// (lualib/moonward/registry.lua); proxy/follower.c carries questions to the engine and news back.
//
// A connection to the engine begins with CONTAINERS_OPEN, once its event stream flows: what happens
// from then on will be told. Then the follower GETs what containers_question() asks for, one after
// the other, and tells the answers, until nothing is asked any more: then the registry is complete.
// Events may come at any time and lead to new questions. CONTAINERS_DOWN ends it all: from then on
// nothing is known. Start reading at containers_tell().
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

struct host;

enum containers_news {
    CONTAINERS_DOWN,   // the event stream is lost
    CONTAINERS_OPEN,   // it flows
    CONTAINERS_EVENT,  // one event: text
    CONTAINERS_ITEM,   // one element of the list that was asked for: text
    CONTAINERS_ANSWER, // the answer is complete: status, and text unless it came in items
};

// Whether any policy wants to know the containers: one said so in its start, or one has read
// client.container or client.labels since.
bool containers_wanted(const struct host *host);

// The path of the event stream, with the API version the engine speaks. 'version' is what its
// Api-Version header said.
const char *containers_events_path(struct host *host, struct span version);

// The path to GET next, NULL when nothing is missing. *is_list: the answer is an array, told in
// items. Valid until the next call for this host.
const char *containers_question(struct host *host, bool *is_list);

// Never fails: what can't be read is logged and leaves out what it is about. False: the registry is
// in no state to go on (out of memory); the follower starts over.
MUST_USE bool containers_tell(struct host *host, enum containers_news news, int status,
                              struct span text);
