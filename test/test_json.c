// The cutter of JSON: which bytes belong to which item, whatever the cuts of the input.
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

static void note(struct seen *s, enum cut_kind kind, const char *data, size_t n)
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

static void feed(struct cut *c, struct seen *s, const char *data, size_t len)
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

static void end(struct cut *c, struct seen *s)
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
static struct seen see(const struct cut_rules *rules, const char *input, size_t len, size_t at)
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

static struct seen see_bytes(const struct cut_rules *rules, const char *input, size_t len)
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
static void expect_same_for_every_cut(const struct cut_rules *rules, const char *input, size_t len)
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

static void expect_seen(const struct cut_rules *rules, const char *input, const char *expected)
{
    struct seen s = see(rules, input, strlen(input), 0);

    if (s.bad != (expected == NULL) || (expected && strcmp(buffer_text(&s.text), expected) != 0)) {
        fprintf(stderr, "input %s\nseen  %s%s\n", input, buffer_text(&s.text), s.bad ? "!" : "");
        EXPECT(!"as expected");
    }
    buffer_clear(&s.text);
    expect_same_for_every_cut(rules, input, strlen(input));
}

static const struct cut_rules values = { .depth = 8 };

static const char *const top[] = { "" };
static const struct cut_rules list = { .depth = 8, .lists = top, .list_count = 1 };

static const char *const members[] = { "Volumes", "Images", "Usage.Items", "Usage.Other" };
static const struct cut_rules inside = { .depth = 8, .lists = members, .list_count = 4 };

static void test_top_level_values_are_items(void)
{
    static const struct {
        const char *input, *seen;
    } cases[] = {
        { "", "" },
        { "  \n", "p(  \n)" },
        { "{}", "i({})" },
        { "{}\n", "i({})p(\n)" },
        { "{\"a\":1}\n{\"b\":[2,3]}\r\n", "i({\"a\":1})p(\n)i({\"b\":[2,3]})p(\r\n)" },
        { "{}{}[]", "i({})i({})i([])" },
        { " \"a\\\"b\" ", "p( )i(\"a\\\"b\")p( )" },
        { "\"\\u00e9\\uD83D\"", "i(\"\\u00e9\\uD83D\")" },
        { "1 2", "i(1)p( )i(2)" },
        { "-0.5e+10", "i(-0.5e+10)" },
        { "0", "i(0)" },
        { "10E-2[", NULL },
        { "true false null", "i(true)p( )i(false)p( )i(null)" },
        { "{\"a\":{\"a\":[[],{}]}}x", NULL },
        { "[[[[[[[[]]]]]]]]", "i([[[[[[[[]]]]]]]])" },
        { "[[[[[[[[[]]]]]]]]]", NULL },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_seen(&values, cases[i].input, cases[i].seen);
}

static void test_elements_of_a_list_are_items(void)
{
    static const struct {
        const char *input, *seen;
    } cases[] = {
        { "[]", "p([])" },
        { " [ ]\n", "p( [ ]\n)" },
        { "null", "p(null)" },
        { "[{}]", "p([)i({})p(])" },
        { "[ 1 , 2 ]", "p([ )i(1)p( ),p( )i(2)p( ])" },
        { "[{\"a\":[1,2]},{\"b\":\",\"}]", "p([)i({\"a\":[1,2]}),i({\"b\":\",\"})p(])" },
        { "[[1,2],[3]]", "p([)i([1,2]),i([3])p(])" },
        { "[\"a\",true,null,-1]", "p([)i(\"a\"),i(true),i(null),i(-1)p(])" },
        { "", NULL },
        { " ", NULL },
        { "{}", NULL },
        { "1", NULL },
        { "\"a\"", NULL },
        { "true", NULL },
        { "[1,2", NULL },
        { "[1,]", NULL },
        { "[,1]", NULL },
        { "[1,,2]", NULL },
        { "[1 2]", NULL },
        { "[1]]", NULL },
        { "[1}", NULL },
        { "[] []", NULL },
        { "[]x", NULL },
        { "null null", NULL },
        { "nul", NULL },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_seen(&list, cases[i].input, cases[i].seen);
}

static void test_lists_inside_of_an_object(void)
{
    static const struct {
        const char *input, *seen;
    } cases[] = {
        { "{}", "p({})" },
        { "null", "p(null)" },
        { "{\"Volumes\":[1,2],\"W\":null}", "p({\"Volumes\":[)i(1),i(2)p(],\"W\":null})" },
        { "{\"W\":[1,2],\"Volumes\":[]}", "p({\"W\":[1,2],\"Volumes\":[]})" },
        { "{\"Volumes\":null}", "p({\"Volumes\":null})" },
        { "{\"Volumes\" : [ 1 ] }", "p({\"Volumes\" : [ )i(1)p( ] })" },
        { "{\"Volumes\":[1],\"Images\":[{}]}", "p({\"Volumes\":[)i(1)p(],\"Images\":[)i({})p(]})" },
        { "{\"Volumes\":[1],\"Volumes\":[2]}", "p({\"Volumes\":[)i(1)p(],\"Volumes\":[)i(2)p(]})" },
        // A key of that name elsewhere is another key.
        { "{\"X\":{\"Volumes\":[1]}}", "p({\"X\":{\"Volumes\":[1]}})" },
        { "{\"X\":[{\"Volumes\":[1]}]}", "p({\"X\":[{\"Volumes\":[1]}]})" },
        { "{\"Volume\":[1],\"Volumess\":[1],\"volumes\":[1]}",
          "p({\"Volume\":[1],\"Volumess\":[1],\"volumes\":[1]})" },
        { "{\"Volumes\":[{\"Volumes\":[1]}]}", "p({\"Volumes\":[)i({\"Volumes\":[1]})p(]})" },
        { "{\"Usage\":{\"Items\":[1],\"N\":2}}", "p({\"Usage\":{\"Items\":[)i(1)p(],\"N\":2}})" },
        { "{\"Usage\":{\"Volumes\":[1]}}", "p({\"Usage\":{\"Volumes\":[1]}})" },
        { "{\"Usage\":{\"X\":{\"Items\":[1]}}}", "p({\"Usage\":{\"X\":{\"Items\":[1]}}})" },
        { "{\"Usage\":null}", "p({\"Usage\":null})" },
        { "{\"Usage\":{\"Other\":[3]},\"Items\":[1]}",
          "p({\"Usage\":{\"Other\":[)i(3)p(]},\"Items\":[1]})" },
        // A shape that nobody foresaw must not pass unfiltered.
        { "[]", NULL },
        { "{\"Volumes\":{}}", NULL },
        { "{\"Volumes\":1}", NULL },
        { "{\"Volumes\":\"\"}", NULL },
        { "{\"Usage\":[{\"Items\":[1]}]}", NULL },
        { "{\"Usage\":7}", NULL },
        { "{\"Volume\\u0073\":[1]}", NULL },
        { "{\"X\\n\":[1]}", NULL },
        { "{\"X\":{\"a\\n\":[1]}}", "p({\"X\":{\"a\\n\":[1]}})" },
        { "{} {}", NULL },
        { "{\"Volumes\":[1]", NULL },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_seen(&inside, cases[i].input, cases[i].seen);
}

static void test_says_which_list(void)
{
    static const char input[] = "{\"Images\":[1],\"Volumes\":[2],\"Usage\":{\"Other\":[3]}}";
    static const size_t expected[] = { 1, 0, 3 };
    const char *p = input;
    size_t items = 0, used;
    struct cut c;

    cut_init(&c, &inside);
    for (enum cut_kind kind; (kind = cut_step(&c, p, strlen(p), &used)) != CUT_MORE; p += used) {
        EXPECT(kind != CUT_BAD);
        if (kind == CUT_ITEM_END)
            EXPECT(cut_list(&c) == expected[items++]);
    }
    EXPECT(items == 3 && cut_end(&c) == CUT_MORE);
}

static void test_long_keys_are_other_keys(void)
{
    struct buffer text;

    for (size_t len = 60; len < 70; len++) {
        buffer_init(&text, 4096);
        buffer_add_string(&text, "{\"");
        for (size_t i = 0; i < len; i++)
            buffer_add_char(&text, 'x');
        buffer_add_string(&text, "\":[1],\"Images\":[2]}");

        struct seen s = see(&inside, text.data, text.len, 10);

        EXPECT(!s.bad && strstr(buffer_text(&s.text), ":[1],\"Images\":[)i(2)p(]}"));
        buffer_clear(&s.text);
        expect_same_for_every_cut(&inside, text.data, text.len);
        buffer_clear(&text);
    }
}

// Each of these is a whole text that RFC 8259 does not know.
static void test_malformed(void)
{
    static const char *const cases[] = {
        // literals
        "tru",
        "trux",
        "True",
        "nulL",
        "fals ",
        "nan",
        "NaN",
        "Infinity",
        "undefined",
        "t",
        // numbers
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-.5",
        "1.e3",
        "1e",
        "1e+",
        "1E-",
        "0x10",
        "1_0",
        "1.2.3",
        "1e2.5",
        "--1",
        "1a",
        "0a",
        "- 1",
        "1e1e1",
        "0e",
        // strings
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u123\"",
        "\"a\nb\"",
        "\"a\tb\"",
        "\"\x1f\"",
        "'a'",
        "\"\\",
        "\"\\U0041\"",
        "\"\\'\"",
        "\"\r\"",
        // arrays
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,]",
        "[,1]",
        "[1,,2]",
        "[1 2]",
        "[1:2]",
        "[1;2]",
        "[}",
        "[1}",
        "[\"a\":1]",
        "[[]",
        "[]]",
        "[1]2]",
        "(1)",
        // objects
        "{",
        "}",
        "{]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\",1}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{1:2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1:2}",
        "{\"a\"::1}",
        "{:1}",
        "{\"a\":1]",
        "{null:1}",
        "{\"a\":1,,\"b\":2}",
        "{\"a\" \"b\"}",
        "{\"a\":1",
        "{\"a",
        "{\"a\":",
        "{[]:1}",
        "{\"a\"=1}",
        // around
        "\xef\xbb\xbf{}",
        "//\n{}",
        "/**/{}",
        "{}/**/",
        "{};",
        "\f{}",
        "\v1",
        "\xa0{}",
        "\\",
        "#",
        "{\"a\":/**/1}",
        "[1 /**/]",
        ",",
        ":",
        "{} ,{}",
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        expect_seen(&values, cases[i], NULL);

        // The same inside of an item, and of what passes.
        struct buffer text;

        buffer_init(&text, 4096);
        buffer_printf(&text, "[[0,%s", cases[i]);
        expect_seen(&list, buffer_text(&text), NULL);
        buffer_reset(&text);
        buffer_printf(&text, "{\"X\":%s", cases[i]);
        expect_seen(&inside, buffer_text(&text), NULL);
        buffer_clear(&text);
    }
    // A NUL byte, in each place.
    expect_same_for_every_cut(&values, "{\"a\":1}\0", 8);
    for (size_t at = 0; at < 8; at++) {
        char text[] = "[\"a\\n\"] ";

        text[at] = '\0';

        struct seen s = see(&values, text, 8, 0);

        EXPECT(s.bad);
        buffer_clear(&s.text);
    }
}

static void test_depth_is_bounded(void)
{
    for (unsigned limit = 0; limit <= GRAMMAR_DEPTH_MAX; limit += limit < 20 ? 1 : 41) {
        struct cut_rules rules = { .depth = limit };

        for (unsigned depth = limit > 0 ? limit : 1; depth <= limit + 1; depth++) {
            struct buffer text;

            buffer_init(&text, 1 << 16);
            for (unsigned i = 0; i < depth; i++)
                buffer_add_string(&text, i % 3 == 0 ? "{\"a\":" : "[");
            buffer_add_char(&text, '1');
            for (unsigned i = depth; i-- > 0;)
                buffer_add_char(&text, i % 3 == 0 ? '}' : ']');

            struct seen s = see(&rules, text.data, text.len, text.len / 2);

            EXPECT(s.bad == (depth > limit));
            EXPECT(!s.bad || strcmp(s.fault, "brackets nested too deeply") == 0);
            buffer_clear(&s.text);
            buffer_clear(&text);
        }
    }
}

static void test_says_what_and_where(void)
{
    static const struct {
        const char *input, *fault;
        uint64_t offset;
    } cases[] = {
        { "{\"a\" 1}", "no colon behind a key", 5 },
        { "{\"a\":1} x", "no value where one must begin", 8 },
        { "[1 2]", "neither a comma nor the closing bracket behind a value", 3 },
        { "[\"a\x01\"]", "a control character in a string", 3 },
        { "[tru]", "a word that is not true, false or null", 4 },
        { "[01]", "a number that JSON does not have", 2 },
        { "{,", "no key where one must begin", 1 },
        { "[\"\\q\"]", "an escape that JSON does not have", 3 },
        { "[\"\\u00q\"]", "an escape without four hexadecimal digits", 6 },
        { "[1", "the text ends inside of a value", 2 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s = see(&values, cases[i].input, strlen(cases[i].input), 0);

        EXPECT(s.bad && strcmp(s.fault, cases[i].fault) == 0 && s.offset == cases[i].offset);
        buffer_clear(&s.text);
    }
}

// The bytes that may stand at each place of a small text, out of all 256.
static void test_every_byte_at_every_place(void)
{
    static const struct {
        const char *before, *after, *accepted;
    } cases[] = {
        { "[1", "]", " \t\r\n0123456789" }, // "[1.]" and "[1e]" are not numbers
        { "[", "1]", " \t\r\n-123456789" },
        { "[1", "2]", ".,0123456789eE" },
        { "{\"a\"", "1}", ":" },
        { "{\"a\":1", "}", " \t\r\n0123456789" },
        { "\"\\", "\"", "\"\\/bfnrt" },
        { "\"\\u000", "\"", "0123456789abcdefABCDEF" },
        { "", "true", " \t\r\n" },
        { "[1]", "[2]", " \t\r\n" },
        { "[1.", "]", "0123456789" },
        { "[1e", "0]", "+-0123456789" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[64];
            int len = snprintf(text, sizeof(text), "%s%c%s", cases[i].before, byte, cases[i].after);
            struct cut_rules rules = { .depth = 8, .lists = top, .list_count = 0 };
            struct seen s = see(&rules, text, (size_t)len, 1);
            bool expected = byte != 0 && strchr(cases[i].accepted, byte) != NULL;

            // Top-level numbers may touch what follows: 1[2] is two values.
            if (strcmp(cases[i].before, "") == 0 || strcmp(cases[i].after, "[2]") == 0)
                expected = expected || (byte >= '0' && byte <= '9');
            if (s.bad == expected)
                fprintf(stderr, "case %zu byte 0x%02x\n", i, (unsigned)byte);
            EXPECT(s.bad == !expected);
            buffer_clear(&s.text);
        }
    }
}

int main(void)
{
    RUN(test_top_level_values_are_items);
    RUN(test_elements_of_a_list_are_items);
    RUN(test_lists_inside_of_an_object);
    RUN(test_says_which_list);
    RUN(test_long_keys_are_other_keys);
    RUN(test_malformed);
    RUN(test_depth_is_bounded);
    RUN(test_says_what_and_where);
    RUN(test_every_byte_at_every_place);
    return 0;
}
