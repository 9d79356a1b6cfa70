// grammar: follows JSON (RFC 8259) as it comes, in whatever pieces, and says where in the grammar
// it is. It keeps a bit for each open bracket and nothing of the text. cut.h builds on it.
//
// Strict: what RFC 8259 does not allow is refused, but UTF-8 is not looked at, and escaped
// surrogates may be alone. Top-level values may follow one another.
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAMMAR_DEPTH_MAX 512

enum grammar_state {
    GRAMMAR_TOP,         // outside of all values
    GRAMMAR_VALUE,       // a value must come
    GRAMMAR_FIRST_VALUE, // behind "[": a value or "]"
    GRAMMAR_FIRST_KEY,   // behind "{": a key or "}"
    GRAMMAR_KEY,         // behind "," in an object
    GRAMMAR_COLON,
    GRAMMAR_AFTER, // behind a value in brackets: "," or the closing one
    GRAMMAR_STRING,
    GRAMMAR_ESCAPE,
    GRAMMAR_HEX,
    GRAMMAR_MINUS, // numbers, by what was read last
    GRAMMAR_ZERO,
    GRAMMAR_DIGITS,
    GRAMMAR_POINT,
    GRAMMAR_FRACTION,
    GRAMMAR_E,
    GRAMMAR_E_SIGN,
    GRAMMAR_EXPONENT,
    GRAMMAR_LITERAL, // inside of true, false or null
};

struct grammar {
    enum grammar_state state;
    bool in_key;       // with STRING, ESCAPE, HEX
    unsigned hex;      // digits of \u that have not come yet
    unsigned depth;    // open brackets
    unsigned limit;    // most of them
    const char *rest;  // of a literal
    const char *fault; // a constant, once it is wrong
    const char *fault_at;
    uint8_t objects[GRAMMAR_DEPTH_MAX / 8]; // one bit for each open bracket: is it "{"?
};

void grammar_init(struct grammar *g, unsigned depth_limit);

// Reads a run of bytes that belong together (white space, the inside of a string, one bracket, ...)
// and returns where the next one begins; NULL at a fault. p < end. The end of a number shows only
// in the byte behind it, so that call moves on without using a byte.
MUST_USE const char *grammar_run(struct grammar *g, const char *p, const char *end);

// Where a key may begin: reads one without escapes, and the colon right behind it, and returns
// where the value, or white space, begins. NULL if there is none such, or not all of it; then
// nothing was read. p < end.
MUST_USE const char *grammar_key(struct grammar *g, const char *p, const char *end);

// The same where a value may begin, within brackets: reads a string without escapes.
MUST_USE const char *grammar_string(struct grammar *g, const char *p, const char *end);

// Like grammar_run() for many runs: goes on until a value within 'depth' open brackets is over, or
// the input is, or a fault comes. Start it inside of the value or at its first byte.
MUST_USE const char *grammar_skip(struct grammar *g, const char *p, const char *end,
                                  unsigned depth);

// Between the end of a value within so many brackets and what comes next.
bool grammar_is_behind_value(const struct grammar *g, unsigned depth);

// True if 'next' is the first byte of a value here (or of nonsense where a value must come).
bool grammar_begins_value(const struct grammar *g, char next);

bool grammar_in_object(const struct grammar *g); // the innermost bracket is "{"

bool grammar_in_number(const struct grammar *g);
bool grammar_is_whole_number(enum grammar_state state); // it may end here
void grammar_end_number(struct grammar *g);             // it does, if it is one

// Call it when the text has ended; a number may end that way. False: it was cut short.
MUST_USE bool grammar_end(struct grammar *g);
