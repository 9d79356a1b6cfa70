// commands: what the program can be asked to do, one file each. Every function takes the words
// behind the command's name and returns the exit status: 0 well, 1 a value or a policy is wrong or
// the check failed, 2 the command line is wrong or there is no listener or no engine, 3 denied
// (explain), 4 not the same (compare, check -against), 10 stopped by the watchdog.
#pragma once

#include "proxy/supervisor.h" // struct launch

int serve_run(const struct launch *launch);
int check_run(const struct launch *launch);
int compare_run(const struct launch *launch);
int explain_run(const struct launch *launch);
int healthcheck_run(const struct launch *launch);
int help_run(const struct launch *launch);
int new_run(const struct launch *launch);
int policies_run(const struct launch *launch);
int test_run(const struct launch *launch);
int version_run(const struct launch *launch);

extern const char version_text[]; // "v1.2-3-gabc"
