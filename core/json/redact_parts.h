// redact_parts: the inside of redact_stream, for redact.c, which walks through a text, and
// redact_thin.c, which does arrays of which only some elements stay. Private to them.
#pragma once

#include "base/buffer.h"
#include "json/grammar.h"
#include "json/redact.h"
#include "json/redact_set.h"

// Where the text may have been cut into pieces. REDACT_IN_WALK is anywhere else.
enum redact_mode {
    REDACT_IN_WALK,
    REDACT_IN_PASS,  // inside of a value that no path leads to
    REDACT_IN_EMPTY, // inside of one that is emptied; what takes its place is written
    REDACT_IN_KEY,   // inside of a key, of which a copy is held
    // In an array of which only some elements stay:
    REDACT_IN_FRONT, // in front of an element; the comma and the white space are held
    REDACT_IN_NAME,  // inside of one whose name is not all there; it is held, too
    REDACT_IN_STAYS, // inside of, or behind, one that stays
    REDACT_IN_GOES,  // the same of one that goes
};

struct redact_stream {
    const struct redact_set *set;
    redact_sink sink;
    void *arg;
    struct grammar grammar;
    enum redact_mode mode;
    unsigned until; // brackets around the value that the mode is about
    bool changed, failed, started;
    uint64_t coming; // the paths that the key just read goes along
    // For each open bracket: the paths that lead into it, and how many elements began.
    uint64_t alive[REDACT_STEPS_MAX + 1];
    uint64_t firsts[REDACT_STEPS_MAX + 1]; // see redact_set_first_bits()
    size_t index[REDACT_STEPS_MAX + 1];
    struct {
        uint64_t keep, others; // paths to the array, and those that go on into its elements
        size_t index;
        size_t gap; // bytes in front of the element
        bool any_stays;
    } thin;
    // Of the piece: what is before 'copied' went out, or is left out; what is from 'hold' on waits.
    const char *copied, *hold, *end;
    struct buffer held; // what waits of the pieces before
    size_t key_len;     // bytes of a key so far, of which only the first are held
    struct buffer text; // of a key or an element with escapes
};

// Both in redact_parts.c.
void redact_emit(struct redact_stream *s, const char *from, const char *to);

// What the first REDACT_LOOK_MAX bytes between two quotes say, without half an escape at their end.
struct span redact_text_of(struct redact_stream *s, struct span raw);

// Both in redact_thin.c. At an array of which those elements stay that all of 'keep' keep. An
// element that another of the paths would empty goes, too.
const char *redact_thin_out(struct redact_stream *s, const char *p, uint64_t keep, uint64_t others);
const char *redact_go_on_thinning(struct redact_stream *s, const char *p);
