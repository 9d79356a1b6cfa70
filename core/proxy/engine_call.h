// engine_call: one GET that moonward itself asks of the engine. The answer comes whole, or in items
// as it streams: the elements of a list, or the events of a stream that never ends. Of a list,
// however long, no more is held than one element and what is on the way.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>

struct engine_call;
struct judge_tools;

enum engine_shape {
    ENGINE_WHOLE,  // told once, at the end
    ENGINE_LIST,   // a JSON array, or one within an object, told by element
    ENGINE_EVENTS, // JSON values one after the other, for as long as the engine likes
};

#define ENGINE_TOO_LONG 413 // status of an answer that was too long to be told whole

struct engine_answer {
    const char *error; // NULL: there is an answer
    int status;
    struct span api_version; // what the engine's header of that name said; may be empty
    struct span body;        // ENGINE_WHOLE, and of a failure status in every shape
};

// All spans are borrowed during the call. Only on_end must be there.
struct engine_listener {
    void (*on_open)(void *arg);                   // status 200, before the first item
    void (*on_item)(void *arg, struct span item); // text of one JSON value
    // Asked behind each item: enough for now. Then on_full is called, and engine_call_go_on() has
    // the next one told. NULL: never.
    bool (*is_full)(void *arg);
    void (*on_full)(void *arg);
    // An element of a list that is too long to be told: why, and how it begins.
    void (*on_skip)(void *arg, const char *why, struct span start);
    // How an event begins that is too long to be told; the rest is left out. False: that does not
    // do, and the call fails. NULL is the same.
    bool (*on_long)(void *arg, struct span start);
    void (*on_end)(void *arg, const struct engine_answer *answer); // no more comes; the last call
    void *arg;
    const char *list; // of ENGINE_LIST: where it is, as cut.h has its paths; NULL: it is all
};

// 'path' is canonical and goes out as it is. NULL: it has ended already, on_end was called.
struct engine_call *engine_call_start(const struct judge_tools *tools, enum engine_shape shape,
                                      const char *path, const struct engine_listener *listener);
void engine_call_cancel(struct engine_call *call); // nothing will be told any more; NULL is fine

// Goes on where the listener was full; may tell at once.
void engine_call_go_on(struct engine_call *call);

// Tells at once what the engine has said by now, without waiting for the event loop.
void engine_call_catch_up(struct engine_call *call);
