// cut: finds the items in a stream of JSON, so that each can be kept, dropped or edited while
// all other bytes pass as they are. It holds no text: bytes in, ranges out, whatever the cuts.
//
// With lists = { "Volumes" }:
//
//   {"Volumes": [{"Name":"a"}, {"Name":"b"}], "Warnings": null}
//   [  PASS    ] [  ITEM     ]C [  ITEM     ][      PASS       ]
//
// Without lists each top-level value is an item, and PASS is the white space between them:
//
//   {"status":"start"}\n{"status":"die"}\n
//   [      ITEM       ]P[     ITEM      ]P
//
// Start reading at cut_step(). How to filter: hold an item's ranges until CUT_ITEM_END (the limit
// on its size is yours), write or drop it, write PASS always. Write a comma of your own before each
// item that is not the first one written to its list; a list begins anew with an item that no
// CUT_COMMA came before. Without lists, drop the PASS behind a dropped item.
//
// Everything is checked, inside of items and between, against RFC 8259 (see grammar.h). A CUT_BAD
// must end the answer: what came before it may have been something else.
#pragma once

#include "base/attr.h"
#include "base/span.h"
#include "json/grammar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUT_LISTS_MAX 16 // lists
#define CUT_NAMES_MAX 4  // names in a path
#define CUT_KEY_MAX   64 // bytes of a name

struct cut_rules {
    unsigned depth; // most brackets within brackets, up to GRAMMAR_DEPTH_MAX

    // Whose elements are the items: "" is the top-level array, "Volumes" the array below that key
    // of the top-level object, "Images.Items" one deeper. A list that is null has no items. A value
    // of another type there, or on the way there, is CUT_BAD, and so is a key with an escape: an
    // answer of unknown shape must not pass unfiltered. Keys that are not on the way pass.
    const char *const *lists;
    size_t list_count; // 0: each top-level value is an item
};

struct cut {
    const struct cut_rules *rules;
    struct grammar grammar;
    bool in_item;
    bool started;                     // the top-level value has begun
    unsigned item_depth;              // brackets around the item
    unsigned list_depth;              // brackets around the items of the list we are in; 0: in none
    size_t list;                      // which one
    uint32_t coming;                  // bits of the lists that the value to come may be or hold
    uint32_t open[CUT_NAMES_MAX + 1]; // the same for the objects that are open
    char key[CUT_KEY_MAX];
    size_t key_len; // may be more than fits; then it is no key of ours
    uint64_t offset;
};

enum cut_kind {
    CUT_MORE,     // nothing left of the input
    CUT_PASS,     // belongs to no item
    CUT_COMMA,    // the comma between two items of a list
    CUT_ITEM,     // part of an item; more of it will come
    CUT_ITEM_END, // the last part of an item; may be 0 bytes
    CUT_BAD,      // see cut_fault()
};

void cut_init(struct cut *c, const struct cut_rules *rules); // the rules are borrowed

// Tells what the first *used bytes of the input are; go on behind them. Call until CUT_MORE.
MUST_USE enum cut_kind cut_step(struct cut *c, const char *data, size_t len, size_t *used);

// The input has ended: CUT_MORE is well, CUT_ITEM_END too (a top-level number ends only here),
// CUT_BAD says that it was cut short, or empty where a list was expected.
MUST_USE enum cut_kind cut_end(struct cut *c);

// Lists as bits: all of them; those of 'lists' whose n-th name, counted from 0, is the key. A list
// ends at a depth if its path has so many names.
uint32_t cut_all(const struct cut_rules *rules);
uint32_t cut_follow(const struct cut_rules *rules, uint32_t lists, unsigned n, struct span key);
bool cut_ends(const struct cut_rules *rules, size_t list, unsigned depth);

size_t cut_list(const struct cut *c);       // which list the current item belongs to
const char *cut_fault(const struct cut *c); // what is wrong, a constant
uint64_t cut_offset(const struct cut *c); // bytes used so far; after CUT_BAD those before the fault
