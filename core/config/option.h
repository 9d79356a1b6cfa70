// option: what there is to know about each option, and the values that were given for all of them.
//
// Core options are the table in core_options.c; each loaded policy adds its own. Parsing, defaults,
// -help and docs/options.md follow from these entries and nothing else. Options are written as Go
// writes them (-name=value, -name value, --name, booleans without value), because the program that
// most users come from does. Other than there, nothing is ignored in silence: stray words, bad
// values and misspelt names stop the start. Start reading at options_parse() in option_parse.c.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_TEXT,
    OPTION_SWITCH, // strconv.ParseBool's words
    OPTION_NUMBER, // whole, min..max; Go's prefixes 0x 0o 0b 0 on the command line, decimal in
                   // variables
    OPTION_OCTAL,  // a file mode; octal in variables, as OPTION_NUMBER on the command line
    OPTION_SIZE,   // bytes: 4096, 64k, 1m, 2g
    OPTION_LIST,   // repeatable
    OPTION_FILE,   // the path of a file; a policy gets its text as well
};

// A word that a variable takes, and what it means to the option that is set with it.
struct option_word {
    const char *word, *means; // words are compared whatever their case
};

struct option {
    const char *name; // without dash; "" for one that has only a variable, which then names it
    const char *env;  // NULL: none
    const char *const *env_also; // further names of the variable, NULL at the end; of all that are
                                 // set the first counts, 'env' before these; those of a core
                                 // option have to agree. NULL: none
    bool env_family;             // also ENV_<anything>: each adds an entry (lists only)
    bool commas;    // a value holds several entries with commas between, and perhaps blanks around;
                    // whoever gives it: flag, variable or default (lists only)
    bool env_empty; // set to nothing is set to the empty text; elsewhere it is not set (texts only)
    bool env_near;  // any other variable with nearly one of these names is a mistake and stops the
                    // start, unless 'env' is there as well, be it empty
    bool env_strict; // a switch's word in a variable with nearly this name, or that begins as its
                     // last name does up to an underscore, is a mistake and stops the start
    enum option_kind kind;
    uint64_t min, max;   // numbers and sizes; max 0: no upper limit
    const char *unit;    // "s", "bytes", ...; NULL: none
    const char *initial; // default, as text; NULL: unset or empty
    const char *help;
    const struct option_word *words; // the only values it takes, all NULL at the end; NULL: any
    const char *sets;     // the core option this is another name of; NULL: none. Its kind counts
    const char *spelling; // how another program writes what it sets: "haproxy-bind"; NULL: as here
    const char *refused;  // why there is no such variable, and what to write: to set it stops the
                          // start. Shown nowhere else; another owner's option goes before it
    bool secret;          // the value is shown nowhere: not by check, not in a message
    bool required;        // what it sets has to be said by somebody, in this way or another
    const char *owner;    // the policy it belongs to; "core"
};

struct options;

// Where a value came from, for messages and -help.
// The weaker first: a flag goes before the file of -config, and that before a variable.
enum option_source { OPTION_DEFAULT, OPTION_ENV, OPTION_CONFIG, OPTION_FLAG };

extern const struct option core_options[];
extern const size_t core_option_count;

// The caller owns the result and keeps the entries alive. NULL: no memory.
struct options *options_new(void);
void options_free(struct options *o);

// The variable's name number i: 'env', then 'env_also'. NULL: there are no more.
const char *option_variable(const struct option *entry, size_t i);

// Adds an entry; the error says which two owners claim the same flag or variable, or that the
// default is no value of that kind.
MUST_USE int options_declare(struct options *o, const struct option *entry, struct err *err);

enum options_status {
    OPTIONS_OK,
    OPTIONS_HELP,      // -h or -help: print it, exit 0
    OPTIONS_BAD_FLAG,  // message and usage on stderr, exit 2
    OPTIONS_BAD_VALUE, // exit 1
};

// Whether an argument is NAME=VALUE, as in front of a command.
bool option_is_variable(const char *word);

#define OPTION_WORDS 64

// What a command takes besides: arguments that are no options, such as METHOD and PATH of
// `explain`, and options of its own. All may stand anywhere; a name that both a policy and the
// command have means the command's behind the last word, and the policy's before and where the
// command takes no words.
struct option_words {
    size_t max; // how many the command takes
    size_t count;
    const char *at[OPTION_WORDS];
    struct options *own; // borrowed; NULL: none
};

// Flags win over variables, variables over defaults; a list given by flags drops its variables.
// Unknown flags, and unknown variables that begin with a known prefix, are refused with the nearest
// known name. Words go to 'words'; if that is NULL, they are refused.
MUST_USE enum options_status options_parse(struct options *o, int argc, char *const *argv,
                                           char *const *environ, struct option_words *words,
                                           struct err *err);

// One value as the file of -config has it, by the option's name, or its variable where it has none;
// of a list one entry. To be called before options_parse(). The name has to be declared.
MUST_USE int options_take(struct options *o, const char *name, const char *value, struct err *err);

// The same as options_parse(), but whatever is unknown or wrong is skipped: to find out which
// policies to load before their options are known. Fails only without memory.
MUST_USE int options_scan(struct options *o, int argc, char *const *argv, char *const *environ,
                          struct err *err);

// Values after options_parse(). The name must be declared and of that kind.
const char *options_text(const struct options *o, const char *name); // "" when unset
bool options_switch(const struct options *o, const char *name);
uint64_t options_number(const struct options *o, const char *name); // NUMBER, OCTAL, SIZE
size_t options_list_count(const struct options *o, const char *name);

// Variables that look like a switch of a proxy, "PORTS=1", and that nothing reads: i counts from 0.
// NULL: there are no more.
const char *options_unread(const struct options *o, size_t i);
const char *options_list(const struct options *o, const char *name, size_t i);
enum option_source options_source(const struct options *o, const char *name);

// What set it: "-listen", "SP_LISTENIP", "upstream in -config" or "default"; cut to fit.
#define OPTION_ORIGIN 80
void options_origin(const struct options *o, const char *name, char out[OPTION_ORIGIN]);

// Any option's value as a person would write it, lists with ", " between. Nothing when unset.
void options_show(const struct options *o, const char *name, struct buffer *out);

// All entries in the order of declaration.
size_t options_count(const struct options *o);
const struct option *options_entry(const struct options *o, size_t i);
bool options_declared(const struct options *o, const char *name);
