// heads: what the fuzzers of request and response heads share.
#pragma once

#include "base/buffer.h"
#include "base/check.h"
#include "http/chars.h"
#include "http/head.h"
#include "http/hop.h"

#include <stdint.h>
#include <string.h>

static const struct head_limits narrow = { .bytes = 2048, .headers = 24 };
// For what was written anew: names and values may gain spaces around them, and a few lines.
static const struct head_limits wide = { .bytes = 8192, .headers = 32 };

// Scans at once and byte by byte; the outcome must not depend on the cuts.
static inline bool find_head(const char *data, size_t len, size_t *end)
{
    struct head_scan whole = { 0 }, grown = { 0 };
    struct head_error error = { 0 }, later = { 0 };
    enum head_status status = head_scan(&whole, data, len, &narrow, end, &error);
    enum head_status last = HEAD_MORE;
    size_t last_end = 0;

    for (size_t n = 0; n <= len && last == HEAD_MORE; n++)
        last = head_scan(&grown, data, n, &narrow, &last_end, &later);
    CHECK(status == last);
    CHECK(status != HEAD_OK || *end == last_end);
    CHECK(status != HEAD_BAD ||
          (error.status == later.status && error.text[0] && strcmp(error.text, later.text) == 0));
    return status == HEAD_OK;
}

static inline size_t count_headers(const struct header *headers, size_t count, struct span name)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += span_is(headers[i].name, name);
    return n;
}

// What no accepted head may hold.
static inline void check_headers(const struct header *headers, size_t count, enum framing framing)
{
    size_t lengths = count_headers(headers, count, SPAN("content-length"));
    size_t codings = count_headers(headers, count, SPAN("transfer-encoding"));

    CHECK(lengths + codings <= 1);
    CHECK(framing != FRAMING_CHUNKED || codings == 1);
    CHECK(framing != FRAMING_LENGTH || lengths == 1);
    for (size_t i = 0; i < count; i++) {
        struct span name = headers[i].name, value = headers[i].value;

        CHECK(chars_is_token(name));
        for (size_t k = 0; k < name.len; k++)
            CHECK(name.at[k] < 'A' || name.at[k] > 'Z');
        for (size_t k = 0; k < value.len; k++) {
            unsigned char c = (unsigned char)value.at[k];

            CHECK((c >= ' ' || c == '\t') && c != 0x7f);
        }
        CHECK(value.len == 0 || (value.at[0] != ' ' && value.at[value.len - 1] != ' '));
        CHECK(value.len == 0 || (value.at[0] != '\t' && value.at[value.len - 1] != '\t'));
    }
}

// Every header that is not of one connection comes through, in order, and nothing else does but
// what moonward adds itself.
static inline void check_passed_on(const struct header *was, size_t was_count,
                                   const struct header *is, size_t is_count)
{
    size_t k = 0;

    for (size_t i = 0; i < was_count; i++) {
        if (hop_is_dropped(was[i].name))
            continue;
        while (k < is_count && hop_is_dropped(is[k].name))
            k++;
        CHECK(k < is_count && span_is(is[k].name, was[i].name) &&
              span_is(is[k].value, was[i].value));
        k++;
    }
    for (; k < is_count; k++)
        CHECK(hop_is_dropped(is[k].name));
}
