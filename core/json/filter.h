// filter: passes a stream of JSON on, with each item kept, dropped or replaced by whoever judges
// it; all other bytes pass as they were (cut.h says what an item is). Holds one item at a time; one
// that is longer than can be held can be redacted as it comes. No I/O.
//
// An item is dropped unless the judge says otherwise, and nothing passes after a fault: what was
// asked to be filtered never leaves unfiltered.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "json/cut.h"
#include "json/gather.h"
#include "json/redact.h"

#include <stddef.h>

#define FILTER_ITEM_MAX (4u << 20) // bytes of an item of an answer

enum filter_verdict {
    FILTER_DROP, // zero, so that a value nobody set shows nothing
    FILTER_KEEP,
    FILTER_REPLACE, // by what was put into 'replacement'
    FILTER_FAIL,    // the answer must end here
};

// 'list' is the number of the item's list in the rules. The item is borrowed during the call; one
// that is longer than can be held is shown as (struct span){ NULL, 0 }, and can only be dropped, or
// be the end of all.
typedef enum filter_verdict (*filter_judge)(void *arg, size_t list, struct span item,
                                            struct buffer *replacement);

// Of an item that is longer than can be held, and begins so: what is redacted of it as it comes.
// NULL: it has to be looked at as a whole, and the judge is told that it cannot. The set is
// borrowed.
typedef const struct redact_set *(*filter_streamer)(void *arg, size_t list, struct span start);

// Takes what goes on. The text is borrowed during the call.
typedef void (*filter_sink)(void *arg, struct span text);

struct filter {
    struct cut cut;
    struct buffer item; // of which not all has come
    struct buffer gap;  // a comma and the white space behind it, while the next item is judged
    struct buffer replacement;
    filter_judge judge;
    void *judge_arg;
    filter_sink sink;
    void *sink_arg;
    bool separated;                  // a comma came before this item
    bool any_kept;                   // in this list
    bool too_long;                   // the item that is coming; it is not held
    bool last_kept;                  // without lists: what is behind a dropped item goes with it
    filter_streamer streamer;        // NULL: every item has to be held
    struct redact_stream *redacting; // the item that is coming, which is not held either
    filter_judge judge_rest;         // NULL: rests pass as they are
    struct gather gather;
    const char *fault;
};

// The rules are borrowed. 'max_item' is the most bytes of one item.
void filter_init(struct filter *f, const struct cut_rules *rules, size_t max_item,
                 filter_judge judge, void *judge_arg, filter_sink sink, void *sink_arg);
void filter_clear(struct filter *f);

// Call it before the first byte.
void filter_stream_long(struct filter *f, filter_streamer streamer);

// What objects have beside their lists is judged as well, behind the elements of the lists, as
// gather.h says. Call it before the first byte.
void filter_rests(struct filter *f, filter_judge judge);

// Both return 0, or -1: the stream must be aborted; filter_fault() says why.
MUST_USE int filter_feed(struct filter *f, const char *data, size_t len);
MUST_USE int filter_end(struct filter *f); // the input has ended; it must have been whole

const char *filter_fault(const struct filter *f); // a constant
