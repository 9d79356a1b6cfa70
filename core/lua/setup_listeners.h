// setup_listeners: what a file of -config describes becomes listeners in the settings, and policies
// in the host, each with options of its own. A step of setup_new().
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "lua/host_config.h"
#include "lua/setup.h"

// Sets options to what a file says; the error names the file, the line and the key.
MUST_USE int setup_listeners_take(struct options *options, const struct host_values *values,
                                  struct err *err);

// 'dir' is -policydir, or NULL. The error names the file, the line and the listener or policy.
MUST_USE int setup_listeners_open(struct setup *setup, const struct host_config *config,
                                  const char *dir, struct err *err);
