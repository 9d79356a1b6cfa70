// hop: which fields concern one connection only, or are written anew, and so are never passed on
// (RFC 9110, section 7.6.1).
//
// The list is fixed. A Connection header adds nothing to it: the engine pays no heed to the names
// there, so a proxy that removed them would let a client take Content-Type or X-Registry-Auth out
// of a request that was judged with them.
#pragma once

#include "base/span.h"

#include <stdbool.h>

bool hop_is_dropped(struct span name); // lower case
bool hop_is_kept_in_trailer(struct span name);
