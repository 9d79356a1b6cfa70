#include "http/target.h"

#include "base/number.h"
#include "http/target_parts.h"

#include <stdlib.h>
#include <string.h>

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

bool target_is_clean(struct span raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = (unsigned char)raw.at[i];

        if (c <= ' ' || c > '~' || c == '#' || c == '\\')
            return false;
    }
    return true;
}

static size_t count_pairs(struct span query)
{
    size_t n = 1;

    for (size_t i = 0; i < query.len; i++)
        n += query.at[i] == '&';
    return n;
}

// One allocation: the pairs, the decoded bytes (never more than the raw ones), the canonical form
// (an escape for each byte, and a "=" that a pair may lack).
static int make_room(struct target *target, size_t pairs, size_t raw, struct target_out *out)
{
    size_t size = pairs * sizeof(*target->pairs);

    target->block = malloc(size + raw + 4 * raw + 1);
    if (!target->block)
        return -1;
    target->pairs = (struct query_pair *)(void *)target->block;
    out->decoded = target->block + size;
    out->canonical = out->decoded + raw;
    return 0;
}

// What a target begins with says which form it has (RFC 9112, section 3.2).
static enum head_status check_form(struct span raw, struct head_error *error)
{
    if (raw.len == 0 || raw.at[0] != '/')
        return head_bad(error, 400, "the request target does not begin with a slash");
    if (!target_is_clean(raw))
        return head_bad(error, 400, "a byte in the request target that must be percent-escaped");
    return HEAD_OK;
}

enum head_status target_read(struct target *target, struct span raw,
                             const struct target_rules *rules, struct head_error *error)
{
    struct target_out out;

    *target = (struct target){ .block = NULL };
    if (check_form(raw, error) != HEAD_OK)
        return HEAD_BAD;

    const char *mark = memchr(raw.at, '?', raw.len);
    struct span path = { raw.at, mark ? (size_t)(mark - raw.at) : raw.len };
    struct span query = { mark ? mark + 1 : NULL, mark ? raw.len - path.len - 1 : 0 };
    size_t pairs = count_pairs(query);

    if (make_room(target, pairs < rules->pairs ? pairs : rules->pairs, raw.len, &out) != 0)
        return head_bad(error, 503, "out of memory");

    char *canonical = out.canonical;

    if (target_read_path(target, path, rules, &out, error) != HEAD_OK ||
        target_read_query(target, query, rules, &out, error) != HEAD_OK) {
        target_clear(target);
        return HEAD_BAD;
    }
    target->canonical = (struct span){ canonical, (size_t)(out.canonical - canonical) };
    return HEAD_OK;
}

void target_clear(struct target *target)
{
    free(target->block);
    *target = (struct target){ .block = NULL };
}
