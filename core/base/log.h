// log: lines on standard output, as text (Go's slog form, which users of wollomatic's proxy parse)
// or JSON.
//
// Start reading at log_write(). Values are escaped here, nowhere else: no byte of a client can
// begin a new line or forge a field.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_output;

struct log {
    int fd;                    // used when there is no 'output': writing waits
    struct log_output *output; // writing never waits (log_output.h); borrowed
    enum log_level least;      // lines below it are dropped
    bool json;
};

struct log_field {
    const char *key;
    struct span text; // used when it is not a number
    int64_t number;
    bool is_number;
};

#define LOG_SPAN(k, s) ((struct log_field){ .key = (k), .text = (s) })
#define LOG_TEXT(k, t) LOG_SPAN(k, span_of(t))
#define LOG_NUMBER(k, n) \
    ((struct log_field){ .key = (k), .number = (int64_t)(n), .is_number = true })

// True when a line of this level would be written; for callers whose fields cost something.
bool log_wants(const struct log *log, enum log_level level);

// Writes one line. A value longer than 4 KiB is cut and marked. Fields with an empty text are left
// out.
void log_write(const struct log *log, enum log_level level, const char *message,
               const struct log_field *fields, size_t n);

// Writes what is held and has room, of a log with an output, and says how many lines were lost.
// False: something is left.
bool log_flush(const struct log *log);

#define log_line(log, level, message, ...)                                    \
    log_write((log), (level), (message), (struct log_field[]){ __VA_ARGS__ }, \
              ARRAY_LEN(((struct log_field[]){ __VA_ARGS__ })))
#define log_plain(log, level, message) log_write((log), (level), (message), NULL, 0)

// "debug", "Info", ... in any case. Returns 0, or -1 for an unknown name.
MUST_USE int log_level_read(const char *name, enum log_level *out);
