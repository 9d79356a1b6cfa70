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
    size_t count = members_read(text, members, MOST);
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

static void test_the_last_of_equal_keys_counts(void)
{
    struct member members[MOST];
    size_t count = members_read(SPAN("{\"a\":1,\"b\":2,\"a\":3}"), members, MOST);

    EXPECT(count == 3);
    EXPECT(members_find(members, count, SPAN("a")) == &members[2]);
    EXPECT(members_find(members, count, SPAN("b")) == &members[1]);
    EXPECT(!members_find(members, count, SPAN("ab")) && !members_find(members, count, SPAN("")));
    EXPECT(!members_find(members, 0, SPAN("a")));
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
        EXPECT(members_read((struct span){ copy + 1, len }, members, MOST) == MEMBERS_ODD);
        free(copy);
    }
    EXPECT(members_read((struct span){ text, sizeof(text) - 1 }, members, MOST) == 3);
}

int main(void)
{
    RUN(test_members_are_found);
    RUN(test_the_last_of_equal_keys_counts);
    RUN(test_a_text_that_breaks_off_is_odd);
    return 0;
}
