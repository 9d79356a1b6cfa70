#include "http/chars.h"

#include <stdint.h>
#include <string.h>

// clang-format off
const unsigned char chars_token[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*',
    ['+'] = '+', ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`', ['|'] = '|',
    ['~'] = '~',
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
    ['7'] = '7', ['8'] = '8', ['9'] = '9',
    ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g',
    ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n',
    ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u',
    ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
    ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g',
    ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n',
    ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u',
    ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
};
// clang-format on

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

// Nonzero if one of the word's bytes is below 0x20 or is 0x7f.
static uint64_t controls(uint64_t word)
{
    uint64_t del = word ^ EACH(0x7f);
    uint64_t below = (word - EACH(0x20)) & ~word;

    return (below | ((del - EACH(1)) & ~del)) & EACH(0x80);
}

static bool is_text(char c)
{
    unsigned char byte = (unsigned char)c;

    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

const char *chars_text_end(const char *at, const char *end)
{
    while (at < end) {
        uint64_t word;
        size_t n = (size_t)(end - at);

        if (n >= sizeof(word)) {
            n = sizeof(word);
            memcpy(&word, at, n);
            if (!controls(word)) {
                at += n;
                continue;
            }
        }
        for (size_t i = 0; i < n; i++) {
            if (!is_text(at[i]))
                return at + i;
        }
        at += n;
    }
    return end;
}

bool chars_is_token(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!chars_token[(unsigned char)text.at[i]])
            return false;
    }
    return text.len > 0;
}
