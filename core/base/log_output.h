// log_output: where the lines of a log go, without ever waiting for whoever reads them. Lines are
// held, up to a limit, and written when there is room; what is too much is lost and counted.
//
// Standard output is shared with other programs, so O_NONBLOCK is never set on it: a pipe or a
// terminal is opened once more, a socket is asked each time, and a pipe that may not be opened
// again gets its bytes by splice(2), which can be told not to wait.
//
// The held lines lie in memory that survives a fork: when a worker dies, of whatever, the
// supervisor writes what it left (log_output_inherit()). Start reading at log_output_flush().
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_output;

// 'fd' is borrowed. NULL with err set. The caller owns the result.
struct log_output *log_output_new(int fd, struct err *err);
// Another one to the same place, for another process.
struct log_output *log_output_another(const struct log_output *o, struct err *err);
void log_output_free(struct log_output *o); // what it holds is dropped; NULL is fine

// Holds a line, with its newline; log_output_takes() was asked. It is written at the next flush:
// at once, unless somebody said by log_output_on_line() that they would see to it.
void log_output_add(struct log_output *o, struct span line);
MUST_USE bool log_output_takes(const struct log_output *o, size_t len);
void log_output_on_line(struct log_output *o, void (*wake)(void *arg), void *arg);

// Lines that were lost since they were last spoken of.
void log_output_lose(struct log_output *o, uint64_t lines);
uint64_t log_output_lost(const struct log_output *o);

// Writes what there is room for; only write(2) and its like, so a signal handler may call it.
// False: something is left, and log_output_fd() will become writable.
bool log_output_flush(struct log_output *o);
int log_output_fd(const struct log_output *o);

// Flushes for as long as 'ms'.
void log_output_drain(struct log_output *o, unsigned ms);

// Writes what the output of a process that died still held; what does not go out now is held here.
void log_output_inherit(struct log_output *o, struct log_output *of_the_dead);

struct span log_output_time(struct log_output *o); // of a line, as clock_wall_text() has it
