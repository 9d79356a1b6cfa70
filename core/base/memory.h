// memory: gives what a burst has used and freed back to the kernel. malloc() by itself keeps
// whatever lies below something that is still in use.
#pragma once

#include "base/attr.h"

#include <stddef.h>

struct memory {
    int statm;    // /proc/self/statm, open from the start: later it may be out of reach; -1: none
    size_t least; // pages in memory when there was least since the last time
};

void memory_open(struct memory *m);
void memory_close(struct memory *m);

// To be called every few seconds; costs one read when there is nothing to give back.
void memory_give_back(struct memory *m);
