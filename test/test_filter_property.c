// The filter over random documents in random pieces. The generator of a document also writes what
// must be left of it, in two ways: byte by byte, and as the document of the items that stay.
#include "test.h"

#include "base/attr.h"
#include "json/filter.h"

#include <stdint.h>
#include <string.h>

#define ROUNDS 800

static const uint32_t seeds[] = { 1, 2, 3, 5, 8, 13, 21, 20240229, 0xdeadbeef, 0xffffffff };

static const char *const lists[] = { "Volumes", "Usage.Items", "Usage.Other" };
static const char *const top[] = { "" };
static const struct cut_rules values = { .depth = 64 };
static const struct cut_rules list = { .depth = 64, .lists = top, .list_count = 1 };
static const struct cut_rules members = { .depth = 64, .lists = lists, .list_count = 3 };

struct doc {
    uint32_t state;
    bool keep_all;
    struct buffer text;
    struct buffer left; // of the text, byte by byte
    struct buffer tree; // what is left, as it would be written from its items
};

// --- the generator ------------------------------------------------------------------------------

static uint32_t next(struct doc *d, uint32_t below)
{
    d->state = d->state * 1664525u + 1013904223u;
    return (d->state >> 8) % below;
}

static const char *space(struct doc *d)
{
    static const char *const spaces[] = { "", "", "", "", " ", "\n", "\t ", "\r\n  " };

    return spaces[next(d, ARRAY_LEN(spaces))];
}

static const char *scalar(struct doc *d)
{
    static const char *const scalars[] = {
        "null",
        "true",
        "false",
        "0",
        "-0.5e+7",
        "1700000000123456789",
        "\"\"",
        "\"[\"",
        "\"}\"",
        "1E9",
        "\"a\\\"]},\\\\\"",
        "\"\\u005d\\ud83d\\ude00\"",
        "\"\xc3\xa9 , \"",
        "\"\\\\\"",
    };

    return scalars[next(d, ARRAY_LEN(scalars))];
}

// A value, or one with the word in it.
static void add_value(struct doc *d, struct buffer *b, unsigned depth, const char *word)
{
    uint32_t kind = next(d, depth > 4 ? 1 : 3), n = next(d, 4);
    uint32_t with_word = word && kind > 0 && n > 0 ? next(d, n) : UINT32_MAX;

    if (kind == 0 || (word && n == 0)) {
        buffer_add_string(b, word ? word : scalar(d));
        return;
    }
    buffer_add_char(b, kind == 1 ? '[' : '{');
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            buffer_add_char(b, ',');
        buffer_add_string(b, space(d));
        if (kind == 2)
            buffer_printf(b, "\"%s%u\"%s:", next(d, 4) == 0 ? "Volumes\\u0020" : "k", i, space(d));
        add_value(d, b, depth + 1, i == with_word ? word : NULL);
        buffer_add_string(b, space(d));
    }
    buffer_add_char(b, kind == 1 ? ']' : '}');
}

static void add_both(struct doc *d, const char *text)
{
    buffer_add_string(&d->text, text);
    buffer_add_string(&d->left, text);
}

static const char edited[] = "{\"edited\" : 1}";

// What the judge makes of an item says a word in it. 'gap' stands before it.
static bool add_item(struct doc *d, const char *gap, const char *gap_left)
{
    static const char *const words[] = { NULL, NULL, "\"drop it\"", "\"edit it\"" };
    const char *word = words[d->keep_all ? 0 : next(d, ARRAY_LEN(words))];
    bool stays = word != words[2];
    size_t from;

    buffer_add_string(&d->text, gap);
    from = d->text.len;
    add_value(d, &d->text, 0, word);
    if (!stays)
        return false;
    buffer_add_string(&d->left, gap_left);
    if (word) {
        buffer_add_string(&d->left, edited);
        buffer_add_string(&d->tree, edited);
    } else {
        buffer_add(&d->left, d->text.data + from, d->text.len - from);
        buffer_add(&d->tree, d->text.data + from, d->text.len - from);
    }
    return true;
}

static void add_list(struct doc *d)
{
    uint32_t n = next(d, 7);
    bool any = false;
    char gap[16];

    add_both(d, "[");
    buffer_add_char(&d->tree, '[');
    add_both(d, space(d));
    for (uint32_t i = 0; i < n; i++) {
        size_t comma = d->tree.len;

        snprintf(gap, sizeof(gap), "%s%s", i > 0 ? "," : "", i > 0 ? space(d) : "");
        if (any)
            buffer_add_char(&d->tree, ',');
        if (add_item(d, gap, any || i == 0 ? gap : gap + 1))
            any = true;
        else
            d->tree.len = comma;
        add_both(d, space(d));
    }
    add_both(d, "]");
    buffer_add_char(&d->tree, ']');
}

static void add_stream(struct doc *d)
{
    uint32_t n = next(d, 7);

    add_both(d, space(d));
    for (uint32_t i = 0; i < n; i++) {
        bool stays = add_item(d, "", "");
        const char *behind = next(d, 2) == 0 ? "\n" : "\r\n ";

        buffer_add_string(&d->text, behind);
        if (stays)
            buffer_add_string(&d->left, behind);
    }
}

static void add_key(struct doc *d, const char *key)
{
    const char *pieces[] = { space(d), key, space(d), ":", space(d) };

    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        add_both(d, pieces[i]);
    buffer_printf(&d->tree, "%s:", key);
}

static void add_comma(struct doc *d)
{
    add_both(d, space(d));
    add_both(d, ",");
    buffer_add_char(&d->tree, ',');
}

// A member that is no list passes as it is, whatever is in it.
static void add_other(struct doc *d, const char *key)
{
    size_t from;

    add_key(d, key);
    from = d->text.len;
    add_value(d, &d->text, 1, next(d, 2) == 0 ? "\"drop it\"" : NULL);
    buffer_add(&d->left, d->text.data + from, d->text.len - from);
    buffer_add(&d->tree, d->text.data + from, d->text.len - from);
}

static void add_list_or_null(struct doc *d, const char *key)
{
    add_key(d, key);
    if (next(d, 5) > 0) {
        add_list(d);
        return;
    }
    add_both(d, "null");
    buffer_add_string(&d->tree, "null");
}

static void add_object(struct doc *d)
{
    add_both(d, "{");
    buffer_add_char(&d->tree, '{');
    add_other(d, "\"Warnings\"");
    add_comma(d);
    add_list_or_null(d, "\"Volumes\"");
    add_comma(d);
    add_key(d, "\"Usage\"");
    add_both(d, "{");
    buffer_add_char(&d->tree, '{');
    add_list_or_null(d, "\"Items\"");
    add_comma(d);
    add_other(d, "\"Volumes\"");
    add_comma(d);
    add_list_or_null(d, "\"Other\"");
    add_both(d, "}");
    buffer_add_char(&d->tree, '}');
    add_comma(d);
    add_other(d, "\"Items\"");
    add_both(d, "}");
    buffer_add_char(&d->tree, '}');
}

static void make_doc(struct doc *d, const struct cut_rules *rules)
{
    buffer_init(&d->text, 1 << 20);
    buffer_init(&d->left, 1 << 20);
    buffer_init(&d->tree, 1 << 20);
    if (rules == &values) {
        add_stream(d);
    } else {
        add_both(d, space(d));
        if (rules == &list)
            add_list(d);
        else
            add_object(d);
        add_both(d, space(d));
    }
    EXPECT(!d->text.failed && !d->left.failed && !d->tree.failed);
}

static void clear_doc(struct doc *d)
{
    buffer_clear(&d->text);
    buffer_clear(&d->left);
    buffer_clear(&d->tree);
}

// --- the filter ---------------------------------------------------------------------------------

static enum filter_verdict judge(void *arg, size_t which, struct span item,
                                 struct buffer *replacement)
{
    (void)arg;
    (void)which;
    if (memmem(item.at, item.len, "\"drop it\"", 9))
        return FILTER_DROP;
    if (!memmem(item.at, item.len, "\"edit it\"", 9))
        return FILTER_KEEP;
    buffer_add_string(replacement, edited);
    return FILTER_REPLACE;
}

static enum filter_verdict keep(void *arg, size_t which, struct span item,
                                struct buffer *replacement)
{
    (void)arg;
    (void)which;
    (void)item;
    (void)replacement;
    return FILTER_KEEP;
}

static void sink(void *arg, struct span text)
{
    buffer_add_span(arg, text);
}

// Random pieces: mostly short ones, so that each token is cut somewhere.
static void filter(struct doc *d, const struct cut_rules *rules, filter_judge how,
                   struct buffer *out)
{
    struct filter f;
    size_t longest = (size_t)1 << next(d, 9);

    buffer_init(out, 1 << 20);
    filter_init(&f, rules, 1 << 16, how, NULL, sink, out);
    for (size_t from = 0, n; from < d->text.len; from += n) {
        n = 1 + next(d, (uint32_t)longest);
        n = n < d->text.len - from ? n : d->text.len - from;
        EXPECT(filter_feed(&f, d->text.data + from, n) == 0);
    }
    EXPECT(filter_end(&f) == 0);
    filter_clear(&f);
}

// Takes out the white space that is not in strings.
static void squeeze(struct buffer *b)
{
    bool in_string = false;
    size_t n = 0;

    for (size_t i = 0; i < b->len; i++) {
        char c = b->data[i];

        if (!in_string && strchr(" \t\r\n", c))
            continue;
        if (c == '"')
            in_string = !in_string;
        b->data[n++] = c;
        if (in_string && c == '\\')
            b->data[n++] = b->data[++i];
    }
    b->len = n;
}

// --- the properties -----------------------------------------------------------------------------

static void each_doc(const struct cut_rules *rules, bool keep_all, bool as_tree)
{
    for (size_t s = 0; s < ARRAY_LEN(seeds); s++) {
        for (int round = 0; round < ROUNDS; round++) {
            struct doc d = { .state = seeds[s] + (uint32_t)round * 7919u, .keep_all = keep_all };
            struct buffer out, *expected = as_tree ? &d.tree : &d.left;

            make_doc(&d, rules);
            filter(&d, rules, keep_all ? keep : judge, &out);
            if (as_tree) {
                squeeze(&out);
                squeeze(&d.tree);
            }
            if (!span_is(buffer_span(&out), buffer_span(expected)))
                fprintf(stderr, "seed %u round %d\nin   %.*s\nout  %.*s\n", seeds[s], round,
                        (int)d.text.len, d.text.data, (int)out.len, out.data);
            EXPECT(span_is(buffer_span(&out), buffer_span(expected)));
            EXPECT(!keep_all || span_is(buffer_span(&out), buffer_span(&d.text)));
            buffer_clear(&out);
            clear_doc(&d);
        }
    }
}

static void test_keeping_all_changes_no_byte(void)
{
    each_doc(&values, true, false);
    each_doc(&list, true, false);
    each_doc(&members, true, false);
}

static void test_what_is_left_of_a_stream_is_its_items_that_stay(void)
{
    each_doc(&values, false, false);
    each_doc(&values, false, true);
}

static void test_what_is_left_of_a_list_is_the_list_of_what_stays(void)
{
    each_doc(&list, false, false);
    each_doc(&list, false, true);
}

static void test_what_is_left_of_an_object_is_the_object_with_such_lists(void)
{
    each_doc(&members, false, false);
    each_doc(&members, false, true);
}

int main(void)
{
    RUN(test_keeping_all_changes_no_byte);
    RUN(test_what_is_left_of_a_stream_is_its_items_that_stay);
    RUN(test_what_is_left_of_a_list_is_the_list_of_what_stays);
    RUN(test_what_is_left_of_an_object_is_the_object_with_such_lists);
    return 0;
}
