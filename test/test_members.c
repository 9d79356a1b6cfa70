// Members of a JSON object: found where they are, and never beyond the text.
#include "test.h"

#include "base/attr.h"
#include "base/buffer.h"
#include "json/members.h"

#include <stdio.h>
#include <string.h>

#define MOST 4

// "key=value;" for each; "odd".
static void expect_members(struct span text, const char *expected)
{
    struct member members[MOST];
    size_t count = members_read(text, members, MOST, NULL, 0);
    struct buffer seen;

    buffer_init(&seen, 1 << 16);
    for (size_t i = 0; count != MEMBERS_ODD && i < count; i++)
        buffer_printf(&seen, "%.*s=%.*s;", (int)members[i].key.len, members[i].key.at,
                      (int)members[i].value.len, members[i].value.at);
    if (count == MEMBERS_ODD)
        buffer_add_string(&seen, "odd");
    if (!span_is(buffer_span(&seen), span_of(expected)))
        fprintf(stderr, "%.*s: %.*s\n", (int)text.len, text.at, (int)seen.len, seen.data);
    EXPECT(span_is(buffer_span(&seen), span_of(expected)));
    buffer_clear(&seen);
}

static void test_members_are_found(void)
{
    static const struct {
        const char *text, *members;
    } cases[] = {
        { "{}", "" },
        { " {}", "odd" },
        { "{ \n}", "" },
        { "{\"a\":1}", "a=1;" },
        { "{ \"a\" : 1 , \"b\":\t-0.5e+7\n}", "a=1;b=-0.5e+7;" },
        { "{\"a\":\"}\\\"\",\"b\":[\"]\",{\"c\":\"\\\\\"}],\"c\":null}",
          "a=\"}\\\"\";b=[\"]\",{\"c\":\"\\\\\"}];c=null;" },
        { "{\"\":{},\"a\":[ ],\"a\":true}", "={};a=[ ];a=true;" },
        { "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", "a=1;b=2;c=3;d=4;" },
        { "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}", "odd" },
        { "{\"\\u0061\":1}", "odd" },
        { "{\"a\":1,\"b\\n\":1}", "odd" },
        { "", "odd" },
        { "[1]", "odd" },
        { "null", "odd" },
        { "\"{\"", "odd" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_members(span_of(cases[i].text), cases[i].members);
}

// What is found by two names, and by one, while the outer object is read.
static void test_members_within_are_found(void)
{
    static const struct {
        const char *text;
        size_t outer, deep, flat;
    } cases[] = {
        { "{}", 0, MEMBERS_NONE, MEMBERS_NONE },
        { "{\"a\":{\"b\":{\"x\":1,\"y\":{}}}}", 1, 2, MEMBERS_NONE },
        { "{\"a\":{\"c\":{\"b\":{}}},\"b\":{}}", 2, MEMBERS_NONE, MEMBERS_NONE },
        { "{ \"a\" : { \"z\":[{}], \"b\" : { } , \"c\":\"}\" } , \"l\":{\"k\":1}}", 2, 0, 1 },
        { "{\"a\":{\"b\":{\"x\":1}},\"a\":{}}", 2, MEMBERS_NONE, MEMBERS_NONE },
        { "{\"a\":{\"b\":{\"x\":1},\"b\":{\"x\":1,\"y\":2,\"z\":3}}}", 1, 3, MEMBERS_NONE },
        { "{\"a\":{\"b\":{\"x\":1}},\"a\":null}", 2, MEMBERS_ODD, MEMBERS_NONE },
        { "{\"a\":{\"b\":[1]},\"l\":null}", 2, MEMBERS_ODD, MEMBERS_ODD },
        { "{\"a\":{\"\\u0062\":{}},\"l\":{\"\\n\":1}}", 2, MEMBERS_ODD, MEMBERS_ODD },
        { "{\"a\":{\"b\":{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1}}}", 1, MEMBERS_ODD,
          MEMBERS_NONE },
        { "{\"\\u0061\":{\"b\":{}}}", MEMBERS_ODD, MEMBERS_NONE, MEMBERS_NONE },
        { "{\"a\":{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"b\":{}}}", 1, 0, MEMBERS_NONE },
    };
    static const struct span deep[] = { { "a", 1 }, { "b", 1 } }, flat[] = { { "l", 1 } };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct member outer[MOST], inner[2][MOST];
        struct members_within within[] = {
            { .names = deep, .name_count = 2, .out = inner[0], .most = MOST },
            { .names = flat, .name_count = 1, .out = inner[1], .most = MOST },
        };
        struct span text = span_of(cases[i].text);

        EXPECT(members_read(text, outer, MOST, within, 2) == cases[i].outer);
        EXPECT(within[0].count == cases[i].deep && within[1].count == cases[i].flat);
        if (within[0].count == 3)
            EXPECT(span_is(inner[0][2].key, SPAN("z")) && span_is(inner[0][2].value, SPAN("3")));
    }
}

// In memory of exactly that size, so that a sanitizer sees a byte too many.
static void test_a_text_that_breaks_off_is_odd(void)
{
    static const char text[] = "{ \"ab\" : \"c\\\"d\" , \"e\":[1,{\"f\":\"g\"}], \"h\":tru }";
    struct member members[MOST];

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        char *copy = malloc(len + 1);

        EXPECT(copy);
        memcpy(copy + 1, text, len);
        EXPECT(members_read((struct span){ copy + 1, len }, members, MOST, NULL, 0) == MEMBERS_ODD);
        free(copy);
    }
    EXPECT(members_read((struct span){ text, sizeof(text) - 1 }, members, MOST, NULL, 0) == 3);
}

int main(void)
{
    RUN(test_members_are_found);
    RUN(test_members_within_are_found);
    RUN(test_a_text_that_breaks_off_is_odd);
    return 0;
}
