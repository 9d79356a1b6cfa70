// option_value: is this text a value of that option, and which number is it? No storage here.
#pragma once

#include "config/option.h"

enum option_value_status {
    OPTION_VALUE_OK,
    OPTION_VALUE_SYNTAX, // not of that kind at all
    OPTION_VALUE_RANGE,  // of that kind, but too small or too large
};

// The source decides how numbers are written (see enum option_kind). *number is 0 or 1 for a
// switch, and untouched for texts and lists. The error says what was expected and what came, but
// not for which flag or variable; the caller knows that.
MUST_USE enum option_value_status option_value_read(const struct option *entry,
                                                    enum option_source source, const char *text,
                                                    uint64_t *number, struct err *err);

// Whether it has around it what a file or a list in compose keeps and nobody means: quotes, a $NAME
// that nobody expands, or, in a variable, blanks. Of a policy's option only quotes are looked for.
// The error says what to write.
MUST_USE int option_value_plain(const struct option *entry, enum option_source source,
                                struct span text, struct err *err);

struct span option_value_trim(struct span text); // without the blanks around it

// The next entry of a list with commas between, without the blanks around it; empty ones are left
// out. False: *rest has no more.
MUST_USE bool option_value_piece(const char **rest, struct span *piece);

// What a text stands for where an option takes certain words only; for others, the text itself.
// NULL: it is none of the words, and the error lists them.
MUST_USE const char *option_value_word(const struct option *entry, const char *text,
                                       struct err *err);

// Whether its flag may stand without a value, which then is "true": a switch, or one that takes the
// word. 'judge' is the entry whose kind counts.
bool option_value_may_lack(const struct option *entry, const struct option *judge);

// What values look like, for -help: "NUMBER", "SIZE", "" for a switch.
const char *option_value_form(enum option_kind kind);
