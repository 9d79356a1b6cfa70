// item_list: items of an answer as one text for Lua: each as it came, with a NUL behind it, which
// no JSON has. In place of an item that is too long to be read stands "!" and how it begins. No
// I/O.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"

#define ITEM_LIST_MAX   (1u << 20) // bytes of an item that can be read
#define ITEM_LIST_START 4096       // and that are told of one that is longer

void item_list_add(struct buffer *out, struct span item);
void item_list_add_long(struct buffer *out, struct span start);

// The elements of the list in a text that is all there; 'list' as cut.h has its paths. -1: the text
// is not such a one.
MUST_USE int item_list_read(struct buffer *out, const char *list, struct span text);
