// What objects have beside their lists comes behind the lists, and is judged there.
#include "base/attr.h"
#include "base/buffer.h"
#include "test.h"
#include "json/filter.h"

#include <string.h>

static const char *const lists[] = { "A", "U.Items", "V.Items" };
static const struct cut_rules rules = { .depth = 16, .lists = lists, .list_count = 3 };

struct run {
    struct buffer out;
    size_t elements; // so far; a rest is told how many
    bool keeps, fails;
};

static void sink(void *arg, struct span text)
{
    buffer_add_span(&((struct run *)arg)->out, text);
}

static enum filter_verdict judge(void *arg, size_t list, struct span item,
                                 struct buffer *replacement)
{
    (void)list;
    (void)replacement;
    ((struct run *)arg)->elements++;
    return span_is(item, SPAN("0")) ? FILTER_DROP : FILTER_KEEP;
}

static enum filter_verdict judge_rest(void *arg, size_t list, struct span rest,
                                      struct buffer *replacement)
{
    struct run *run = arg;

    if (run->fails)
        return FILTER_FAIL;
    if (span_is(rest, SPAN("{\"drop\":1}")))
        return FILTER_DROP;
    if (run->keeps)
        return FILTER_KEEP;
    buffer_printf(replacement, "{\"%zu\":%zu,\"was\":", list, run->elements);
    buffer_add_span(replacement, rest);
    buffer_add_char(replacement, '}');
    return FILTER_REPLACE;
}

static int filter(struct run *run, const char *text, size_t piece)
{
    struct filter f;
    size_t len = strlen(text);
    int result = 0;

    buffer_init(&run->out, 1 << 20);
    filter_init(&f, &rules, 4096, judge, run, sink, run);
    filter_rests(&f, judge_rest);
    for (size_t i = 0; i < len && result == 0; i += piece)
        result = filter_feed(&f, text + i, len - i < piece ? len - i : piece);
    if (result == 0)
        result = filter_end(&f);
    EXPECT((result == 0) == (filter_fault(&f) == NULL));
    filter_clear(&f);
    return result;
}

static void expect(struct run how, const char *in, const char *out)
{
    for (size_t piece = 1; piece <= strlen(in) + 1; piece++) {
        struct run run = how;
        int result = filter(&run, in, piece);

        EXPECT(result == (out ? 0 : -1));
        if (out)
            EXPECT(!run.out.failed && strcmp(buffer_text(&run.out), out) == 0);
        buffer_clear(&run.out);
    }
}

static void test_what_is_beside_a_list_comes_behind_it(void)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "{}", "{}" },
        { " { } \n", " {} \n" },
        { "null", "null" },
        { "{\"A\":[1,0,2]}", "{\"A\":[1,2]}" },
        { "{\"A\" : [ 1 , 0 ]\n, \"x\" : { \"A\" : [ 0 ] } }\n",
          "{\"A\":[ 1  ],\"x\":{ \"A\" : [ 0 ] }}\n" },
        { "{\"x\":1,\"A\":null,\"y\":[\"}\"]}", "{\"A\":null,\"x\":1,\"y\":[\"}\"]}" },
        { "{\"x\":-1.5e3,\"U\":{\"n\":12,\"Items\":[0,1],\"m\":true},\"V\":{},\"z\":null}",
          "{\"U\":{\"Items\":[1],\"n\":12,\"m\":true},\"V\":{},\"x\":-1.5e3,\"z\":null}" },
        { "{\"U\":null,\"V\":{\"Items\":[]}}", "{\"U\":null,\"V\":{\"Items\":[]}}" },
        { "{\"U\":{\"drop\":1},\"A\":[]}", "{\"U\":{},\"A\":[]}" },
        { "{\"A\":[1],\"drop\":1}", "{\"A\":[1]}" },
        // More than one of a name: each is judged.
        { "{\"U\":{\"Items\":[0]},\"U\":{\"Items\":[1]}}",
          "{\"U\":{\"Items\":[]},\"U\":{\"Items\":[1]}}" },
        { "", NULL },
        { "[]", NULL },
        { "1", NULL },
        { "{\"A\":{}}", NULL },
        { "{\"A\":{\"x\":1}}", NULL },
        { "{\"U\":[]}", NULL },
        { "{\"U\":{\"Items\":{}}}", NULL },
        { "{\"A\":[1],}", NULL },
        { "{\"x\":1,}", NULL },
        { "{,\"x\":1}", NULL },
        { "{\"x\":1 \"A\":[]}", NULL },
        { "{\"x\" 1}", NULL },
        { "{\"x\":}", NULL },
        { "{\"x\":1]", NULL },
        { "{\"x\":1", NULL },
        { "{\"x", NULL },
        { "{\"U\":{\"x\":1}", NULL },
        { "{} {}", NULL },
        { "{}}", NULL },
        { "{\"\\u0041\":[0]}", NULL }, // it may be a list
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect((struct run){ .keeps = true }, cases[i].in, cases[i].out);
}

static void test_it_is_judged_when_the_elements_were(void)
{
    expect(
        (struct run){ 0 }, "{\"x\":1,\"U\":{\"n\":2,\"Items\":[1,2]},\"A\":[3]}",
        "{\"U\":{\"Items\":[1,2],\"1\":2,\"was\":{\"n\":2}},\"A\":[3],\"3\":3,\"was\":{\"x\":1}}");
    expect((struct run){ 0 }, "{\"V\":{}}", "{\"V\":{\"2\":0,\"was\":{}},\"3\":0,\"was\":{}}");
    expect((struct run){ .fails = true }, "{\"A\":[]}", NULL);
}

static void test_what_is_beside_a_list_has_a_limit(void)
{
    struct run run = { .keeps = true };
    struct buffer text;

    buffer_init(&text, 1 << 20);
    buffer_add_string(&text, "{\"A\":[1],\"x\":\"");
    for (size_t i = 0; i < GATHER_REST_MAX; i++)
        buffer_add_char(&text, 'x');
    buffer_add_string(&text, "\"}");
    EXPECT(filter(&run, buffer_text(&text), 1000) == -1);
    buffer_clear(&run.out);
    buffer_clear(&text);
}

int main(void)
{
    RUN(test_what_is_beside_a_list_comes_behind_it);
    RUN(test_it_is_judged_when_the_elements_were);
    RUN(test_what_is_beside_a_list_has_a_limit);
    return 0;
}
