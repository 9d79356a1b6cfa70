// The elements of a list as one text: each whole, those that are too long by how they begin.
#include "base/attr.h"
#include "base/buffer.h"
#include "test.h"
#include "json/item_list.h"

#include <string.h>

// What comes of a text, with bars for the NULs; "-": it is no such list.
static void expect(const char *list, const char *text, const char *expected)
{
    struct buffer out;

    buffer_init(&out, 4096);
    if (item_list_read(&out, list, span_of(text)) != 0) {
        buffer_reset(&out);
        buffer_add_char(&out, '-');
    }
    for (size_t i = 0; i < out.len; i++)
        if (out.data[i] == '\0')
            out.data[i] = '|';
    EXPECT(span_is(buffer_span(&out), span_of(expected)));
    buffer_clear(&out);
}

static void test_elements_are_told_one_by_one(void)
{
    static const struct {
        const char *list, *text, *expected;
    } rows[] = {
        { "", "[]", "" },
        { "", "null", "" },
        { "", " [ {\"a\":\"],\"} , 2,[3] ]\n", "{\"a\":\"],\"}|2|[3]|" },
        { "Volumes", "{\"Warnings\":[1],\"Volumes\":[{},{}]}", "{}|{}|" },
        { "Volumes", "{\"Volumes\":null}", "" },
        { "Volumes", "{}", "" },
        { "", "{}", "-" },
        { "Volumes", "[1]", "-" },
        { "Volumes", "{\"Volumes\":{}}", "-" },
        { "", "[1", "-" },
        { "", "[1,]", "-" },
        { "", "[1]]", "-" },
        { "", "", "-" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(rows[i].list, rows[i].text, rows[i].expected);
}

static void test_of_what_is_too_long_the_beginning_is_told(void)
{
    for (size_t more = 0; more < 2; more++) {
        size_t len = ITEM_LIST_MAX + more;
        struct buffer text, out;

        buffer_init(&text, 2 * ITEM_LIST_MAX);
        buffer_init(&out, 2 * ITEM_LIST_MAX);
        buffer_add_string(&text, "[1,\"");
        while (text.len < 3 + len - 1)
            buffer_add_char(&text, 'x');
        buffer_add_string(&text, "\",2]");
        EXPECT(item_list_read(&out, "", buffer_span(&text)) == 0);
        EXPECT(out.len == (more ? 2 + 1 + ITEM_LIST_START + 1 + 2 : 2 + len + 1 + 2));
        EXPECT(out.data[2] == (more ? '!' : '"') && out.data[out.len - 2] == '2');
        buffer_clear(&text);
        buffer_clear(&out);
    }
}

int main(void)
{
    RUN(test_elements_are_told_one_by_one);
    RUN(test_of_what_is_too_long_the_beginning_is_told);
    return 0;
}
