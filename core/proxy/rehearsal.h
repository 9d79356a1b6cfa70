// rehearsal: puts one request that nobody sent before the policies, the way a worker does, names
// and engine asked and all, and waits for the verdict. For `explain`.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/span.h"
#include "lua/decision.h"
#include "lua/setup.h"

struct rehearsal {
    struct route route;
    struct verdict verdict;
    bool body_looked_at;

    // Of an allowance: the body that goes on in place of the one that was judged, if verdict.edits;
    // and what the client sees of 'answer'. To be cleared in every case.
    struct buffer body, answer;
    char fault[256];   // why the engine's answer would be ended; "": it would not
    char missing[256]; // the words of the 404 if nothing of it may be shown; "": it is as in
                       // 'answer'
};

void rehearsal_clear(struct rehearsal *rehearsal);

// GETs a path of the engine, for what `explain` has to find out before. Blocks. 'body' gets the
// answer's body; on -1 there is none.
MUST_USE int rehearsal_ask(struct setup *setup, const char *path, int *status, struct buffer *body,
                           struct err *err);

// Blocks. 'body' is what a policy gets that looks into it, 'answer' what the engine says if it is
// allowed. On -1 there was no memory.
MUST_USE int rehearsal_run(struct setup *setup, const struct request_view *request,
                           const struct client_view *client, struct span body, struct span answer,
                           struct rehearsal *out, struct err *err);
