// check_policies: the part of `check` that asks the policies about every operation: which of them
// err, and what the worst is that somebody can do who is let through.
#pragma once

#include "base/attr.h"
#include "lua/setup.h"

#include <stddef.h>

#define CHECK_ERRORS 20 // different ones that are shown

struct check_error {
    char text[640];    // "policy x failed at x.lua:12: ..."
    char request[128]; // the first that met it
    unsigned more;     // requests that met it after that
};

struct check_policies {
    struct check_error errors[CHECK_ERRORS];
    size_t error_count;
    unsigned left_off; // requests with errors that found no place

    // The first request that is let through and takes over the host; "": none is.
    char worst[128], worst_text[128], worst_policy[64];
};

// -1: err says why they could not be asked.
MUST_USE int check_policies_ask(struct check_policies *found, const struct setup *setup,
                                struct err *err);

void check_policies_say(const struct check_policies *found);

// What to warn of, as text; false: nothing.
bool check_policies_warning(const struct check_policies *found, char *out, size_t size);
