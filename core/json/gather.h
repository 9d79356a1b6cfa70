// gather: brings what an object has beside its lists behind them, so that it can be judged once all
// of their elements were: counts and sums of a list stand beside it, on either side.
//
// With the list { "Usage.Items" } what comes in is
//
//   {"Size":5,"Usage":{"Total":2,"Items":[1,2],"Sum":3}}
//
// and what goes on, the rests being judged where they stand, {"Total":2,"Sum":3} first:
//
//   {"Usage":{"Items":[1,2],"Total":2,"Sum":3},"Size":5}
//
// Lists pass as they come. Held is what is beside them, up to GATHER_REST_MAX of an object. No I/O.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/span.h"
#include "json/cut.h"

#include <stddef.h>

#define GATHER_REST_MAX (256u << 10)

struct gather_user {
    // Of an object, once its lists have passed: what it has beside them, as an object. What is put
    // into 'replacement' stands in its place. 'list' is the first list inside of it, and list_count
    // for the outermost object. False ends it.
    bool (*judge)(void *arg, size_t list, struct span rest, struct buffer *replacement);
    bool (*sink)(void *arg, struct span text); // takes what goes on; false ends it
    void *arg;
};

enum gather_mode {
    GATHER_BETWEEN, // values and keys
    GATHER_KEY,
    GATHER_PASS, // inside of a value that goes on
    GATHER_HOLD, // inside of one that is held
};

struct gather {
    const struct cut_rules *rules;
    struct gather_user user;
    struct grammar grammar;
    enum gather_mode mode;
    unsigned value_depth; // brackets around the value that passes, or is held
    uint32_t coming;      // the lists that the value to come may be or hold
    struct buffer key;    // with its quotes
    struct buffer replacement;
    struct {
        uint32_t lists; // that may be inside
        bool any;       // something went on
        struct buffer rest;
    } open[CUT_NAMES_MAX + 1]; // by the brackets that are open
    const char *fault;
};

void gather_init(struct gather *g, const struct cut_rules *rules, const struct gather_user *user);
void gather_clear(struct gather *g);

// Returns 0, or -1: gather_fault() says why, or the user did. The end of the text is checked by
// whoever reads what goes on.
MUST_USE int gather_feed(struct gather *g, const char *data, size_t len);

const char *gather_fault(const struct gather *g); // a constant; NULL if there is none
