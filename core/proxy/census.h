// census: counts the connections of each client address, for -maxperclient.
#pragma once

#include "base/attr.h"

#include <stdbool.h>

struct census;

struct census *census_new(unsigned per_client); // NULL: no memory
void census_free(struct census *census);

// Counts one more for that address. False: it has its share already, or there is no memory.
MUST_USE bool census_enter(struct census *census, const char *address);
void census_leave(struct census *census, const char *address);
