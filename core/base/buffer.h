// buffer: text that grows up to a limit given when it is made. Appending past the limit, or
// without memory, marks it as failed and drops what it held; further appends do nothing. So a
// caller appends a whole message without looking, and asks once, at the end.
#pragma once

#include "base/attr.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *data; // not terminated; see buffer_text()
    size_t len, cap, max;
    bool failed;
    bool lent; // 'data' is the caller's: buffer_init_in()
};

void buffer_init(struct buffer *b, size_t max);
// The same, with 'room' for what is short, so that nothing is allocated for it; borrowed until
// buffer_clear().
void buffer_init_in(struct buffer *b, size_t max, char *room, size_t size);
void buffer_clear(struct buffer *b); // frees; the buffer can be filled again
void buffer_reset(struct buffer *b); // empties and keeps the memory for the next use

void buffer_add(struct buffer *b, const void *data, size_t len);
void buffer_add_span(struct buffer *b, struct span text);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_string(struct buffer *b, const char *text);
void buffer_add_number(struct buffer *b, uint64_t number); // in decimal digits
void buffer_printf(struct buffer *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

// Room behind the content for so many bytes, to be written directly; NULL: the buffer has failed.
// buffer_filled() says how many of them there are now.
MUST_USE char *buffer_room(struct buffer *b, size_t len);
void buffer_filled(struct buffer *b, size_t len);

// The content as a span, borrowed until the next append.
struct span buffer_span(const struct buffer *b);

// The content with a NUL behind it, borrowed until the next append. NULL if the buffer failed.
MUST_USE const char *buffer_text(struct buffer *b);
