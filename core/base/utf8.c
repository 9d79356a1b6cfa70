#include "base/utf8.h"

#include "base/attr.h"

#include <stdint.h>
#include <string.h>

size_t utf8_length(const char *at, size_t left)
{
    static const struct {
        unsigned char lead_min, lead_max, second_min, second_max;
        size_t len;
    } forms[] = {
        { 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    const unsigned char *p = (const unsigned char *)at;

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (p[0] < forms[i].lead_min || p[0] > forms[i].lead_max)
            continue;
        if (left < forms[i].len)
            return 0;
        if (forms[i].len > 1 && (p[1] < forms[i].second_min || p[1] > forms[i].second_max))
            return 0;
        for (size_t k = 2; k < forms[i].len; k++) {
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        }
        return forms[i].len;
    }
    return 0;
}

// Most text is ASCII, so that is skipped by words.
static size_t ascii_end(struct span text, size_t i)
{
    uint64_t word;

    for (; text.len - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, text.at + i, sizeof(word));
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (i < text.len && (text.at[i] & 0x80) == 0)
        i++;
    return i;
}

size_t utf8_right(struct span text)
{
    size_t i = ascii_end(text, 0);

    while (i < text.len) {
        size_t len = utf8_length(text.at + i, text.len - i);

        if (len == 0)
            return i;
        i = ascii_end(text, i + len);
    }
    return i;
}
