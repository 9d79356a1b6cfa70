#include "base/buffer.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

void buffer_init(struct buffer *b, size_t max)
{
    CHECK(max > 0);
    *b = (struct buffer){ .max = max };
}

void buffer_init_in(struct buffer *b, size_t max, char *room, size_t size)
{
    CHECK(max >= size);
    *b = (struct buffer){ .data = room, .cap = size, .max = max, .lent = true };
}

void buffer_clear(struct buffer *b)
{
    if (!b->lent)
        free(b->data);
    *b = (struct buffer){ .max = b->max };
}

void buffer_reset(struct buffer *b)
{
    b->len = 0;
    b->failed = false;
}

static void fail(struct buffer *b)
{
    buffer_clear(b);
    b->failed = true;
}

// Makes room for 'more' bytes. False: the buffer has failed, now or earlier.
static bool grow(struct buffer *b, size_t more)
{
    if (b->failed)
        return false;
    if (more > b->max - b->len) {
        fail(b);
        return false;
    }
    if (more <= b->cap - b->len)
        return true;

    size_t cap = b->cap > 0 ? b->cap : FIRST_SIZE;

    while (cap - b->len < more)
        cap *= 2;

    char *data = realloc(b->lent ? NULL : b->data, cap);

    if (!data) {
        fail(b);
        return false;
    }
    if (b->lent)
        memcpy(data, b->data, b->len);
    b->lent = false;
    b->data = data;
    b->cap = cap;
    return true;
}

void buffer_add(struct buffer *b, const void *data, size_t len)
{
    if (len == 0 || !grow(b, len))
        return;
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

void buffer_add_span(struct buffer *b, struct span text)
{
    buffer_add(b, text.at, text.len);
}

void buffer_add_char(struct buffer *b, char c)
{
    buffer_add(b, &c, 1);
}

void buffer_add_string(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

// By hand: a printf costs some fifteen times as much.
void buffer_add_number(struct buffer *b, uint64_t number)
{
    char text[20];
    char *at = text + sizeof(text);

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buffer_add(b, at, (size_t)(text + sizeof(text) - at));
}

static void PRINTF_LIKE(3, 0) add_long(struct buffer *b, size_t len, const char *fmt, va_list args)
{
    char *text = malloc(len + 1);

    if (text) {
        (void)vsnprintf(text, len + 1, fmt, args);
        buffer_add(b, text, len);
    } else {
        fail(b);
    }
    free(text);
}

// A text that fits the stack is by far the most frequent. There is none of negative length, unless
// it would be longer than INT_MAX.
void buffer_printf(struct buffer *b, const char *fmt, ...)
{
    char small[512];
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);

    int len = vsnprintf(small, sizeof(small), fmt, args);

    if (len < 0)
        fail(b);
    else if ((size_t)len < sizeof(small))
        buffer_add(b, small, (size_t)len);
    else
        add_long(b, (size_t)len, fmt, again);
    va_end(again);
    va_end(args);
}

char *buffer_room(struct buffer *b, size_t len)
{
    return grow(b, len) ? b->data + b->len : NULL;
}

void buffer_filled(struct buffer *b, size_t len)
{
    CHECK(len <= b->cap - b->len);
    b->len += len;
}

struct span buffer_span(const struct buffer *b)
{
    return (struct span){ b->data, b->len };
}

const char *buffer_text(struct buffer *b)
{
    if (!grow(b, 1))
        return NULL;
    b->data[b->len] = '\0';
    return b->data;
}
