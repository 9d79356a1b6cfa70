#define ZLIB_CONST
#include "tar/context.h"

#include "base/buffer.h"
#include "tar/links.h"
#include "tar/reader.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SHORT_NAME 99 // bytes of a name that needs no header of its own
#define START      6  // bytes that tell what the stream is packed by

// What becomes a candidate of anything but one plain file.
enum found {
    FOUND_NOTHING,
    FOUND_FILE,
    FOUND_ODD,  // a link, a directory, or something in its way
    FOUND_LONG, // longer than is read
};

struct candidate {
    enum found found;
    struct buffer path; // clean; empty: there is no such candidate
    struct buffer text;
    unsigned mode;
};

enum { ASKED, LOWER, CANDIDATES };

struct context {
    struct candidate candidates[CANDIDATES];
    struct candidate *reading; // the entry whose content comes
    struct candidate *taken;   // as the Dockerfile; NULL: none yet
    struct links links;
    struct buffer path; // of an entry, clean
    struct tar_reader tar;
    struct context_user user;
    char start[START];
    size_t started;
    bool is_gzip, inflates; // it is packed; 'zip' is in use
    bool zip_begun;         // in the middle of a member
    bool zip_holds;         // there may be more in it, without more input
    bool passes;            // something was passed on
    z_stream zip;
    const char *fault;
};

// --- paths
// --------------------------------------------------------------------------------------------

// Appends the clean form of a path, "a/b" of "/a/./b/". NULL, or why there is none; and the hash.
static const char *clean(struct buffer *out, struct span path, const struct links *links,
                         uint64_t *hash)
{
    *hash = LINKS_SEED;
    while (path.len > 0) {
        const char *slash = memchr(path.at, '/', path.len);
        struct span part = { path.at, slash ? (size_t)(slash - path.at) : path.len };
        size_t used = part.len + (slash ? 1 : 0);

        path = (struct span){ path.at + used, path.len - used };
        if (part.len == 0 || span_is(part, SPAN(".")))
            continue;
        if (span_is(part, SPAN("..")))
            return "a path in the build context has .. in it";
        if (out->len > 0) {
            if (links && links_have(links, *hash))
                return "an entry of the build context lies behind a link of it";
            buffer_add_char(out, '/');
            *hash = links_hash(*hash, '/');
        }
        buffer_add_span(out, part);
        for (size_t i = 0; i < part.len; i++)
            *hash = links_hash(*hash, part.at[i]);
    }
    return out->failed ? "a path in the build context is too long" : NULL;
}

static bool is_below(struct span path, struct span directory)
{
    return path.len > directory.len && span_starts(path, directory) &&
           (directory.len == 0 || path.at[directory.len] == '/');
}

// --- entries
// ------------------------------------------------------------------------------------------

// What an entry does to a candidate.
static void meet(struct context *c, struct candidate *candidate, struct span path,
                 enum tar_kind kind)
{
    struct span mine = buffer_span(&candidate->path);

    if (mine.len == 0)
        return;
    if (span_is(path, mine) && kind == TAR_FILE && candidate->found != FOUND_ODD) {
        candidate->found = FOUND_FILE;
        buffer_reset(&candidate->text);
        candidate->mode = c->tar.header.mode;
        c->reading = candidate;
    } else if (span_is(path, mine) || is_below(path, mine) ||
               (is_below(mine, path) && kind != TAR_DIRECTORY)) {
        candidate->found = FOUND_ODD;
    }
}

static const char *on_entry(void *arg, enum tar_kind kind, struct span name)
{
    struct context *c = arg;
    bool ends_in_slash = name.len > 0 && name.at[name.len - 1] == '/';
    const char *fault;
    uint64_t hash;

    c->reading = NULL;
    buffer_reset(&c->path);
    fault = clean(&c->path, name, &c->links, &hash);
    if (fault)
        return fault;

    struct span path = buffer_span(&c->path);

    if ((path.len == 0 && kind != TAR_DIRECTORY) || (ends_in_slash && kind == TAR_FILE))
        return "a file in the build context has the name of a directory";
    if (kind == TAR_LINK && !links_add(&c->links, hash))
        return "the build context has too many links in it";
    for (int i = 0; i < CANDIDATES; i++)
        meet(c, &c->candidates[i], path, kind);
    return NULL;
}

static const char *on_content(void *arg, struct span piece)
{
    struct context *c = arg;

    if (!c->reading)
        return NULL;
    buffer_add_span(&c->reading->text, piece);
    if (c->reading->text.failed)
        c->reading->found = FOUND_LONG;
    return NULL;
}

// What the engine would unpack before it reads it, as it tells by the first bytes.
static bool is_packed(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;

    return (byte[0] == 0x1f && byte[1] == 0x8b) || memcmp(at, "BZh", 3) == 0 ||
           memcmp(at,
                  "\xfd"
                  "7zXZ",
                  6) == 0 ||
           memcmp(at, "\x28\xb5\x2f\xfd", 4) == 0 || // zstd, and its frames to be skipped
           (byte[0] >= 0x50 && byte[0] <= 0x5f && memcmp(at + 1, "\x2a\x4d\x18", 3) == 0);
}

// A tar may be a gzip as well, by the name of its first entry; and the engine unpacks what we did.
static void on_pass(void *arg, struct span piece)
{
    struct context *c = arg;

    if (!c->passes && is_packed(piece.at)) // a header comes as a whole
        c->fault = "the name of its first entry has it taken for something packed";
    c->passes = true;
    if (!c->fault)
        c->user.pass(c->user.arg, piece);
}

// --- life
// -----------------------------------------------------------------------------------------------

struct context *context_new(struct span name, uint64_t secret, struct context_user user)
{
    static const struct span usual = { "Dockerfile", 10 };
    struct context *c = calloc(1, sizeof(*c));
    uint64_t hash;

    if (!c)
        return NULL;
    c->user = user;
    tar_reader_init(&c->tar, &(struct tar_user){ on_entry, on_content, on_pass, c });
    links_init(&c->links, CONTEXT_LINKS_MAX, secret);
    buffer_init(&c->path, TAR_SPECIAL_MAX);
    for (int i = 0; i < CANDIDATES; i++) {
        buffer_init(&c->candidates[i].path, TAR_SPECIAL_MAX);
        buffer_init(&c->candidates[i].text, CONTEXT_FILE_MAX);
    }
    if (name.len == 0)
        name = usual;
    c->fault = clean(&c->candidates[ASKED].path, name, NULL, &hash);
    if (!c->fault && c->candidates[ASKED].path.len == 0)
        c->fault = "the name of the Dockerfile is one of a directory";
    if (span_is(name, usual))
        buffer_add_string(&c->candidates[LOWER].path, "dockerfile");
    return c;
}

void context_free(struct context *c)
{
    if (!c)
        return;
    tar_reader_clear(&c->tar);
    links_clear(&c->links);
    buffer_clear(&c->path);
    for (int i = 0; i < CANDIDATES; i++) {
        buffer_clear(&c->candidates[i].path);
        buffer_clear(&c->candidates[i].text);
    }
    if (c->inflates)
        (void)inflateEnd(&c->zip);
    free(c);
}

const char *context_fault(const struct context *c)
{
    return c->fault;
}

// --- the stream
// -----------------------------------------------------------------------------------------

static void end_member(struct context *c)
{
    c->zip_begun = false;
    if (inflateReset(&c->zip) != Z_OK)
        c->fault = "out of memory";
}

static void feed_tar(struct context *c, const char *data, size_t len)
{
    if (tar_reader_feed(&c->tar, data, len) != 0 && !c->fault)
        c->fault = tar_reader_fault(&c->tar);
}

// Returns how much of it was used.
static size_t feed_gzip(struct context *c, const char *data, size_t len)
{
    unsigned char out[CONTEXT_UNPACKED];

    c->zip.next_in = (const unsigned char *)data;
    c->zip.avail_in = (unsigned)len;
    c->zip.next_out = out;
    c->zip.avail_out = sizeof(out);
    c->zip_begun = true;

    int status = inflate(&c->zip, Z_NO_FLUSH);

    c->zip_holds = c->zip.avail_out == 0 && status != Z_STREAM_END;
    feed_tar(c, (const char *)out, sizeof(out) - c->zip.avail_out);
    len -= c->zip.avail_in;
    if (c->fault || c->tar.state == TAR_AT_END)
        return len;
    if (status == Z_STREAM_END)
        end_member(c);
    else if (status != Z_OK && status != Z_BUF_ERROR)
        c->fault = "what it is packed by is no whole gzip";
    return len;
}

static const char *choose(struct context *c)
{
    const unsigned char *byte = (const unsigned char *)c->start;

    if (byte[0] == 0x1f && byte[1] == 0x8b) {
        c->is_gzip = true;
        c->inflates = inflateInit2(&c->zip, MAX_WBITS + 16) == Z_OK;
        return c->inflates ? NULL : "out of memory";
    }
    if (is_packed(c->start))
        return "it is packed by bzip2, xz or zstd, which is not read; send it plain or by gzip";
    return NULL;
}

static size_t feed(struct context *c, const char *data, size_t len)
{
    if (c->tar.state == TAR_AT_END)
        return len;
    if (c->is_gzip)
        return len > 0 || c->zip_holds ? feed_gzip(c, data, len) : 0;
    feed_tar(c, data, len);
    return len;
}

// The first bytes tell how to go on, and then are the first to be read.
static size_t feed_start(struct context *c, const char *data, size_t len)
{
    size_t n = START - c->started < len ? START - c->started : len;

    if (n > 0)
        memcpy(c->start + c->started, data, n);
    c->started += n;
    if (c->started < START)
        return n;
    c->fault = choose(c);
    if (!c->fault)
        (void)feed(c, c->start, START); // less than the head of a gzip, so all of it
    return n;
}

enum context_status context_feed(struct context *c, const char *data, size_t *len)
{
    size_t used = 0;

    if (!c->fault)
        used = c->started < START ? feed_start(c, data, *len) : feed(c, data, *len);

    bool more = used < *len || c->zip_holds;

    *len = used;
    if (c->fault)
        return CONTEXT_BAD;
    if (c->tar.state == TAR_AT_END)
        return CONTEXT_OVER;
    return more ? CONTEXT_MORE : CONTEXT_PASS;
}

static bool take(struct context *c, struct candidate *candidate, struct span *dockerfile)
{
    switch (candidate->found) {
    case FOUND_FILE:
        c->taken = candidate;
        *dockerfile = buffer_span(&candidate->text);
        return true;
    case FOUND_NOTHING:
        c->fault = "it has no Dockerfile of the name that the request says";
        break;
    case FOUND_ODD:
        c->fault =
            "its Dockerfile is no plain file, or lies behind one; send a copy of what a link "
            "leads to";
        break;
    case FOUND_LONG:
        c->fault = "its Dockerfile is longer than 1 MiB";
        break;
    }
    return false;
}

bool context_end(struct context *c, struct span *dockerfile)
{
    bool whole = c->started == START && tar_reader_whole(&c->tar) &&
                 (!c->zip_begun || c->tar.state == TAR_AT_END);

    if (!c->fault && !whole)
        c->fault = "it ends in the middle, or is no tar archive";
    if (c->fault)
        return false;
    if (c->candidates[ASKED].found == FOUND_NOTHING && c->candidates[LOWER].path.len > 0)
        return take(c, &c->candidates[LOWER], dockerfile);
    return take(c, &c->candidates[ASKED], dockerfile);
}

static void add_block(struct buffer *out, enum tar_kind kind, struct span name, size_t size,
                      unsigned mode)
{
    char block[TAR_BLOCK];

    tar_header_write(block, kind, name, size, mode);
    buffer_add(out, block, sizeof(block));
}

static void add_content(struct buffer *out, struct span text)
{
    static const char zeros[TAR_BLOCK];

    buffer_add_span(out, text);
    buffer_add(out, zeros, -text.len & (TAR_BLOCK - 1));
}

void context_finish(const struct context *c, struct span dockerfile, struct buffer *out)
{
    static const char zeros[2 * TAR_BLOCK];
    struct span path = buffer_span(&c->taken->path);

    if (dockerfile.len > 0) {
        if (path.len > SHORT_NAME) {
            add_block(out, TAR_LONG_NAME, SPAN("././@LongLink"), path.len, 0);
            add_content(out, path);
        }
        add_block(out, TAR_FILE, path, dockerfile.len, c->taken->mode);
        add_content(out, dockerfile);
    }
    buffer_add(out, zeros, sizeof(zeros));
}
