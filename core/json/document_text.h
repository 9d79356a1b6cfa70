// document_text: the words of a document (strings, numbers, true, false, null), read strictly, and
// what is said of those that are wrong. Used by what builds values: document_read.c, json_pick.c.
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "json/grammar.h"

#include <stdbool.h>

// Where a reader is in its text.
struct text_at {
    const char *begin, *at, *end;
};

// All set err to "byte N: ..." and return false.
bool document_fail(struct text_at t, struct err *err, const char *why);
// "expected <what>, found <the byte there>"
bool document_expected(struct text_at t, struct err *err, const char *what);

// The same of a key that begins there, of one that the colon is missing behind, and of one that
// came before.
bool document_fail_key(struct text_at t, struct err *err, struct span key, const char *why);
bool document_expected_colon(struct text_at t, struct err *err, struct span key);
bool document_fail_twins(struct text_at t, struct err *err, struct span key, struct span first);

// Each begins at the first byte of its word, tells the grammar, and returns where the word ends;
// NULL with err set if there is none such. 'escaped': the string has escapes.
const char *document_string(struct grammar *g, struct text_at t, bool *escaped, struct err *err);
const char *document_number(struct grammar *g, struct text_at t, struct err *err);
const char *document_literal(struct grammar *g, struct text_at t, struct err *err);
