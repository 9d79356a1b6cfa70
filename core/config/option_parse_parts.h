// option_parse_parts: what the two files that read options share: option_parse.c (flags, defaults,
// start reading there) and option_variables.c, with option_put.c below both. Private to them.
#pragma once

#include "config/option_slot.h"

// Flags and variables carry the same things around.
struct parse {
    struct options *o;
    struct option_words *words;
    struct options *set; // where the option of this moment was found: 'o', or the command's own
    bool lenient;        // a scan: skip what is wrong
    enum option_source source; // of the values that are put now
    const char *variable;      // that is read now; borrowed from an entry
    struct err *err;
};

// Reads a value and puts it into the slot it belongs to, unless something stronger was there.
MUST_USE enum options_status option_put(struct parse *p, struct option_slot *slot,
                                        const char *text);

// Puts what the error is about in front of it: "-listen" or "SP_LISTENIP". Returns -1.
int option_complain(struct parse *p, const char *dash, struct span name);

MUST_USE enum options_status option_variables(struct parse *p, char *const *environ);
