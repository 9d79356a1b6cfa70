#include "tar/reader.h"

#include "base/number.h"

#include <string.h>

void tar_reader_init(struct tar_reader *r, const struct tar_user *user)
{
    *r = (struct tar_reader){ .user = *user };
    buffer_init(&r->special, TAR_SPECIAL_MAX);
    buffer_init(&r->name, TAR_SPECIAL_MAX);
}

void tar_reader_clear(struct tar_reader *r)
{
    buffer_clear(&r->special);
    buffer_clear(&r->name);
}

static void follow(struct tar_reader *r, enum tar_state state, uint64_t size)
{
    r->left = size;
    r->padding = (size_t)(-size & (TAR_BLOCK - 1));
    r->state = size > 0 ? state : TAR_AT_HEADER;
}

static void forget_specials(struct tar_reader *r)
{
    buffer_reset(&r->name);
    r->has_pax = r->has_size = r->has_name = r->awaits_entry = false;
}

// --- what is about the next entry
// -----------------------------------------------------------------

static const char *set_name(struct tar_reader *r, struct span name)
{
    if (memchr(name.at, 0, name.len))
        return "the name of an entry has a NUL in it";
    buffer_reset(&r->name);
    buffer_add_span(&r->name, name);
    r->has_name = true;
    return r->name.failed ? "out of memory" : NULL;
}

static const char *take_record(struct tar_reader *r, struct span key, struct span value)
{
    if (span_starts(key, SPAN("GNU.sparse.")))
        return "it has a sparse file in it";
    if (memchr(key.at, 0, key.len))
        return "an attribute of an entry cannot be read";
    if (span_is(key, SPAN("path")))
        return value.len > 0 ? set_name(r, value) : "an entry has an empty name";
    if (!span_is(key, SPAN("size")))
        return NULL;
    r->has_size = number_read(value, 10, 1ull << 50, &r->size) == 0;
    return r->has_size ? NULL : "the size of an entry cannot be read";
}

// "LENGTH KEY=VALUE\n", and again; the length is that of all of it.
static const char *read_pax(struct tar_reader *r, struct span text)
{
    static const char broken[] = "an attribute of an entry cannot be read";

    while (text.len > 0) {
        const char *blank = memchr(text.at, ' ', text.len < 8 ? text.len : 8);
        uint64_t len;

        if (!blank || number_read((struct span){ text.at, (size_t)(blank - text.at) }, 10, text.len,
                                  &len) != 0)
            return broken;

        const char *end = text.at + len;
        struct span record = { blank + 1, 0 };

        if (end < blank + 2 || end[-1] != '\n')
            return broken;
        record.len = (size_t)(end - 1 - record.at);

        const char *equals = memchr(record.at, '=', record.len);

        if (!equals || equals == record.at)
            return broken;

        struct span key = { record.at, (size_t)(equals - record.at) };
        const char *fault =
            take_record(r, key, (struct span){ equals + 1, record.len - key.len - 1 });

        if (fault)
            return fault;
        text = (struct span){ end, text.len - (size_t)len };
    }
    return NULL;
}

// Several that say the same are read in different ways by different programs.
static const char *take_special(struct tar_reader *r)
{
    struct span text = buffer_span(&r->special);
    size_t nul;

    switch (r->header.kind) {
    case TAR_PAX:
        if (r->has_pax || r->has_name)
            return "an entry has more than one header with its attributes";
        r->has_pax = true;
        return read_pax(r, text);
    case TAR_LONG_NAME:
        if (r->has_name)
            return "an entry has more than one long name";
        nul = text.len > 0 ? strnlen(text.at, text.len) : 0;
        if (nul == 0)
            return "an entry has an empty name"; // to Go it is as if it was not there
        return set_name(r, (struct span){ text.at, nul });
    default:
        return NULL; // where a link leads to
    }
}

// --- entries
// ----------------------------------------------------------------------------------------

static const char *begin_entry(struct tar_reader *r)
{
    struct span name = r->has_name ? buffer_span(&r->name) : span_of(r->header.name);
    uint64_t size = r->header.size;
    const char *fault;

    if (r->has_size && r->header.kind == TAR_FILE)
        size = r->size;
    else if (r->has_size && r->size > 0)
        return "the size of an entry cannot be read";
    fault = r->user.entry(r->user.arg, r->header.kind, name);
    forget_specials(r);
    follow(r, TAR_AT_CONTENT, size);
    return fault;
}

static void pass(const struct tar_reader *r, const char *at, size_t len)
{
    if (r->user.pass)
        r->user.pass(r->user.arg, (struct span){ at, len });
}

static const char *take_header(struct tar_reader *r)
{
    const char *fault;

    if (tar_header_is_zero(r->block)) {
        if (r->awaits_entry) // it would be about what somebody else appends
            return "what says more about an entry stands at its end, without one";
        r->state = r->state == TAR_AT_SECOND_ZERO ? TAR_AT_END : TAR_AT_SECOND_ZERO;
        return NULL;
    }
    if (r->state == TAR_AT_SECOND_ZERO)
        return "there is something behind a block of zeros";
    fault = tar_header_read(&r->header, r->block);
    if (fault)
        return fault;
    pass(r, r->block, TAR_BLOCK);
    switch (r->header.kind) {
    case TAR_FILE:
    case TAR_DIRECTORY:
    case TAR_LINK:
    case TAR_OTHER:
        return begin_entry(r);
    case TAR_PAX:
    case TAR_LONG_NAME:
    case TAR_LONG_LINK:
        break;
    }
    if (r->header.size == 0 || r->header.size > TAR_SPECIAL_MAX)
        return "what an entry says of the next one is empty, or longer than 256 KiB";
    buffer_reset(&r->special);
    r->awaits_entry = true;
    follow(r, TAR_AT_SPECIAL, r->header.size);
    return NULL;
}

// --- the stream
// -------------------------------------------------------------------------------------

static const char *take_block(struct tar_reader *r, struct span *text)
{
    size_t n = TAR_BLOCK - r->have;

    if (n > text->len)
        n = text->len;
    memcpy(r->block + r->have, text->at, n);
    *text = (struct span){ text->at + n, text->len - n };
    r->have += n;
    if (r->have < TAR_BLOCK)
        return NULL;
    r->have = 0;
    return take_header(r);
}

static const char *take_content(struct tar_reader *r, struct span *text)
{
    struct span piece = { text->at, r->left < text->len ? (size_t)r->left : text->len };
    const char *fault = NULL;

    *text = (struct span){ text->at + piece.len, text->len - piece.len };
    r->left -= piece.len;
    pass(r, piece.at, piece.len);
    if (r->state == TAR_AT_CONTENT)
        fault = r->user.content(r->user.arg, piece);
    else
        buffer_add_span(&r->special, piece);
    if (r->special.failed)
        return "out of memory";
    if (fault || r->left > 0)
        return fault;
    if (r->state == TAR_AT_SPECIAL)
        fault = take_special(r);
    r->state = r->padding > 0 ? TAR_AT_PADDING : TAR_AT_HEADER;
    return fault;
}

static void skip_padding(struct tar_reader *r, struct span *text)
{
    size_t n = r->padding < text->len ? r->padding : text->len;

    pass(r, text->at, n);
    *text = (struct span){ text->at + n, text->len - n };
    r->padding -= n;
    if (r->padding == 0)
        r->state = TAR_AT_HEADER;
}

int tar_reader_feed(struct tar_reader *r, const char *data, size_t len)
{
    struct span text = { data, len };

    while (text.len > 0 && !r->fault) {
        switch (r->state) {
        case TAR_AT_HEADER:
        case TAR_AT_SECOND_ZERO:
            r->fault = take_block(r, &text);
            break;
        case TAR_AT_CONTENT:
        case TAR_AT_SPECIAL:
            r->fault = take_content(r, &text);
            break;
        case TAR_AT_PADDING:
            skip_padding(r, &text);
            break;
        case TAR_AT_END:
            return 0;
        }
    }
    return r->fault ? -1 : 0;
}

bool tar_reader_whole(const struct tar_reader *r)
{
    bool between = r->state == TAR_AT_HEADER || r->state == TAR_AT_SECOND_ZERO;

    return r->state == TAR_AT_END || (between && r->have == 0 && !r->awaits_entry && !r->fault);
}

const char *tar_reader_fault(const struct tar_reader *r)
{
    return r->fault;
}
