// The filter: what passes is what the judge said, and every other byte is as it was. Random
// documents are in test_filter_property.c.
#include "base/attr.h"
#include "test.h"
#include "json/filter.h"

#include <stdbool.h>
#include <string.h>

struct run {
    struct buffer out;
    enum filter_verdict verdict; // of items without the letter below
    const char *drops;           // items that hold this text are dropped; NULL: none
    const char *replacement;
    int too_long;
    const struct redact_set *redacted; // of objects that are too long; NULL: they are not
};

static const struct redact_set *streamer(void *arg, size_t list, struct span start)
{
    (void)list;
    return *start.at == '{' ? ((struct run *)arg)->redacted : NULL;
}

static enum filter_verdict judge(void *arg, size_t list, struct span item,
                                 struct buffer *replacement)
{
    struct run *run = arg;

    (void)list;
    if (!item.at)
        run->too_long++;
    if (!item.at && run->drops)
        return FILTER_DROP;
    if (run->drops && memmem(item.at, item.len, run->drops, strlen(run->drops)))
        return FILTER_DROP;
    if (run->replacement)
        buffer_add_string(replacement, run->replacement);
    return run->verdict;
}

static void sink(void *arg, struct span text)
{
    buffer_add_span(&((struct run *)arg)->out, text);
}

// 0 or -1; the output is in run->out. 'cut' is the length of each piece.
static int filter(struct run *run, const struct cut_rules *rules, const char *text, size_t cut)
{
    struct filter f;
    size_t len = strlen(text);
    int result = 0;

    buffer_init(&run->out, 1 << 20);
    filter_init(&f, rules, 4096, judge, run, sink, run);
    filter_stream_long(&f, streamer);
    for (size_t at = 0; at < len && result == 0; at += cut)
        result = filter_feed(&f, text + at, len - at < cut ? len - at : cut);
    if (result == 0)
        result = filter_end(&f);
    filter_clear(&f);
    return result;
}

static const char *const top[] = { "" };
static const char *const volumes[] = { "Volumes", "Usage.Items" };
static const struct cut_rules top_rules = { .depth = 64, .lists = top, .list_count = 1 };
static const struct cut_rules deep_rules = { .depth = 64, .lists = volumes, .list_count = 2 };
static const struct cut_rules value_rules = { .depth = 64 };

static void test_rows(void)
{
    static const struct {
        const struct cut_rules *rules;
        const char *drops, *replacement, *in, *out; // out NULL: aborted
    } rows[] = {
        { &top_rules, "x", NULL, "[]", "[]" },
        { &top_rules, "x", NULL, "[1,2]", "[1,2]" },
        { &top_rules, "x", NULL, "[\"x\"]", "[]" },
        { &top_rules, "x", NULL, "[\"x\",2]", "[2]" },
        { &top_rules, "x", NULL, "[1,\"x\"]", "[1]" },
        { &top_rules, "x", NULL, "[1,\"x\",3]", "[1,3]" },
        { &top_rules, "x", NULL, "[ \"x\" , \"x\" , 3 ]", "[    3 ]" },
        { &top_rules, "x", NULL, "[ 1 , 2 ]\n", "[ 1 , 2 ]\n" },
        { &top_rules, NULL, "0", "[1,2]", "[0,0]" },
        { &top_rules, "x", NULL, "[1,2", NULL },
        { &top_rules, "x", NULL, "{\"message\":\"x\"}", NULL },
        { &top_rules, "x", NULL, "", NULL },
        { &deep_rules, "x", NULL, "{\"Volumes\":[\"x\",1],\"Warnings\":[\"x\"]}",
          "{\"Volumes\":[1],\"Warnings\":[\"x\"]}" },
        { &deep_rules, "x", NULL, "{\"Volumes\":null,\"Usage\":{\"Items\":[\"x\"],\"N\":1}}",
          "{\"Volumes\":null,\"Usage\":{\"Items\":[],\"N\":1}}" },
        { &deep_rules, "x", NULL, "{\"Volumes\":[\"x\",1],\"Usage\":{\"Items\":[2,\"x\"]}}",
          "{\"Volumes\":[1],\"Usage\":{\"Items\":[2]}}" },
        { &value_rules, "x", NULL, "{\"a\":1}\n{\"x\":1}\n{\"b\":1}\n", "{\"a\":1}\n{\"b\":1}\n" },
        { &value_rules, "x", NULL, "{\"x\":1}\n", "" },
        { &value_rules, "x", NULL, "{\"a\":1}\n{\"b\"", NULL },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t cut = 1; cut <= strlen(rows[i].in) + 1; cut++) {
            struct run run = { .verdict = rows[i].replacement ? FILTER_REPLACE : FILTER_KEEP,
                               .drops = rows[i].drops,
                               .replacement = rows[i].replacement };
            int result = filter(&run, rows[i].rules, rows[i].in, cut);
            struct span out = buffer_span(&run.out);

            EXPECT((result == 0) == (rows[i].out != NULL));
            if (rows[i].out && !span_is(out, span_of(rows[i].out)))
                fprintf(stderr, "%s, pieces of %zu: %.*s\n", rows[i].in, cut, (int)out.len, out.at);
            EXPECT(!rows[i].out || span_is(out, span_of(rows[i].out)));
            buffer_clear(&run.out);
        }
    }
}

static void test_an_item_is_dropped_unless_it_is_kept(void)
{
    struct run run = { .verdict = FILTER_DROP };

    EXPECT(filter(&run, &top_rules, "[1,[2],{\"a\":3}]", 1) == 0);
    EXPECT(span_is(buffer_span(&run.out), SPAN("[]")));
    buffer_clear(&run.out);
}

static void test_a_judge_that_fails_ends_it(void)
{
    struct run run = { .verdict = FILTER_FAIL };

    EXPECT(filter(&run, &top_rules, "[1,2]", 5) == -1);
    EXPECT(span_is(buffer_span(&run.out), SPAN("[")));
    buffer_clear(&run.out);
}

static void test_an_item_has_a_longest_length(void)
{
    static char text[8192];
    struct run run = { .verdict = FILTER_KEEP };

    memset(text, ' ', sizeof(text) - 1);
    memcpy(text, "[\"", 2);
    memset(text + 2, 'a', 5000);
    memcpy(text + 5002, "\"]", 2);
    for (size_t cut = 100; cut < sizeof(text); cut += 4000) {
        EXPECT(filter(&run, &top_rules, text, cut) == -1);
        EXPECT(span_is(buffer_span(&run.out), SPAN("[")));
        buffer_clear(&run.out);
    }
}

// However it comes: an item at the limit is held, one beyond it is left out, and those around it
// stay.
static void test_too_long_an_item_may_be_left_out(void)
{
    static const struct {
        const char *before, *behind;
        const struct cut_rules *rules;
    } around[] = {
        { "[1, ", " ,2]\n", &top_rules },
        { "[", "]", &top_rules },
        { "{\"Volumes\":[{\"a\":1},", ",3],\"Usage\":{\"Items\":[4]}}", &deep_rules },
        { "{\"a\":1}\n", "\n{\"b\":1}\n", &value_rules },
    };
    static const char *const without[] = { "[1 ,2]\n", "[]",
                                           "{\"Volumes\":[{\"a\":1},3],\"Usage\":{\"Items\":[4]}}",
                                           "{\"a\":1}\n{\"b\":1}\n" };
    struct buffer text;

    for (size_t i = 0; i < ARRAY_LEN(around); i++) {
        for (size_t len = 4095; len <= 4097; len++) {
            for (size_t cut = 1; cut < 20000; cut = cut * 3 + 7) {
                struct run run = { .verdict = FILTER_KEEP, .drops = "never there" };

                buffer_init(&text, 1 << 16);
                buffer_add_string(&text, around[i].before);
                buffer_add_char(&text, '"');
                for (size_t k = 2; k < len; k++)
                    buffer_add_char(&text, 'a');
                buffer_add_char(&text, '"');
                buffer_add_string(&text, around[i].behind);
                EXPECT(filter(&run, around[i].rules, buffer_text(&text), cut) == 0);
                EXPECT(run.too_long == (len > 4096));
                EXPECT(span_is(buffer_span(&run.out),
                               len > 4096 ? span_of(without[i]) : buffer_span(&text)));
                buffer_clear(&run.out);
                buffer_clear(&text);
            }
        }
    }
}

// However it comes, and whatever is left out around it.
static void test_too_long_an_object_may_be_redacted_as_it_comes(void)
{
    static const struct {
        const char *before, *behind, *left_before, *left_behind;
        const struct cut_rules *rules;
    } rows[] = {
        { "[1, ", " ,2]\n", "[1, ", " ,2]\n", &top_rules },
        { "[\"d\", ", " , \"d\"]", "[ ", " ]", &top_rules },
        { "[", ",\"d\",3]", "[", ",3]", &top_rules },
        { "{\"Volumes\":[\"d\",", "],\"Usage\":{\"Items\":[4,5]}}", "{\"Volumes\":[",
          "],\"Usage\":{\"Items\":[4,5]}}", &deep_rules },
        { "\"d\"\n", "\n\"d\"\n2\n", "", "\n2\n", &value_rules },
    };
    struct redact_set *set = redact_new();
    struct err err;

    EXPECT(set && redact_add(set, SPAN("a"), &err) == 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t cut = 1; cut < 20000; cut = cut * 3 + 7) {
            struct run run = { .verdict = FILTER_KEEP, .drops = "d", .redacted = set };
            struct buffer text, expected;

            buffer_init(&text, 1 << 16);
            buffer_init(&expected, 1 << 16);
            buffer_add_string(&text, rows[i].before);
            buffer_add_string(&text, "{\"b\":[1],\"a\":\"");
            for (size_t k = 0; k < 5000; k++)
                buffer_add_char(&text, 'x');
            buffer_add_string(&text, "\", \"c\":1}");
            buffer_add_string(&text, rows[i].behind);
            buffer_printf(&expected, "%s{\"b\":[1],\"a\":\"\", \"c\":1}%s", rows[i].left_before,
                          rows[i].left_behind);
            EXPECT(filter(&run, rows[i].rules, buffer_text(&text), cut) == 0);
            EXPECT(span_is(buffer_span(&run.out), buffer_span(&expected)));
            EXPECT(run.too_long == 0);
            buffer_clear(&run.out);
            // What is not whole ends in a failure.
            EXPECT(buffer_text(&text) && strrchr(text.data, 'c'));
            *strrchr(text.data, 'c') = '\n';
            EXPECT(filter(&run, rows[i].rules, buffer_text(&text), cut) == -1);
            buffer_clear(&run.out);
            buffer_clear(&text);
            buffer_clear(&expected);
        }
    }
    redact_free(set);
}

int main(void)
{
    RUN(test_rows);
    RUN(test_an_item_is_dropped_unless_it_is_kept);
    RUN(test_a_judge_that_fails_ends_it);
    RUN(test_an_item_has_a_longest_length);
    RUN(test_too_long_an_item_may_be_left_out);
    RUN(test_too_long_an_object_may_be_redacted_as_it_comes);
    return 0;
}
