// seen: what the cutter of JSON says about an input, as text that a table of cases can hold. For
// test_json.c and test_cut.c.
#pragma once

#include "test.h"

#include "base/attr.h"
#include "base/buffer.h"
#include "json/cut.h"

#include <string.h>

// What the cutter said, as text: "p(...)" passes, "," is a comma, "i(...)" is an item, "!" is bad.
struct seen {
    struct buffer text;
    enum cut_kind open; // the kind of the range that is being written
    bool bad;
    uint64_t offset;
    const char *fault;
};

static inline void note(struct seen *s, enum cut_kind kind, const char *data, size_t n)
{
    enum cut_kind shown = kind == CUT_ITEM_END ? CUT_ITEM : kind;

    if (s->open != shown && s->open != CUT_MORE)
        buffer_add_char(&s->text, ')');
    if (s->open != shown && (shown == CUT_PASS || shown == CUT_ITEM))
        buffer_add_string(&s->text, shown == CUT_PASS ? "p(" : "i(");
    if (kind == CUT_COMMA) {
        EXPECT(n == 1 && *data == ',');
        buffer_add_char(&s->text, ',');
        s->open = CUT_MORE;
        return;
    }
    buffer_add(&s->text, data, n);
    s->open = shown;
    if (kind == CUT_ITEM_END) {
        buffer_add_char(&s->text, ')');
        s->open = CUT_MORE;
    }
}

static inline void feed(struct cut *c, struct seen *s, const char *data, size_t len)
{
    while (!s->bad) {
        size_t used;
        enum cut_kind kind = cut_step(c, data, len, &used);

        EXPECT(used <= len);
        if (kind == CUT_MORE) {
            EXPECT(len == 0);
            return;
        }
        if (kind == CUT_BAD)
            s->bad = true;
        else
            note(s, kind, data, used);
        data += used;
        len -= used;
    }
}

static inline void end(struct cut *c, struct seen *s)
{
    if (!s->bad) {
        enum cut_kind kind = cut_end(c);

        if (kind == CUT_ITEM_END)
            note(s, kind, "", 0);
        s->bad = kind == CUT_BAD;
    }
    if (s->open != CUT_MORE)
        buffer_add_char(&s->text, ')');
    s->offset = cut_offset(c);
    s->fault = cut_fault(c);
}

// The input in two pieces, cut at 'at'.
static inline struct seen see(const struct cut_rules *rules, const char *input, size_t len,
                              size_t at)
{
    struct seen s = { .open = CUT_MORE };
    struct cut c;

    buffer_init(&s.text, 1 << 20);
    cut_init(&c, rules);
    feed(&c, &s, input, at);
    feed(&c, &s, input + at, len - at);
    end(&c, &s);
    return s;
}

static inline struct seen see_bytes(const struct cut_rules *rules, const char *input, size_t len)
{
    struct seen s = { .open = CUT_MORE };
    struct cut c;

    buffer_init(&s.text, 1 << 20);
    cut_init(&c, rules);
    for (size_t i = 0; i < len; i++)
        feed(&c, &s, input + i, 1);
    end(&c, &s);
    return s;
}

// Every cut of the input must give what the whole gives.
static inline void expect_same_for_every_cut(const struct cut_rules *rules, const char *input,
                                             size_t len)
{
    struct seen whole = see(rules, input, len, 0);

    for (size_t at = 0; at <= len; at++) {
        struct seen s = at > 0 ? see(rules, input, len, at) : see_bytes(rules, input, len);

        EXPECT(s.bad == whole.bad && s.offset == whole.offset && s.fault == whole.fault);
        EXPECT(whole.bad || span_is(buffer_span(&s.text), buffer_span(&whole.text)));
        buffer_clear(&s.text);
    }
    buffer_clear(&whole.text);
}

static inline void expect_seen(const struct cut_rules *rules, const char *input,
                               const char *expected)
{
    struct seen s = see(rules, input, strlen(input), 0);

    if (s.bad != (expected == NULL) || (expected && strcmp(buffer_text(&s.text), expected) != 0)) {
        fprintf(stderr, "input %s\nseen  %s%s\n", input, buffer_text(&s.text), s.bad ? "!" : "");
        EXPECT(!"as expected");
    }
    buffer_clear(&s.text);
    expect_same_for_every_cut(rules, input, strlen(input));
}

static const struct cut_rules values UNUSED = { .depth = 8 };

static const char *const top[] = { "" };
static const struct cut_rules list UNUSED = { .depth = 8, .lists = top, .list_count = 1 };

static const char *const members[] = { "Volumes", "Images", "Usage.Items", "Usage.Other" };
static const struct cut_rules inside UNUSED = { .depth = 8, .lists = members, .list_count = 4 };
