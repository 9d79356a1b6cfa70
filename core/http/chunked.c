#include "http/chunked.h"

#include "base/number.h"
#include "http/chars.h"
#include "http/head_fields.h"
#include "http/hop.h"

#include <stdlib.h>
#include <string.h>

#define EXTENSION_MAX (4u << 10)
#define TRAILER_MAX   (16u << 10)
#define TRAILER_LINES 64
#define DIGITS_MAX    16

// What is expected next.
enum state {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,    // a byte of a trailer line, or the CR of the empty line that ends them all
    TRAILER_LF, // of a trailer line, or of the empty line if line == 0
    END,
    BAD,
};

void chunked_init(struct chunked *c, bool strict)
{
    *c = (struct chunked){ .state = SIZE, .strict = strict };
    buffer_init(&c->section, TRAILER_MAX);
    buffer_init(&c->trailer, 2 * TRAILER_MAX); // "a:b" becomes "a: b"
}

void chunked_clear(struct chunked *c)
{
    buffer_clear(&c->section);
    buffer_clear(&c->trailer);
}

struct span chunked_trailer(const struct chunked *c)
{
    return buffer_span(&c->trailer);
}

const char *chunked_fault(const struct chunked *c)
{
    return c->fault;
}

static int bad(struct chunked *c, const char *why)
{
    c->state = BAD;
    c->fault = why;
    return -1;
}

static int read_size(struct chunked *c, char ch)
{
    int digit = number_digit(ch);

    if (digit >= 0) {
        if (++c->digits > DIGITS_MAX)
            return bad(c, "a chunk size of more than 16 digits");
        c->left = c->left * 16 + (uint64_t)digit;
        if (c->left > INT64_MAX) // a reader with signed numbers would see a negative one
            return bad(c, "a chunk size that is too large");
        return 0;
    }
    if (c->digits == 0)
        return bad(c, "a chunk size that is not a hexadecimal number");
    if (ch == '\r') {
        c->state = SIZE_LF;
        return 0;
    }
    if (ch != ';')
        return bad(c, "a chunk size that is not a hexadecimal number");
    if (c->strict)
        return bad(c, "a chunk extension");
    c->line = 0;
    c->state = EXTENSION;
    return 0;
}

static int read_extension(struct chunked *c, char ch)
{
    if (ch == '\r') {
        c->state = SIZE_LF;
        return 0;
    }
    if (chars_text_end(&ch, &ch + 1) == &ch)
        return bad(c, "a control character in a chunk extension");
    if (++c->line > EXTENSION_MAX)
        return bad(c, "a chunk extension of more than 4 KiB");
    return 0;
}

static int begin_data(struct chunked *c)
{
    c->state = c->left > 0 ? DATA : TRAILER;
    c->digits = 0;
    c->line = 0;
    return 0;
}

// Takes the section apart with the reader of heads, so that a trailer can hold nothing that a head
// could not.
static int keep_trailer(struct chunked *c)
{
    struct head_limits limits = { .bytes = TRAILER_MAX, .headers = TRAILER_LINES };
    struct head_error error;
    struct fields f;

    if (c->section.failed)
        return bad(c, "a trailer of more than 16 KiB");
    if (fields_open(&f, c->section.data, c->section.len, &limits, &error) != HEAD_OK)
        return bad(c, "out of memory");
    if (fields_read(&f, f.block, f.block + c->section.len, &error) != HEAD_OK) {
        free(f.headers);
        return bad(c, "a trailer line that is not: name, colon, value");
    }
    for (size_t i = 0; !c->strict && i < f.count; i++) {
        if (!hop_is_kept_in_trailer(f.headers[i].name))
            continue;
        buffer_add_span(&c->trailer, f.headers[i].name);
        buffer_add(&c->trailer, ": ", 2);
        buffer_add_span(&c->trailer, f.headers[i].value);
        buffer_add(&c->trailer, "\r\n", 2);
    }
    free(f.headers);
    return c->trailer.failed ? bad(c, "out of memory") : 0;
}

static int read_trailer(struct chunked *c, char ch)
{
    if (ch == '\n')
        return bad(c, "a trailer line that ends with LF alone, not CRLF");
    if (ch == '\r') {
        c->state = TRAILER_LF;
        return 0;
    }
    c->line++;
    buffer_add_char(&c->section, ch);
    return c->section.failed ? bad(c, "a trailer of more than 16 KiB") : 0;
}

static int end_trailer_line(struct chunked *c)
{
    bool last = c->line == 0;

    c->line = 0;
    c->state = last ? END : TRAILER;
    if (last && c->section.len == 0)
        return 0;
    buffer_add(&c->section, "\r\n", 2);
    return last ? keep_trailer(c) : 0;
}

static int read_byte(struct chunked *c, char ch)
{
    switch ((enum state)c->state) {
    case SIZE:
        return read_size(c, ch);
    case EXTENSION:
        return read_extension(c, ch);
    case SIZE_LF:
        return ch == '\n' ? begin_data(c) : bad(c, "a chunk size line without LF after its CR");
    case DATA_CR:
        c->state = DATA_LF;
        return ch == '\r' ? 0 : bad(c, "a chunk that is longer than its size says");
    case DATA_LF:
        c->state = SIZE;
        return ch == '\n' ? 0 : bad(c, "a chunk that does not end with CRLF");
    case TRAILER:
        return read_trailer(c, ch);
    case TRAILER_LF:
        return ch == '\n' ? end_trailer_line(c) : bad(c, "a trailer line without LF after its CR");
    case DATA:
    case END:
    case BAD:
        break;
    }
    return bad(c, "more input after the end of the body");
}

enum chunked_status chunked_step(struct chunked *c, const char *data, size_t len, size_t *skip,
                                 size_t *body)
{
    size_t used = 0;

    *body = 0;
    while (used < len) {
        if (c->state == DATA) {
            *skip = used;
            *body = c->left < len - used ? (size_t)c->left : len - used;
            c->left -= *body;
            if (c->left == 0)
                c->state = DATA_CR;
            return CHUNKED_DATA;
        }
        if (read_byte(c, data[used++]) != 0) {
            *skip = used;
            return CHUNKED_BAD;
        }
        if (c->state == END) {
            *skip = used;
            return CHUNKED_END;
        }
    }
    *skip = used;
    return CHUNKED_MORE;
}
