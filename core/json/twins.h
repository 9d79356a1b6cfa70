// twins: the parts of a text that say what was said already, and the text without them. Used by
// document_read.c alone.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"

#include <stddef.h>

struct twin;

struct twins {
    struct twin *list; // in the order of the text
    size_t count, room;
};

// What is between two places in the text goes, and with it what goes inside of it: those come
// first. False: there is no memory.
MUST_USE bool twins_add(struct twins *t, size_t from, size_t to);

// Adds the text without them to 'out'.
void twins_write(const struct twins *t, struct span text, struct buffer *out);
void twins_clear(struct twins *t);
