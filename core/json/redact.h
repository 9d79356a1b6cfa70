// redact: empties the values at some paths of a JSON text: a string becomes "", an array [], an
// object {}, a number 0, true and false become false, null stays. All other bytes are as they were.
// No I/O.
//
// Paths:
//   Config.Env                 names, exactly as the engine writes them
//   Mounts.*.Source            a star is one step, whatever its name or index
//   Mounts[0].Source           one element; [*] is the star
//   Config.Labels["secret.*"]  a quoted name may hold any characters; stars in it stand for any of
//                              them, and a backslash takes the next *, " or \ as it is
//
// A key counts with its escapes decoded, and each of several equal keys counts. A value within one
// that is emptied goes with it. A key of more than REDACT_LOOK_MAX bytes counts as one that every
// name with stars fits.
//
// A text may be all there, or come in pieces: what comes out is the same, wherever it is cut.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"

#include <stddef.h>

#define REDACT_PATHS_MAX 64  // in a set
#define REDACT_STEPS_MAX 16  // of a path
#define REDACT_PATH_MAX  256 // bytes of a path, or of a name to keep
#define REDACT_KEEP_MAX  64  // names of a path

#define REDACT_LOOK_MAX 1024 // bytes of a key, or of an element, that are looked at
#define REDACT_GAP_MAX  1024 // bytes of white space in front of an element that may be kept

struct redact_set;

struct redact_set *redact_new(void); // the caller owns it; NULL without memory
void redact_free(struct redact_set *set);
size_t redact_size(const struct redact_set *set); // bytes of memory

// Both return 0, or -1 with err set.
MUST_USE int redact_add(struct redact_set *set, struct span path, struct err *err);

// An array at the path keeps its elements that are strings "NAME=..." or "NAME" with one of these
// names, as environments have them; stars are allowed. Other elements are taken out. A value of
// another type is emptied. Where several paths lead to the same array, only what all keep stays.
// An element without a "=" among its first REDACT_LOOK_MAX bytes, if it is longer, is taken out.
MUST_USE int redact_keep(struct redact_set *set, struct span path, const struct span *names,
                         size_t count, struct err *err);

enum redact_result {
    REDACT_SAME,    // nothing to take away; out is empty
    REDACT_CHANGED, // out has the new text
    REDACT_FAIL,    // out is empty: not one JSON value, too long for 'out', or no memory
};

// 'out' is emptied first. More white space than REDACT_GAP_MAX is a failure. Linear in the text for
// a given set.
MUST_USE enum redact_result redact_apply(const struct redact_set *set, struct span text,
                                         struct buffer *out);

// The same in pieces. What comes out goes to the sink, which borrows it; no more than a few KiB are
// held. The set is borrowed. NULL: no memory.
typedef void (*redact_sink)(void *arg, struct span text);

struct redact_stream;

struct redact_stream *redact_stream_new(const struct redact_set *set, redact_sink sink, void *arg);
void redact_stream_free(struct redact_stream *s); // NULL is fine

// Both return 0, or -1: not one JSON value, or no memory; what came out was not all.
MUST_USE int redact_stream_feed(struct redact_stream *s, struct span piece);
MUST_USE int redact_stream_end(struct redact_stream *s);
