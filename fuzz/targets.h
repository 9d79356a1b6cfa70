// targets: what must hold for each target that is accepted; for fuzz_path and fuzz_query.
#pragma once

#include "base/check.h"
#include "http/target.h"

#include <stdint.h>
#include <string.h>

static const struct target_rules target_fuzz_rules = { .least = { 1, 24 }, .pairs = 16 };

// A decoded path that no router can read in two ways.
static inline void check_path(struct span path)
{
    CHECK(path.len > 0 && path.at[0] == '/');
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];

        CHECK(c >= ' ' && c != 0x7f && c != '\\');
        if (c != '/')
            continue;

        struct span rest = { path.at + i + 1, path.len - i - 1 };

        CHECK(!span_starts(rest, SPAN("/")));
        CHECK(!span_is(rest, SPAN(".")) && !span_is(rest, SPAN("..")));
        CHECK(!span_starts(rest, SPAN("./")) && !span_starts(rest, SPAN("../")));
    }
}

// Nothing in it may need an escape, on any server.
static inline void check_canonical(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        CHECK(c > ' ' && c <= '~' && !strchr("#\\;\"<>^`{|}[]", c));
        CHECK(c != '%' || (i + 2 < text.len && strchr("0123456789ABCDEF", text.at[i + 1]) &&
                           strchr("0123456789ABCDEF", text.at[i + 2])));
    }
}

static inline void check_target(struct span raw)
{
    struct target target, again;
    struct head_error error = { 0 };

    if (target_read(&target, raw, &target_fuzz_rules, &error) != HEAD_OK) {
        CHECK(error.status == 400 && error.text[0] && target.block == NULL);
        return;
    }
    check_path(target.path);
    check_canonical(target.canonical);
    CHECK(target.pair_count <= target_fuzz_rules.pairs);
    CHECK(target_read(&again, target.canonical, &target_fuzz_rules, &error) == HEAD_OK);
    CHECK(span_is(again.canonical, target.canonical));
    CHECK(span_is(again.path, target.path) && span_is(again.version, target.version));
    CHECK(again.pair_count == target.pair_count);
    for (size_t i = 0; i < target.pair_count; i++) {
        CHECK(span_is(again.pairs[i].key, target.pairs[i].key));
        CHECK(span_is(again.pairs[i].value, target.pairs[i].value));
        CHECK(!memchr(target.pairs[i].value.at, '\0', target.pairs[i].value.len));
    }
    target_clear(&again);
    target_clear(&target);
}
