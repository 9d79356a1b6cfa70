// watchdog: tries now and then whether the engine can be reached (-watchdoginterval).
#pragma once

#include "base/log.h"
#include "config/settings.h"
#include "proxy/judge.h"

struct watchdog;

// 'on_lost' is called once, and only with -stoponwatchdog. NULL: no memory.
struct watchdog *watchdog_new(const struct judge_tools *tools, const struct settings *settings,
                              const struct log *log, void (*on_lost)(void *arg), void *arg);
void watchdog_free(struct watchdog *w); // NULL is fine
