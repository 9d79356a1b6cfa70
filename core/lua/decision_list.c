// decision_list: the answer to DECISION_WANTS_LIST where all of it is there, as in a dry run.
#include "lua/decision_parts.h"
#include "json/item_list.h"

#include <stdio.h>
#include <string.h>

#define ITEMS_MAX (64u << 20)

void decision_answer_list(struct decision *d, int status, struct span body)
{
    const char *where = strchr(d->question, '\n') + 1;
    char list[sizeof(d->question)];
    struct buffer items;

    (void)snprintf(list, sizeof(list), "%.*s", (int)strcspn(where, "\n"), where);
    buffer_init(&items, ITEMS_MAX);
    if (status == 200 && item_list_read(&items, list, body) != 0)
        decision_answer_failure(d, "the engine's answer is not the list that was asked for");
    else
        decision_answer_engine(d, status, buffer_span(&items));
    buffer_clear(&items);
}
