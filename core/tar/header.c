#include "tar/header.h"

#include <string.h>

// Where the fields are.
enum {
    NAME = 0,
    NAME_LEN = 100,
    MODE = 100,
    MODE_LEN = 8,
    OWNER = 108, // user and group, as long as the mode
    GROUP = 116,
    SIZE = 124,
    SIZE_LEN = 12,
    CHANGED = 136,
    SUM = 148,
    SUM_LEN = 8,
    TYPE = 156,
    MAGIC = 257,
    MAGIC_LEN = 8,
    PREFIX = 345,
    PREFIX_LEN = 155,
    TIMES = 345, // two of GNU, where others have a prefix
    TIME_LEN = 12,
    STAR = 508,
};

#define SIZE_MOST (1ull << 50)

bool tar_header_is_zero(const char block[TAR_BLOCK])
{
    for (size_t i = 0; i < TAR_BLOCK; i++)
        if (block[i] != 0)
            return false;
    return true;
}

// Octal digits, with blanks and NULs around them. False: something else.
static bool read_octal(const char *at, size_t len, uint64_t *out)
{
    *out = 0;
    while (len > 0 && (at[0] == ' ' || at[0] == 0)) {
        at++;
        len--;
    }
    while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == 0))
        len--;
    for (size_t i = 0; i < len; i++) {
        if (at[i] < '0' || at[i] > '7')
            return false;
        *out = *out * 8 + (uint64_t)(at[i] - '0');
    }
    return true;
}

// The same, or in base 256 where the first bit is set.
static bool read_size(const char *at, uint64_t *out)
{
    const unsigned char *byte = (const unsigned char *)at;

    if (byte[0] < 0x80)
        return read_octal(at, SIZE_LEN, out) && *out <= SIZE_MOST;
    *out = 0;
    if (byte[0] != 0x80)
        return false; // negative, or far too much
    for (size_t i = 1; i < SIZE_LEN; i++) {
        if (*out > SIZE_MOST)
            return false;
        *out = *out * 256 + byte[i];
    }
    return *out <= SIZE_MOST;
}

static bool sum_fits(const char block[TAR_BLOCK])
{
    uint64_t expected, sum = 0;

    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= SUM && i < SUM + SUM_LEN ? ' ' : (unsigned char)block[i];
    return read_octal(block + SUM, SUM_LEN, &expected) && expected == sum;
}

static void add(struct tar_header *h, const char *at, size_t most)
{
    size_t have = strlen(h->name), len = strnlen(at, most);

    memcpy(h->name + have, at, len);
    h->name[have + len] = 0;
}

// Go takes times that it cannot read for a prefix, as an old version of its own once wrote it. What
// it reads is less than the characters tell: in "1 1" it is not a number.
static bool times_are_plain(const char block[TAR_BLOCK])
{
    uint64_t time;

    return read_octal(block + TIMES, TIME_LEN, &time) &&
           read_octal(block + TIMES + TIME_LEN, TIME_LEN, &time);
}

static const char *read_name(struct tar_header *h, const char block[TAR_BLOCK])
{
    h->name[0] = 0;
    if (memcmp(block + MAGIC, "ustar  ", MAGIC_LEN) == 0) {
        if (!times_are_plain(block))
            return "a header of GNU tar has odd times";
    } else if (memcmp(block + MAGIC, "ustar", sizeof("ustar")) == 0) {
        if (memcmp(block + STAR, "tar", sizeof("tar")) == 0)
            return "it is in the format of star";
        add(h, block + PREFIX, PREFIX_LEN);
        if (h->name[0])
            add(h, "/", 1);
    }
    add(h, block + NAME, NAME_LEN);
    return NULL;
}

static const char *read_kind(struct tar_header *h, char type)
{
    switch (type) {
    case '0':
    case 0:
    case '7':
        h->kind = TAR_FILE;
        return NULL;
    case '1':
    case '2':
        h->kind = TAR_LINK;
        break;
    case '5':
        h->kind = TAR_DIRECTORY;
        break;
    case '3':
    case '4':
    case '6':
        h->kind = TAR_OTHER;
        break;
    case 'g':
        h->kind = TAR_OTHER;
        return NULL;
    case 'x':
        h->kind = TAR_PAX;
        return NULL;
    case 'L':
        h->kind = TAR_LONG_NAME;
        return NULL;
    case 'K':
        h->kind = TAR_LONG_LINK;
        return NULL;
    default:
        return "it has an entry of a kind that is not known (sparse files are such)";
    }
    h->size = 0; // nothing follows these, whatever they say
    return NULL;
}

static unsigned read_mode(const char block[TAR_BLOCK])
{
    uint64_t mode;

    return read_octal(block + MODE, MODE_LEN, &mode) && mode > 0 ? (unsigned)(mode & 07777) : 0644;
}

const char *tar_header_read(struct tar_header *h, const char block[TAR_BLOCK])
{
    const char *fault;

    if (!sum_fits(block))
        return "it is no tar archive, or a broken one: the sum of a header is wrong";
    if (!read_size(block + SIZE, &h->size))
        return "the size of an entry cannot be read";
    h->mode = read_mode(block);
    fault = read_kind(h, block[TYPE]);
    return fault ? fault : read_name(h, block);
}

static void write_octal(char *at, size_t len, uint64_t number)
{
    at[--len] = 0;
    for (; len > 0; number /= 8)
        at[--len] = (char)('0' + number % 8);
}

void tar_header_write(char block[TAR_BLOCK], enum tar_kind kind, struct span name, uint64_t size,
                      unsigned mode)
{
    uint64_t sum = 0;

    memset(block, 0, TAR_BLOCK);
    memcpy(block + NAME, name.at, name.len < NAME_LEN ? name.len : NAME_LEN);
    write_octal(block + MODE, MODE_LEN, mode);
    write_octal(block + OWNER, MODE_LEN, 0);
    write_octal(block + GROUP, MODE_LEN, 0);
    write_octal(block + SIZE, SIZE_LEN, size);
    write_octal(block + CHANGED, SIZE_LEN, 0);
    block[TYPE] = kind == TAR_LONG_NAME ? 'L' : '0';
    memcpy(block + MAGIC, "ustar  ", MAGIC_LEN);
    memset(block + SUM, ' ', SUM_LEN);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)block[i];
    write_octal(block + SUM, SUM_LEN - 1, sum);
}
