// script: a command that is written in Lua, lualib/moonward/command/NAME.lua. It has a state of its
// own, apart from those of the policies, and no limits: it is our code and works for an operator.
//
// The file returns a function, which is called with a table of tools, the words behind the name of
// the command and its environment, and returns the exit status. What can fail returns nil, a
// message and an exit status. The tools, by the file that has them:
//
// script_setup.c: set-ups have the numbers 1 and 2
//   open(n, words, environment)     makes set-up n -> the words that are no options. Help was asked
//                                   for: nil, nil, 0, and describe() knows the options
//   open_bare(n, names, words, environment)  the same without policies and with these core options
//                                   alone, and the command's own
//   close(n)                        it can be opened again then
//   describe(n)                     -> a table, see lua/setup_table.h
//   text(n, name), is_given(n, name)  an option of the command's own
//   log()                           what the policies have logged so far
//   policy(n, name, folder)         loads a policy by itself, with the limits of set-up n ->
//                                   { summary, options }
// script_judge.c
//   judge(n, head, body, client, answer)  what set-up n says to a request -> a table; see
//   push_verdict().
//                                   'head' is as on the wire, 'client' as in read_client(),
//                                   'answer' what the engine would answer
//   dry_run(n, address, visit)      calls visit(case) for each synthetic request; see push_case()
//   ask(n, path)                    GETs it from the engine -> status, body
//   container_address(n, answer)    the address in the engine's answer about a container
//   engine_fault(n)                 why the engine's socket cannot be reached; nil: it can
// script_files.c
//   read(option, path, n)           a file, - for standard input, of up to 16 MiB, or -maxbody of
//                                   set-up n -> text; and fourth true if it is longer
//   write(path, text)               makes a new file -> true; never over one that is there
//   folder(path)                    -> the names in it
//   bundle()                        -> the names of what the program brings, "policies/x.lua"
//   bundled(name)                   -> the text of one, or nil
//   say(text)                       on standard output
//   complain(text, usage)           on standard error, behind "moonward: ", and perhaps the usage
// script_test.c
//   find_specs(path)                files of specs in and below a folder, a line each
//   run_spec(n, path, traces)       runs one, with the limits of set-up n -> the lines that
//                                   lualib/moonward/spec/run.lua returns
//   stamp(path)                     lines that are others when a file of Lua has changed there
//   pause()                         waits for a moment
#pragma once

#include "base/attr.h"
#include "lua/setup.h"

struct lua_State;

struct script {
    const char *name;
    const struct option *own; // of the command, for open()
    size_t own_count;
    size_t words;                // that are no options, for open()
    const struct log *log;       // of the policies of set-up 1; NULL: nowhere
    struct setup *setup;         // the first, made already; NULL: open() makes it. Borrowed
    const struct launch *launch; // words and environment
};

// Returns the exit status.
MUST_USE int script_run(const struct script *script);
