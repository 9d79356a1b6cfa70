// answer_form: which answers can be filtered, and what is asked of the engine so that they can.
#pragma once

#include "base/attr.h"
#include "http/head.h"
#include "proxy/answer_filter.h"

// Whether a field of the request may be asked with: not what would let the engine answer in another
// form or in part (conditions, ranges, codings). Of the types that the client accepts the first one
// stays that a filter reads; without one the engine chooses.
MUST_USE bool answer_form_asks(struct header *header);

// Whether a field of the answer goes on to the client. What describes the bytes that the engine
// sent (validators, digests, ranges, lengths) is wrong of those that are left, and what nobody
// knows may tell what they don't.
MUST_USE bool answer_form_passes(struct span name);

// For an answer that is an error, where nobody else filters those: only the engine's own form of
// them passes.
extern const struct answer_rules answer_form_errors;

// Why an answer with this head can't be filtered; NULL if it can.
const char *answer_form_obstacle(const struct response_head *head);
