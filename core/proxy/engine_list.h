// engine_list: a list that a policy asks of the engine, told in parts: a part is taken, the policy
// looks at it, and the next one is read. So a list may be of any length, and what is held of it is
// bounded.
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "base/span.h"

#include <stdbool.h>

struct engine_list;
struct judge_tools;

struct engine_part {
    const char *error; // NULL: there is an answer
    int status;        // ENGINE_LIST_MORE: another part comes; else it is the last, the engine's
    struct span items; // as json/item_list.h has them, borrowed until the next call
};

#define ENGINE_LIST_MORE 206

// 'list' is where it is in the answer, as cut.h has its paths. 'news' comes from the event loop: a
// part can be taken. Texts are copied, the rest is borrowed. NULL: no memory.
struct engine_list *engine_list_new(const struct judge_tools *tools, const struct log *log,
                                    const char *path, const char *list, void (*news)(void *arg),
                                    void *arg);
void engine_list_free(struct engine_list *list); // NULL is fine

// False: nothing has come yet, and 'news' will be called.
MUST_USE bool engine_list_take(struct engine_list *list, struct engine_part *out);
