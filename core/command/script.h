// script: a command that is written in Lua, lualib/moonward/command/NAME.lua. It has a state of its
// own, apart from those of the policies, and no limits: it is our code and works for an operator.
//
// The file returns a function, which is called with a table of tools and the words of the command
// and its environment, and returns the exit status. The tools:
//
//   open(n, arguments, environment)  makes set-up 1 or 2 -> true; or nil, a message (nil: help was
//                                    printed) and an exit status
//   text(n, name), is_given(n, name) an option of the command's own, in set-up n
//   client(n, from)                  set-up n is asked by the client that the options of set-up
//                                    'from' paint -> true; or nil and a message
//   judge(n, method, path, body)     what set-up n says to a request -> a table; or nil, a message
//                                    and an exit status. See push_verdict() for its fields.
//   read(option, path, n)            a file, - for standard input, of up to 16 MiB, or -maxbody of
//                                    set-up n -> text; or nil, a message, an exit status and true
//                                    if it is longer
//   say(text), complain(text)        on standard output; on standard error, behind "moonward: "
#pragma once

#include "base/attr.h"
#include "lua/setup.h"

struct script {
    const char *name;
    const struct option *own; // of the command, for open()
    size_t own_count;
    struct setup *setup;      // the first, made already; NULL: open() makes it. Borrowed
    const char *const *words; // behind the name of the command
    size_t word_count;
    const char *const *environ; // ends in NULL; NULL: it needs none
};

// Returns the exit status.
MUST_USE int script_run(const struct script *script);
