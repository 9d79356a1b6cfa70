// last_words: what a worker still does when a policy hangs inside C and the process has to end: the
// client that waits gets a refusal, the log a line. It runs in a signal handler (lua/hang.h), so
// everything was prepared before; only write(2) and its like are left.
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "lua/hang.h"

struct last_words;

// 'log' and 'message', of the line in it, are borrowed. NULL: no memory.
struct last_words *last_words_new(const struct log *log, const char *message);
void last_words_free(struct last_words *words);

// Whose request is being judged; -1: nobody's, or something else is still to be written to it.
void last_words_for(struct last_words *words, int fd);

struct hang_hooks last_words_hooks(struct last_words *words);
