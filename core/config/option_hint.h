// option_hint: what a policy says would allow a request, "-allowGET=/version", in the form that
// this set-up uses: who writes variables is told the variable. To follow a hint never takes away
// what is set already. No I/O.
#pragma once

#include "config/option.h"

#include <stddef.h>

// 'hint' is the policy's; one that does not begin with a flag that is declared stays as it is. Cut
// to fit.
void option_hint(const struct options *o, const char *hint, char *out, size_t size);
