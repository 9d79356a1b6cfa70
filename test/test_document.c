// The strict reader of JSON at its limits, and one beyond each. What it says of other texts, and
// what it sees in them, spec/lualib/json_property_spec.lua compares with another reader.
#include "test.h"

#include "base/attr.h"
#include "json/document.h"

#include <stdio.h>
#include <string.h>

static const struct document_rules plain = { .values = 100000, .seed = 1 };

static void expect_read(const struct buffer *text, const struct document_rules *rules,
                        enum document_result expected, const char *why)
{
    struct document d;
    struct buffer single;
    struct err err = { "" };

    buffer_init(&single, text->len + 1);
    enum document_result result = document_read(&d, buffer_span(text), rules, &single, &err);
    if (result != expected || !strstr(err.text, why))
        fprintf(stderr, "%.60s...: %d %s\n", text->data, result, err.text);
    EXPECT(result == expected && strstr(err.text, why));
    document_clear(&d);
    buffer_clear(&single);
}

static void test_depth(void)
{
    for (int depth = DOCUMENT_DEPTH_MAX; depth <= DOCUMENT_DEPTH_MAX + 1; depth++) {
        struct buffer text;
        bool deep = depth > DOCUMENT_DEPTH_MAX;

        buffer_init(&text, 4096);
        for (int i = 0; i < depth; i++)
            buffer_add_string(&text, i % 2 ? "[" : "{\"a\":");
        buffer_add_string(&text, "1");
        for (int i = depth; i-- > 0;)
            buffer_add_string(&text, i % 2 ? "]" : "}");
        expect_read(&text, &plain, deep ? DOCUMENT_BAD : DOCUMENT_OK,
                    deep ? "nested deeper than 64" : "");
        buffer_clear(&text);
    }
}

static void test_values(void)
{
    static const struct document_rules few = { .values = 64, .seed = 1 };

    for (int count = 62; count <= 65; count++) {
        struct buffer text;
        bool many = count + 1 > 64; // with the array itself

        buffer_init(&text, 4096);
        for (int i = 0; i < count; i++)
            buffer_add_string(&text, i > 0 ? ",1" : "[1");
        buffer_add_string(&text, "]");
        expect_read(&text, &few, many ? DOCUMENT_BAD : DOCUMENT_OK,
                    many ? "more than 64 values" : "");
        buffer_clear(&text);
    }
}

// Objects of so many members, the last of which is one of them again.
static void test_twins_among_many(void)
{
    static const struct {
        const char *value;
        enum document_result result;
        const char *why;
    } last[] = {
        { "0", DOCUMENT_TWINS, "" },
        { "1", DOCUMENT_BAD, "comes twice, first as \"k0\"" },
    };

    for (int count = 1; count <= 600; count += count < 40 ? 1 : 280) {
        for (size_t i = 0; i < ARRAY_LEN(last); i++) {
            struct buffer text;

            buffer_init(&text, 1 << 16);
            for (int k = 0; k < count; k++)
                buffer_printf(&text, "%s\"k%d\":{\"k%d\":0}", k > 0 ? "," : "{\"x\":[{", k, k);
            buffer_add_string(&text, "},{");
            for (int k = 0; k < count; k++)
                buffer_printf(&text, "%s\"k%d\":0", k > 0 ? "," : "", k);
            buffer_printf(&text, ",\"K0\":%s}]}", last[i].value);
            expect_read(&text, &plain, last[i].result, last[i].why);
            buffer_clear(&text);
        }
    }
}

static void test_long_keys_in_messages(void)
{
    for (size_t len = 98; len <= 103; len++) {
        struct buffer text;

        buffer_init(&text, 4096);
        buffer_add_string(&text, "{\"");
        for (size_t i = 2; i < len; i++)
            buffer_add_char(&text, 'x');
        buffer_add_string(&text, "\xc3\xa9\" 1}"); // may be cut in two
        expect_read(&text, &plain, DOCUMENT_BAD,
                    len > 100 ? "xxx...\", found '1'" : "\xc3\xa9\", found '1'");
        buffer_clear(&text);
    }
}

static void test_numbers(void)
{
    struct buffer text;

    for (int digits = 308; digits <= 310; digits++) {
        buffer_init(&text, 4096);
        for (int i = 0; i < digits; i++)
            buffer_add_char(&text, '1');
        expect_read(&text, &plain, digits > 309 ? DOCUMENT_BAD : DOCUMENT_OK,
                    digits > 309 ? "the number is too large" : "");
        buffer_clear(&text);
    }
    for (int zeros = 590; zeros < 610; zeros++) {
        buffer_init(&text, 4096);
        buffer_add_string(&text, "0.");
        for (int i = 0; i < zeros; i++)
            buffer_add_char(&text, '0');
        buffer_add_string(&text, "1e999");
        expect_read(&text, &plain, DOCUMENT_BAD, "the number is too large");
        buffer_clear(&text);
    }
}

int main(void)
{
    RUN(test_depth);
    RUN(test_values);
    RUN(test_twins_among_many);
    RUN(test_long_keys_in_messages);
    RUN(test_numbers);
    return 0;
}
