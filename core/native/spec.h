// spec: one file of specs, run in a sandbox of its own by lualib/moonward/spec/run.lua. What it
// does to its Lua state is gone with it, and it cannot take more memory or time than its limits
// say.
//
// The tools that run.lua gets:
//
//   guard(fn)     calls a spec's function under the limits of one case -> true; or false, the
//   error,
//                 and the lines of specs that were on the way there
//   places()      these lines, innermost first, as texts with a line break behind each
//   read(path)    a file -> text; or nil and a message
//   say(text)     on standard output
//   limits        of each policy's host: { memory =, instructions =, burst_us = }
//   policydir     nil if there is none
//   traces        whether it is to be told which verdicts were reached
//
// Start reading at spec_run().
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"
#include "lua/host.h"

struct hang;

#define SPEC_RESULT_MAX (4u << 20)

struct spec {
    const char *path;
    struct host_limits limits; // of the file's state, and of each of its cases
    struct host_limits hosts;  // of the policies that it tries
    const char *policydir;     // NULL: none
    bool traces;
    struct hang *hang; // borrowed; NULL: not watched
};

// Adds the lines that run.lua returns to the result. -1 with err set: the state could not be made,
// or its memory did not suffice for the words around the specs.
MUST_USE int spec_run(const struct spec *spec, struct buffer *result, struct err *err);
