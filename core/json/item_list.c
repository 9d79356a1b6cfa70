#include "json/item_list.h"

#include "json/cut.h"

void item_list_add(struct buffer *out, struct span item)
{
    buffer_add_span(out, item);
    buffer_add_char(out, '\0');
}

void item_list_add_long(struct buffer *out, struct span start)
{
    if (start.len > ITEM_LIST_START)
        start.len = ITEM_LIST_START;
    buffer_add_char(out, '!');
    item_list_add(out, start);
}

int item_list_read(struct buffer *out, const char *list, struct span text)
{
    const char *const lists[] = { list };
    const struct cut_rules rules = { .depth = GRAMMAR_DEPTH_MAX, .lists = lists, .list_count = 1 };
    enum cut_kind kind;
    struct cut cut;
    size_t used = 0;

    cut_init(&cut, &rules);
    while ((kind = cut_step(&cut, text.at, text.len, &used)) != CUT_MORE) {
        if (kind == CUT_BAD)
            return -1;
        if (kind == CUT_ITEM_END && used > ITEM_LIST_MAX)
            item_list_add_long(out, (struct span){ text.at, used });
        else if (kind == CUT_ITEM_END)
            item_list_add(out, (struct span){ text.at, used });
        text = (struct span){ text.at + used, text.len - used };
    }
    return cut_end(&cut) == CUT_BAD || out->failed ? -1 : 0;
}
