// answer_filter: moves the body of an answer to the client through a JSON filter (json/filter.h),
// out of the engine's framing into ours. Works on evbuffers alone. A few hundred KiB at most are
// held, whatever the length of the answer.
#pragma once

#include "base/attr.h"
#include "proxy/body.h"
#include "json/filter.h"

#include <stdbool.h>
#include <stdint.h>

struct answer_filter;
struct evbuffer;

// What is filtered how; borrowed, and so are the rules.
struct answer_rules {
    const struct cut_rules *cut;
    const char
        *missing; // what a 404 says when nothing of it may be shown; NULL or "": it may be empty
    const char *operation; // for words; NULL or "": none
    filter_judge judge;
    filter_streamer streamer; // NULL: items that are too long are never redacted as they come
    filter_judge judge_rest;  // of what is beside the lists; NULL: it passes as it is
    void *arg;
};

struct answer_filter *answer_filter_new(const struct answer_rules *rules); // NULL: no memory
void answer_filter_free(struct answer_filter *f);                          // NULL is fine

// Like body_move(); 'body' was made with FRAMING_CLOSE as what it moves into, 'out' is the framing
// towards the client. BODY_BAD: the answer must be aborted, answer_filter_fault() says why.
MUST_USE enum body_status answer_filter_move(struct answer_filter *f, struct body *body,
                                             struct evbuffer *from, bool from_ended,
                                             struct evbuffer *to, enum framing out, size_t limit);

// Whether anything may be shown so far; then the answer is known to begin as JSON does.
bool answer_filter_began(const struct answer_filter *f);

// Bytes of content that went towards the client.
uint64_t answer_filter_passed(const struct answer_filter *f);

const char *answer_filter_fault(const struct answer_filter *f);
