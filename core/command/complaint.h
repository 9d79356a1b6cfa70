// complaint: what a command says on standard error when it cannot do what it was asked.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "lua/hang.h"

// "moonward: <text>". Returns 'status'.
int complaint_say(const struct err *err, int status);

// Two lines under a message about a bad flag.
void complaint_usage(void);

// A policy that hangs ends a command with these words.
extern const struct hang_hooks complaint_hang;
