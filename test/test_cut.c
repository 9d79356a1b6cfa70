// The cutter of JSON: which bytes belong to which item, whatever the cuts of the input.
#include "seen.h"

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

static void test_the_most_lists_with_the_longest_paths(void)
{
    const char *lists[CUT_LISTS_MAX];
    struct cut_rules most = { .depth = 8, .lists = lists, .list_count = CUT_LISTS_MAX };

    for (size_t i = 0; i < CUT_LISTS_MAX; i++)
        lists[i] = i == CUT_LISTS_MAX - 1 ? "a.b.c.d" : "a.b.c.e";
    expect_seen(&most, "{\"a\":{\"b\":{\"c\":{\"d\":[1,2],\"f\":{\"g\":[3]}}}}}",
                "p({\"a\":{\"b\":{\"c\":{\"d\":[)i(1),i(2)p(],\"f\":{\"g\":[3]}}}}})");
    expect_seen(&most, "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":[1]}}}}}", NULL);
    expect_seen(&most, "{\"a\":{\"b\":{\"c\":{\"e\":[{\"d\":[[[]]]}]}}}}", NULL); // too deep
    expect_seen(&most, "{\"a\":{\"b\":{\"c\":{\"e\":[{\"d\":[[]]}]}}}}",
                "p({\"a\":{\"b\":{\"c\":{\"e\":[)i({\"d\":[[]]})p(]}}}})");
}

int main(void)
{
    RUN(test_top_level_values_are_items);
    RUN(test_elements_of_a_list_are_items);
    RUN(test_lists_inside_of_an_object);
    RUN(test_says_which_list);
    RUN(test_long_keys_are_other_keys);
    RUN(test_the_most_lists_with_the_longest_paths);
    return 0;
}
