#include "base/number.h"
#include "http/target_parts.h"

int target_unescape(const char *at, const char *end)
{
    if (end - at < 3 || at[0] != '%')
        return -1;

    int high = number_digit(at[1]), low = number_digit(at[2]);

    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// RFC 3986: unreserved bytes stay everywhere. Of the sub-delims a path keeps those that no reader
// takes for anything else: ";" begins parameters to some. 3 is in both parts, 1 in paths only.
// clang-format off
static const unsigned char literal[256] = {
    ['-'] = 3, ['.'] = 3, ['_'] = 3, ['~'] = 3,
    ['0'] = 3, ['1'] = 3, ['2'] = 3, ['3'] = 3, ['4'] = 3, ['5'] = 3, ['6'] = 3, ['7'] = 3,
    ['8'] = 3, ['9'] = 3,
    ['a'] = 3, ['b'] = 3, ['c'] = 3, ['d'] = 3, ['e'] = 3, ['f'] = 3, ['g'] = 3, ['h'] = 3,
    ['i'] = 3, ['j'] = 3, ['k'] = 3, ['l'] = 3, ['m'] = 3, ['n'] = 3, ['o'] = 3, ['p'] = 3,
    ['q'] = 3, ['r'] = 3, ['s'] = 3, ['t'] = 3, ['u'] = 3, ['v'] = 3, ['w'] = 3, ['x'] = 3,
    ['y'] = 3, ['z'] = 3,
    ['A'] = 3, ['B'] = 3, ['C'] = 3, ['D'] = 3, ['E'] = 3, ['F'] = 3, ['G'] = 3, ['H'] = 3,
    ['I'] = 3, ['J'] = 3, ['K'] = 3, ['L'] = 3, ['M'] = 3, ['N'] = 3, ['O'] = 3, ['P'] = 3,
    ['Q'] = 3, ['R'] = 3, ['S'] = 3, ['T'] = 3, ['U'] = 3, ['V'] = 3, ['W'] = 3, ['X'] = 3,
    ['Y'] = 3, ['Z'] = 3,
    ['/'] = 1, [':'] = 1, ['@'] = 1, ['!'] = 1, ['$'] = 1, ['&'] = 1, ['\''] = 1, ['('] = 1,
    [')'] = 1, ['*'] = 1, ['+'] = 1, [','] = 1, ['='] = 1,
};
// clang-format on

void target_escape(struct target_out *out, struct span decoded, enum target_part part)
{
    static const char digits[] = "0123456789ABCDEF";
    char *p = out->canonical;

    for (size_t i = 0; i < decoded.len; i++) {
        unsigned char c = (unsigned char)decoded.at[i];

        if ((literal[c] & part) != 0) {
            *p++ = (char)c;
        } else {
            *p++ = '%';
            *p++ = digits[c >> 4];
            *p++ = digits[c & 15];
        }
    }
    out->canonical = p;
}
