#include "proxy/engine_list.h"

#include "base/check.h"
#include "proxy/engine_call.h"
#include "json/item_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_FULL (64u << 10)                            // bytes after which a part is handed out
#define PART_MAX  (PART_FULL + (1u << 20) + (64u << 10)) // one item more
#define PATH_SIZE 640
#define LIST_SIZE 64

struct engine_list {
    const struct log *log;
    void (*news)(void *arg);
    void *arg;
    struct engine_call *call; // NULL: it has ended
    struct buffer items;
    int status;
    bool taken;      // what 'items' has was handed out
    bool waits;      // somebody, for a part
    bool going_on;   // inside engine_list_take(), which looks itself
    char error[256]; // "": none
    char path[PATH_SIZE];
    char list[LIST_SIZE];
};

static bool is_full(void *arg)
{
    const struct engine_list *list = arg;

    return list->items.len >= PART_FULL;
}

static void on_full(void *arg)
{
    struct engine_list *list = arg;

    if (!list->waits || list->going_on)
        return;
    list->waits = false;
    list->news(list->arg);
}

static void on_item(void *arg, struct span item)
{
    struct engine_list *list = arg;

    item_list_add(&list->items, item);
}

static void on_skip(void *arg, const char *why, struct span start)
{
    struct engine_list *list = arg;

    item_list_add_long(&list->items, start);
    if (start.len > 100)
        start.len = 100;
    log_line(list->log, LOG_WARN, "an element of the engine's list counts as hidden",
             LOG_TEXT("path", list->path), LOG_TEXT("reason", why), LOG_SPAN("begins", start));
}

static void on_end(void *arg, const struct engine_answer *answer)
{
    struct engine_list *list = arg;

    list->call = NULL;
    list->status = answer->status;
    if (answer->error)
        (void)snprintf(list->error, sizeof(list->error), "%s", answer->error);
    else if (list->items.failed)
        (void)snprintf(list->error, sizeof(list->error), "out of memory");
    on_full(list);
}

struct engine_list *engine_list_new(const struct judge_tools *tools, const struct log *log,
                                    const char *path, const char *list, void (*news)(void *arg),
                                    void *arg)
{
    struct engine_listener listener = { .on_item = on_item,
                                        .is_full = is_full,
                                        .on_full = on_full,
                                        .on_skip = on_skip,
                                        .on_end = on_end };
    struct engine_list *made = calloc(1, sizeof(*made));

    if (!made)
        return NULL;
    CHECK(strlen(path) < sizeof(made->path) && strlen(list) < sizeof(made->list));
    (void)snprintf(made->path, sizeof(made->path), "%s", path);
    (void)snprintf(made->list, sizeof(made->list), "%s", list);
    made->log = log;
    made->news = news;
    made->arg = arg;
    buffer_init(&made->items, PART_MAX);
    listener.list = made->list;
    listener.arg = made;
    made->call = engine_call_start(tools, ENGINE_LIST, made->path, &listener);
    return made;
}

void engine_list_free(struct engine_list *list)
{
    if (!list)
        return;
    engine_call_cancel(list->call);
    buffer_clear(&list->items);
    free(list);
}

bool engine_list_take(struct engine_list *list, struct engine_part *out)
{
    if (list->taken) {
        list->taken = false;
        buffer_reset(&list->items);
        list->going_on = true;
        if (list->call)
            engine_call_go_on(list->call);
        list->going_on = false;
    }
    if (list->call && !is_full(list)) {
        list->waits = true;
        return false;
    }
    list->taken = true;
    *out = (struct engine_part){ .error = list->error[0] ? list->error : NULL,
                                 .status = list->call ? ENGINE_LIST_MORE : list->status,
                                 .items = buffer_span(&list->items) };
    return true;
}
