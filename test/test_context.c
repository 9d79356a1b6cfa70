// A build's context: which Dockerfile is found in it, what of it passes, and how it is made to end.
#define ZLIB_CONST
#include "base/attr.h"
#include "base/buffer.h"
#include "tar/context.h"
#include "tar/header.h"
#include "tar/links.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

// An archive that is being written.
struct archive {
    char bytes[1 << 16];
    size_t len;
};

// Octal digits, and a NUL or blank behind them.
static void octal(char *at, int digits, size_t number)
{
    for (at[digits] = 0; digits-- > 0; number /= 8)
        at[digits] = (char)('0' + number % 8);
}

static void seal(char *block)
{
    size_t sum = 0;

    memset(block + 148, ' ', 8);
    for (int i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)block[i];
    octal(block + 148, 6, sum);
}

static char *header(struct archive *a, char type, const char *name, size_t size)
{
    char *block = a->bytes + a->len;

    memset(block, 0, TAR_BLOCK);
    memcpy(block, name, strnlen(name, 100));
    octal(block + 124, 11, size);
    block[156] = type;
    memcpy(block + 257,
           "ustar\0"
           "00",
           8);
    seal(block);
    a->len += TAR_BLOCK;
    return block;
}

static void content(struct archive *a, const char *text, size_t len)
{
    memset(a->bytes + a->len, 0, (len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
    memcpy(a->bytes + a->len, text, len);
    a->len += (len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

static void entry(struct archive *a, char type, const char *name, const char *text)
{
    (void)header(a, type, name, strlen(text));
    content(a, text, strlen(text));
}

static void end(struct archive *a)
{
    memset(a->bytes + a->len, 0, 2 * TAR_BLOCK);
    a->len += 2 * TAR_BLOCK;
}

// What was passed on.
static struct archive passed;
static size_t passed_in_all;

static void keep(void *arg, struct span piece)
{
    (void)arg;
    EXPECT(piece.len <= CONTEXT_FILE_MAX + TAR_BLOCK);
    passed_in_all += piece.len;
    if (piece.len > sizeof(passed.bytes) - passed.len)
        return;
    memcpy(passed.bytes + passed.len, piece.at, piece.len);
    passed.len += piece.len;
}

static struct context *begin_context(const char *name)
{
    passed.len = passed_in_all = 0;
    return context_new(span_of(name), 1, (struct context_user){ keep, NULL });
}

// All of it; what it came to.
static enum context_status feed(struct context *c, const char *bytes, size_t len)
{
    enum context_status status;

    do {
        size_t n = len, before = passed_in_all;

        status = context_feed(c, bytes, &n);
        EXPECT(n <= len && (n > 0 || status != CONTEXT_MORE || passed_in_all > before));
        bytes += n;
        len -= n;
    } while (status == CONTEXT_MORE);
    return status;
}

// What is found, in pieces of this length; or why nothing is.
static const char *find(const char *name, struct span bytes, size_t piece, char *out)
{
    struct context *c = begin_context(name);
    struct span text = { 0 };
    bool fine = true, over = false;

    for (size_t at = 0; at < bytes.len && fine; at += piece) {
        size_t n = bytes.len - at < piece ? bytes.len - at : piece;
        char *copy = malloc(n); // so that nothing behind it is read
        enum context_status status;

        memcpy(copy, bytes.at + at, n);
        status = feed(c, copy, n);
        free(copy);
        EXPECT(!over || status == CONTEXT_OVER);
        over = status == CONTEXT_OVER;
        fine = status != CONTEXT_BAD;
    }
    fine = fine && context_end(c, &text);
    if (fine)
        snprintf(out, 256, "%.*s", (int)text.len, text.at);
    else
        snprintf(out, 256, "!%s", context_fault(c));
    context_free(c);
    return out;
}

static void expect(const char *name, const struct archive *a, const char *found)
{
    static const size_t pieces[] = { 1, 3, 511, 512, 513, 1 << 16 };
    struct span bytes = { a->bytes, a->len };
    char out[256];

    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        (void)find(name, bytes, pieces[i], out);
        if (strncmp(out, found, strlen(found)) != 0 || (found[0] != '!' && strcmp(out, found) != 0))
            fprintf(stderr, "%s: found %s, expected %s\n", name, out, found);
        EXPECT(strncmp(out, found, strlen(found)) == 0);
    }
}

static struct archive a;

static void test_found(void)
{
    a.len = 0;
    entry(&a, '0', "x", "other");
    entry(&a, '0', "./Dockerfile", "one");
    entry(&a, '0', "dockerfile", "lower");
    entry(&a, '5', "dir/", "");
    entry(&a, '0', "dir/Dockerfile", "inner");
    end(&a);
    expect("", &a, "one");
    expect("Dockerfile", &a, "one");
    expect("dockerfile", &a, "lower");
    expect("./dir//Dockerfile", &a, "inner");
    expect("dir", &a, "!its Dockerfile is no plain file");
    expect("dir/Dockerfile/x", &a, "!its Dockerfile is no plain file");
    expect("none", &a, "!it has no Dockerfile");
    expect("../Dockerfile", &a, "!a path in the build context has ..");
    expect("/", &a, "!the name of the Dockerfile is one of a directory");
}

static struct archive begin(void)
{
    struct archive fresh = { .len = 0 };

    return fresh;
}

// The usual Dockerfile, and one entry behind it.
static void beside(char type, const char *name, const char *text, const char *asked,
                   const char *found)
{
    a = begin();
    entry(&a, '0', "Dockerfile", "one");
    entry(&a, type, name, text);
    entry(&a, '0', "last", "x");
    end(&a);
    expect(asked, &a, found);
}

static void test_what_comes_last_counts(void)
{
    static const char odd[] = "!its Dockerfile is no plain file";

    beside('0', "Dockerfile", "two", "", "two");
    beside(0, "/./Dockerfile", "two", "", "two");
    beside('7', "Dockerfile", "", "", "");
    beside('0', "x", "two", "", "one");
    beside('5', "Dockerfile", "", "", odd);
    beside('5', "dockerfile", "", "", "one");
    beside('2', "Dockerfile", "", "", odd);
    beside('1', "Dockerfile", "", "", odd);
    beside('6', "Dockerfile", "", "", odd);
    beside('g', "Dockerfile", "11 comment=\n", "", odd);
    beside('g', "pax_global_header", "11 comment=\n", "", "one");
    beside('0', "Dockerfile/x", "two", "", odd);
    beside('5', "./", "", "", "one");
    beside('0', "./", "", "", "!a file in the build context has the name of a directory");
    beside('g', "/", "", "", "!a file in the build context has the name of a directory");
    beside('0', "x/", "", "", "!a file in the build context has the name of a directory");
    beside('0', "x/../Dockerfile", "two", "", "!a path in the build context has ..");
    beside('S', "x", "", "", "!it has an entry of a kind that is not known");
}

static void test_lower_case_is_a_last_resort(void)
{
    a = begin();
    entry(&a, '0', "dockerfile", "lower");
    end(&a);
    expect("", &a, "lower");
    expect("Dockerfile", &a, "lower");
    expect("./Dockerfile", &a, "!it has no Dockerfile");
    a.len -= (size_t)2 * TAR_BLOCK;
    entry(&a, '2', "Dockerfile", "");
    end(&a);
    expect("", &a, "!its Dockerfile is no plain file");
}

static void test_nothing_lies_behind_links(void)
{
    a = begin();
    entry(&a, '0', "sub/Dockerfile", "one");
    entry(&a, '2', "d", "");
    entry(&a, '0', "d2/x", "x");
    expect("sub/Dockerfile", &a, "one");
    entry(&a, '0', "d/Dockerfile", "two");
    end(&a);
    expect("sub/Dockerfile", &a, "!an entry of the build context lies behind a link");
    a = begin();
    entry(&a, '0', "sub/Dockerfile", "one");
    entry(&a, '2', "sub", "");
    end(&a);
    expect("sub/Dockerfile", &a, "!its Dockerfile is no plain file");
}

static void test_long_names(void)
{
    a = begin();
    entry(&a, 'x', "pax", "19 path=Dockerfile\n");
    entry(&a, '0', "x", "pax");
    expect("", &a, "pax");
    entry(&a, 'L', "././@LongLink", "Dockerfile");
    entry(&a, '0', "x", "long");
    expect("", &a, "long");
    entry(&a, 'K', "././@LongLink", "target");
    entry(&a, '2', "x", "");
    expect("", &a, "long");
    entry(&a, 'x', "pax", "12 comment=\n9 size=3\n10 size=4\n");
    (void)header(&a, '0', "Dockerfile", 1);
    content(&a, "four+", 4);
    end(&a);
    expect("", &a, "four");

    static const char *const broken[] = {
        "19 path=Dockerfile",
        "18 path=Dockerfile\n",
        "20 path=Dockerfile\n",
        "x path=y\n",
        "8 path=\n",
        "9 size=x\n",
        "8 size=\n",
        "22 GNU.sparse.major=1\n",
        "6 =yy\n",
        "99999999 path=y\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        a = begin();
        entry(&a, 'x', "pax", broken[i]);
        entry(&a, '0', "Dockerfile", "x");
        end(&a);
        expect("", &a, "!");
    }
    a = begin();
    entry(&a, 'L', "l", "Dockerfile");
    entry(&a, 'L', "l", "x");
    entry(&a, '0', "x", "");
    end(&a);
    expect("", &a, "!an entry has more than one long name");
    a = begin();
    (void)header(&a, 'L', "l", 2);
    content(&a, "\0x", 2);
    entry(&a, '5', "Dockerfile", "");
    end(&a);
    expect("", &a, "!an entry has an empty name");
    a = begin();
    entry(&a, 'L', "l", "Dockerfile");
    end(&a);
    expect("", &a, "!");
}

// Names are made until their hashes agree in many bits; here in all that one half xor the other
// has.
static void test_links_do_not_meet(void)
{
    struct links l;
    clock_t began = clock();
    bool fine = true;

    links_init(&l, CONTEXT_LINKS_MAX, 0x9e3779b97f4a7c15);
    for (uint64_t i = 1; i <= CONTEXT_LINKS_MAX; i++)
        fine = fine && links_add(&l, i << 32 | i);
    EXPECT(fine);
    EXPECT(!links_add(&l, 1));
    for (uint64_t i = 1; i <= CONTEXT_LINKS_MAX; i++)
        fine = fine && links_have(&l, i << 32 | i) && !links_have(&l, i << 33 | i << 1 | 1);
    EXPECT(fine);
    EXPECT(clock() - began < CLOCKS_PER_SEC / 2);
    links_clear(&l);
}

static void test_headers(void)
{
    char *block;

    a = begin(); // the longest name without one of its own: prefix and name have no NUL
    block = header(&a, '0', "file", 0);
    memset(block, 'n', 100);
    memset(block + 345, 'p', 155);
    seal(block);
    entry(&a, '0', "Dockerfile", "hi");
    end(&a);
    expect("", &a, "hi");
    a = begin();
    block = header(&a, '0', "file", 0);
    memcpy(block + 345, "a/b", 3); // a prefix
    seal(block);
    end(&a);
    expect("a/b/file", &a, "");
    memcpy(block + 257, "ustar  ", 8); // GNU has times there
    seal(block);
    expect("a/b/file", &a, "!a header of GNU tar has odd times");
    memset(block + 345, 0, 3);
    memcpy(block + 345, " 17 ", 4);
    memcpy(block + 357, "17", 2);
    seal(block);
    expect("file", &a, "");
    memcpy(block + 345, "1 1", 3); // which Go's reader cannot read as a time
    seal(block);
    expect("file", &a, "!a header of GNU tar has odd times");
    memset(block + 345, 0, 24);
    memcpy(block + 357,
           "1\0"
           "1",
           3); // which it can
    seal(block);
    expect("file", &a, "!a header of GNU tar has odd times");
    memset(block + 345, 0, 24);
    memcpy(block + 345, "a/b", 3);
    memcpy(block + 257,
           "ustar\0"
           "00",
           8);
    memcpy(block + 508, "tar", 4);
    seal(block);
    expect("a/b/file", &a, "!it is in the format of star");
    a = begin();
    block = header(&a, '0', "Dockerfile", 0);
    memset(block + 124, 0, 12);
    block[124] = (char)0x80; // base 256
    block[135] = 2;
    seal(block);
    content(&a, "hi", 2);
    end(&a);
    expect("", &a, "hi");
    block[124] = (char)0xff;
    seal(block);
    expect("", &a, "!the size of an entry cannot be read");
    block[124] = '9';
    seal(block);
    expect("", &a, "!the size of an entry cannot be read");
    block[0] = 'd';
    expect("", &a, "!it is no tar archive");
}

static void test_ends(void)
{
    a = begin();
    entry(&a, '0', "Dockerfile", "one");
    expect("", &a, "one"); // without an end
    a.len += TAR_BLOCK;
    memset(a.bytes + a.len - TAR_BLOCK, 0, TAR_BLOCK);
    expect("", &a, "one"); // with half of one
    entry(&a, '0', "x", "");
    expect("", &a, "!there is something behind a block of zeros");
    a.len = 3 * TAR_BLOCK;
    end(&a);
    entry(&a, '0', "Dockerfile", "two"); // nobody's
    expect("", &a, "one");
    a.len = TAR_BLOCK + 2;
    expect("", &a, "!it ends in the middle");
    a.len = 3;
    expect("", &a, "!it ends in the middle");
    a.len = 0;
    expect("", &a, "!it ends in the middle");
}

// The Dockerfile with ids in it would be appended behind it, and get another name or length.
static void test_nothing_is_said_of_what_is_appended(void)
{
    static const char *const said[][2] = { { "L", "x" },
                                           { "K", "x" },
                                           { "x", "10 path=x\n" },
                                           { "x", "10 size=1\n" },
                                           { "x", "8 a=bcd\n" } };

    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        a = begin();
        entry(&a, '0', "Dockerfile", "one");
        entry(&a, said[i][0][0], "x", said[i][1]);
        expect("", &a, "!it ends in the middle");
        end(&a);
        expect("", &a, "!what says more about an entry stands at its end");
        a.len -= TAR_BLOCK;
        expect("", &a, "!what says more about an entry stands at its end");
        a.len -= TAR_BLOCK;
        entry(&a, '0', "y", "y");
        end(&a);
        if (strncmp(said[i][1], "10 size", 7) != 0) // of what comes, it is fine
            expect("", &a, "one");
    }
}

static void pack(struct archive *out, const struct archive *in, size_t from, size_t len)
{
    z_stream zip = { .next_in = (const unsigned char *)in->bytes + from,
                     .avail_in = (unsigned)len };

    EXPECT(deflateInit2(&zip, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    zip.next_out = (unsigned char *)out->bytes + out->len;
    zip.avail_out = (unsigned)(sizeof(out->bytes) - out->len);
    EXPECT(deflate(&zip, Z_FINISH) == Z_STREAM_END);
    out->len = sizeof(out->bytes) - zip.avail_out;
    (void)deflateEnd(&zip);
}

static void test_packed(void)
{
    static struct archive packed;

    a = begin();
    entry(&a, '0', "Dockerfile", "one");
    entry(&a, '0', "x", "x");
    end(&a);
    pack(&packed, &a, 0, a.len);
    expect("", &packed, "one");
    packed.len -= 9;
    expect("", &packed, "one"); // what follows the end of the archive is nobody's
    packed = begin();
    pack(&packed, &a, 0, a.len - 2 * TAR_BLOCK);
    expect("", &packed, "one");
    packed.len -= 1;
    expect("", &packed, "!it ends in the middle");
    packed = begin();
    pack(&packed, &a, 0, 700); // in two
    pack(&packed, &a, 700, a.len - 700);
    expect("", &packed, "one");
    packed = begin();
    pack(&packed, &a, 0, a.len - 2 * TAR_BLOCK);
    memcpy(packed.bytes + packed.len, "behind", 6);
    packed.len += 6;
    expect("", &packed, "!what it is packed by is no whole gzip");
    static const char *const magics[] = { "BZh91AY",
                                          "\xfd"
                                          "7zXZ\0",
                                          "\x28\xb5\x2f\xfd..", "\x50\x2a\x4d\x18.." };

    for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
        a = begin();
        content(&a, magics[i], 6);
        expect("", &a, "!it is packed by");
    }
}

// The first entry, packed by gzip with all of the archive.
static void first_is(const char *name, const char *found)
{
    static struct archive packed;

    a = begin();
    entry(&a, '0', name, "x");
    entry(&a, '0', "BZh91AY", "x");
    entry(&a, '0', "Dockerfile", "one");
    end(&a);
    packed = begin();
    pack(&packed, &a, 0, a.len);
    expect("", &packed, found);
    EXPECT(found[0] != '!' || passed.len == 0);
}

// A name can be the head of something packed, which the engine would unpack: what it gets is not
// packed any more.
static void test_nothing_is_packed_twice(void)
{
    static const char odd[] = "!the name of its first entry";

    first_is("x", "one");
    first_is("BZh91AY", odd);
    first_is("\x1f\x8b\x08\x04", odd);
    first_is("\xfd"
             "7zXZ",
             odd);
    first_is("\x28\xb5\x2f\xfd", odd);
    first_is("\x50\x2a\x4d\x18", odd);
    first_is("\x5f\x2a\x4d\x18", odd);
}

// The builder gets all of the archive, unpacked, and nothing of its end.
static void test_the_end_does_not_pass(void)
{
    static struct archive packed[3];
    char out[256];

    a = begin();
    entry(&a, '0', "Dockerfile", "one");
    entry(&a, '5', "d", "");
    end(&a);

    size_t len = a.len - (size_t)2 * TAR_BLOCK;

    entry(&a, '0', "Dockerfile", "nobody's");
    pack(&packed[0], &a, 0, len);
    pack(&packed[1], &a, 0, a.len);
    pack(&packed[2], &a, 0, 700);
    pack(&packed[2], &a, 700, len - 700);
    for (size_t i = 0; i < 4; i++) {
        const struct archive *from = i < 3 ? &packed[i] : &a;

        for (size_t piece = 1; piece <= 2 * TAR_BLOCK; piece += piece < 70 ? 1 : 97) {
            (void)find("", (struct span){ from->bytes, from->len }, piece, out);
            EXPECT(strcmp(out, "one") == 0 && passed.len == len);
            EXPECT(memcmp(passed.bytes, a.bytes, len) == 0);
        }
    }
}

// What a few packed bytes become is not unpacked at once.
static void test_little_is_unpacked_at_a_time(void)
{
    static char bytes[16u << 20], packed[1u << 20];
    struct archive head = begin();
    z_stream zip = { .next_in = (const unsigned char *)bytes, .avail_in = sizeof(bytes) };
    struct context *c = begin_context("");
    size_t at = 0, len, calls = 0;
    enum context_status status = CONTEXT_MORE;

    (void)header(&head, '0', "zeros", sizeof(bytes));
    memcpy(bytes, head.bytes, TAR_BLOCK);
    EXPECT(deflateInit2(&zip, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    zip.next_out = (unsigned char *)packed;
    zip.avail_out = sizeof(packed);
    EXPECT(deflate(&zip, Z_FINISH) == Z_STREAM_END);
    len = sizeof(packed) - zip.avail_out;
    (void)deflateEnd(&zip);
    while (at < len || status == CONTEXT_MORE) {
        size_t n = len - at, before = passed_in_all;

        status = context_feed(c, packed + at, &n);
        EXPECT(status == CONTEXT_MORE || status == CONTEXT_PASS);
        EXPECT(passed_in_all - before <= CONTEXT_UNPACKED);
        at += n;
        calls++;
    }
    EXPECT(passed_in_all == sizeof(bytes) && calls >= sizeof(bytes) / CONTEXT_UNPACKED);
    context_free(c);
}

// The end as it is sent; and what a reader finds in all that was.
static void finish(const char *name, const char *instead, const char *found)
{
    struct context *c = begin_context(name);
    struct archive whole;
    struct buffer tail;
    struct span text;

    EXPECT(feed(c, a.bytes, a.len) == CONTEXT_OVER && context_end(c, &text));
    buffer_init(&tail, CONTEXT_FINISH_MAX);
    context_finish(c, span_of(instead), &tail);
    whole = passed;
    EXPECT(!tail.failed && tail.len <= sizeof(whole.bytes) - whole.len);
    memcpy(whole.bytes + whole.len, tail.data, tail.len);
    whole.len += tail.len;
    buffer_clear(&tail);
    context_free(c);
    expect(name, &whole, found);
    if (!instead)
        EXPECT(whole.len == a.len && memcmp(whole.bytes, a.bytes, a.len) == 0);
}

static void test_another_dockerfile_at_the_end(void)
{
    static char longest[240];
    struct tar_header h;
    char *block;

    memset(longest, 'd', sizeof(longest) - 1);
    longest[99] = '/';
    a = begin();
    block = header(&a, '0', "Dockerfile", 3);
    memcpy(block + 100, "0000755", 8);
    seal(block);
    content(&a, "one", 3);
    block = header(&a, '0', "x", 0); // names that need a header of their own
    memcpy(block, longest + 100, 100);
    memcpy(block + 345, longest, 99);
    seal(block);
    entry(&a, '0', "a/b", "three");
    end(&a);
    finish("", NULL, "one");
    finish("", "two", "two");
    finish("./a//b", "two", "two");
    longest[200] = 0;
    finish(longest, "two", "two");

    struct context *c = begin_context("");
    struct buffer tail;
    struct span text;

    EXPECT(feed(c, a.bytes, a.len) == CONTEXT_OVER && context_end(c, &text));
    buffer_init(&tail, CONTEXT_FINISH_MAX);
    context_finish(c, SPAN("two"), &tail);
    EXPECT(!tar_header_read(&h, tail.data) && h.mode == 0755 && h.size == 3);
    EXPECT(strcmp(h.name, "Dockerfile") == 0 && tail.len == (size_t)4 * TAR_BLOCK);
    buffer_clear(&tail);
    context_free(c);
    a = begin();
    entry(&a, '0', "dockerfile", "lower");
    end(&a);
    finish("", "two", "two");
    finish("dockerfile", "two", "two");
}

static void test_limits(void)
{
    static char big[CONTEXT_FILE_MAX + 1];
    struct context *c = begin_context("");
    struct span text;
    char name[32];

    a = begin();
    (void)header(&a, '0', "Dockerfile", sizeof(big));
    EXPECT(feed(c, a.bytes, a.len) == CONTEXT_PASS);
    EXPECT(feed(c, big, sizeof(big)) == CONTEXT_PASS);
    EXPECT(feed(c, big, TAR_BLOCK - 1) == CONTEXT_PASS);
    EXPECT(feed(c, big, (size_t)2 * TAR_BLOCK) == CONTEXT_OVER);
    EXPECT(!context_end(c, &text) &&
           strcmp(context_fault(c), "its Dockerfile is longer than 1 MiB") == 0);
    context_free(c);
    c = begin_context("");
    for (unsigned i = 0; i <= CONTEXT_LINKS_MAX; i++) {
        a = begin();
        snprintf(name, sizeof(name), "l%u", i);
        entry(&a, '2', name, "");
        EXPECT(feed(c, a.bytes, a.len) == (i < CONTEXT_LINKS_MAX ? CONTEXT_PASS : CONTEXT_BAD));
    }
    context_free(c);
}

int main(void)
{
    RUN(test_found);
    RUN(test_what_comes_last_counts);
    RUN(test_lower_case_is_a_last_resort);
    RUN(test_nothing_lies_behind_links);
    RUN(test_links_do_not_meet);
    RUN(test_long_names);
    RUN(test_headers);
    RUN(test_ends);
    RUN(test_nothing_is_said_of_what_is_appended);
    RUN(test_packed);
    RUN(test_nothing_is_packed_twice);
    RUN(test_the_end_does_not_pass);
    RUN(test_little_is_unpacked_at_a_time);
    RUN(test_another_dockerfile_at_the_end);
    RUN(test_limits);
    return 0;
}
