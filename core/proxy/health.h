// health: answers `moonward healthcheck` on 127.0.0.1 (-allowhealthcheck, -healthport): HEAD
// /health is 200 while the engine accepts connections, else 503; as wollomatic's proxy does.
#pragma once

#include "proxy/judge.h"

#define HEALTH_ADDRESS "127.0.0.1"

struct health;

// 'fd' is a listening socket and stays the caller's. NULL: no memory.
struct health *health_new(const struct judge_tools *tools, int fd);
void health_free(struct health *h); // NULL is fine
