// document: a whole JSON text as a tree of nodes, read strictly: what two readers could read in two
// ways is refused with a message. It holds no text but keys with escapes; spans are of the text.
//
// The engine reads bodies with Go's encoding/json, which finds fields whatever their case, takes
// U+017F for "s" and U+212A for "k", merges repeated objects and keeps elements of replaced lists.
// So refused are: keys that come twice or are equal under that folding, with different values; keys
// with those two characters, or with NUL; invalid UTF-8; half surrogate pairs; a byte order mark;
// anything behind the value; too much nesting; too many values.
//
// Twins, members of one object whose keys are equal and whose values have the same bytes, are one:
// document_read() says that there are some, and writes the text without the second ones. That text
// is what is to be read, and sent on.
//
// Objects are of two kinds. Fields of a struct of the engine's are found whatever their case; the
// keys of a map are data and exact. Which is which is told by rules, and what a map holds is a
// struct.
//
// Linear in the text. No input or output. Start reading at document_read().
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCUMENT_DEPTH_MAX 64

enum node_type {
    NODE_NULL,
    NODE_FALSE,
    NODE_TRUE,
    NODE_NUMBER,
    NODE_STRING,
    NODE_ARRAY,
    NODE_STRUCT,
    NODE_MAP,
};

// Nodes lie in the order of the text: the first element or member of a node is the one behind it.
struct node {
    uint32_t at, len;      // the value, with its quotes or brackets
    uint32_t key, key_len; // see document_key()
    uint32_t next;         // number of the next element or member; 0: none
    uint32_t count;        // elements or members
    uint32_t parent;       // number of the array or object that it is in; of the first node 0
    uint8_t type;          // enum node_type
    bool escaped;          // the string has escapes
    bool key_decoded;      // the key had
    bool opened;           // for whoever uses the document; false at first
    bool flat;             // no element has elements or members of its own: they lie side by side
};

struct document {
    const char *text; // borrowed
    struct node *nodes;
    size_t count, room;
    struct buffer keys; // those that had escapes, decoded
};

// An object below such a key of a struct is a map; if 'inside' is not empty, only where that struct
// itself is below the key 'inside'. Both are folded.
struct document_map {
    struct span name, inside;
};

struct document_rules {
    size_t values; // most of them
    const struct document_map *maps;
    size_t map_count;
    bool exact;    // all objects are maps, and of equal keys the last counts
    uint64_t seed; // nobody who writes texts may know it
};

enum document_result {
    DOCUMENT_OK,
    DOCUMENT_TWINS, // the text without them is in 'single'; there is no document
    DOCUMENT_BAD,   // err says why, beginning with the byte, counted from 1
};

// Fills an empty document. 'single' is empty and has a limit of at least the text's length; it is
// filled for twins only.
MUST_USE enum document_result document_read(struct document *d, struct span text,
                                            const struct document_rules *rules,
                                            struct buffer *single, struct err *err);
void document_clear(struct document *d);
size_t document_size(const struct document *d); // bytes of memory

// A member's key, decoded. Borrowed from the text or the document.
struct span document_key(const struct document *d, const struct node *node);
// The bytes of a value.
struct span document_source(const struct document *d, const struct node *node);
// What is between the quotes of a string, as it stands there.
struct span document_raw(const struct document *d, const struct node *node);

// Whether the object takes both keys for one.
bool document_same_key(const struct node *object, struct span a, struct span b);

// The member of a struct or map with that key: folded, or exact; a key that is looked for has none
// of Go's two characters. NULL if there is none. Looks through all of them.
const struct node *document_find(const struct document *d, const struct node *object,
                                 struct span key);

// The first element or member, and the one behind another; NULL: there is none.
const struct node *document_first(const struct node *node);
const struct node *document_next(const struct document *d, const struct node *node);
