// acceptor: takes connections from the listeners and enforces how many there may be, in all and per
// client address. What is too many gets a 503 that says so.
#pragma once

#include "proxy/client.h"

struct acceptor;

// 'listeners' are descriptors in the order of the settings' listeners; they stay the caller's.
// NULL: no memory.
struct acceptor *acceptor_new(struct client_shared *shared, const int *listeners);
void acceptor_free(struct acceptor *a); // no connection is accepted any more; NULL is fine
