// JSON itself: what RFC 8259 does not know is refused, with what and where, whatever the cuts.
#include "seen.h"

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

// Strings are looked at in words; a byte must count wherever in a word it is.
static void test_every_byte_everywhere_in_a_string(void)
{
    for (size_t at = 1; at < 30; at++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"";

            text[at] = (char)byte;

            struct seen s = see(&values, text, sizeof(text) - 1, 0);

            // A quote ends the string early, so that the next byte begins nonsense; a backslash
            // makes the next "n" an escape.
            EXPECT(s.bad == (byte < 0x20 || byte == '"'));
            buffer_clear(&s.text);
        }
    }
}

int main(void)
{
    RUN(test_malformed);
    RUN(test_depth_is_bounded);
    RUN(test_says_what_and_where);
    RUN(test_every_byte_at_every_place);
    RUN(test_every_byte_everywhere_in_a_string);
    return 0;
}
