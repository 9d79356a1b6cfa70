#include "proxy/questions.h"

#include "lua/containers.h"
#include "proxy/engine_call.h"
#include "proxy/judge.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define LATE_MS   300 // without an answer about one container, others are asked about
#define ASIDE_MAX 8   // of these

struct question {
    LIST_ENTRY(question) link; // of those that were set aside
    struct questions *owner;
    struct engine_call *call;
    bool is_list;
    bool aside;
    char path[];
};

LIST_HEAD(question_list, question);

struct questions {
    const struct judge_tools *tools;
    struct host *host;
    const struct log *log;
    void (*on_news)(void *arg, bool taken);
    void (*on_failed)(void *arg, const char *why);
    void *arg;
    struct question *asked; // at most one at a time, besides those that were set aside
    struct question_list aside;
    struct event *late; // the one that is asked should have been answered by then
    uint64_t answers;
    bool broken; // the registry could not take what it was told
};

static void drop_question(struct question *q)
{
    if (q->aside)
        LIST_REMOVE(q, link);
    else
        q->owner->asked = NULL;
    engine_call_cancel(q->call);
    free(q);
}

void questions_drop(struct questions *qs)
{
    if (!qs)
        return;
    for (struct question *q = LIST_FIRST(&qs->aside), *next; q; q = next) {
        next = LIST_NEXT(q, link);
        drop_question(q);
    }
    if (qs->asked)
        drop_question(qs->asked);
    qs->broken = false;
}

uint64_t questions_answers(const struct questions *qs)
{
    return qs->answers;
}

bool questions_busy(const struct questions *qs)
{
    return qs->asked != NULL;
}

// --- answers ------------------------------------------------------------------------------------

static void tell(struct questions *qs, enum containers_news news, int status, struct span text)
{
    if (!containers_tell(qs->host, news, status, text))
        qs->broken = true;
}

static void on_item(void *arg, struct span item)
{
    const struct question *q = arg;

    tell(q->owner, CONTAINERS_ITEM, 0, item);
}

// Clients at the addresses of what was left out are unknown.
static void on_skip(void *arg, const char *why, struct span start)
{
    const struct question *q = arg;

    (void)start;
    log_line(q->owner->log, LOG_WARN, "an element of the engine's list is left out",
             LOG_TEXT("reason", why));
}

static void tell_aside(struct questions *qs, const struct question *q, int status, struct span body)
{
    if (!containers_tell_aside(qs->host, q->path, status, body))
        qs->broken = true;
}

static void on_answer(void *arg, const struct engine_answer *answer)
{
    struct question *q = arg;
    struct questions *qs = q->owner;

    q->call = NULL;
    qs->answers++;
    if (answer->error && !q->aside) {
        qs->on_failed(qs->arg, answer->error);
        return;
    }
    if (q->aside)
        tell_aside(qs, q, answer->error ? 0 : answer->status, answer->body);
    else
        tell(qs, CONTAINERS_ANSWER, answer->status, answer->body);
    drop_question(q);
    qs->on_news(qs->arg, !qs->broken);
}

static void drop_oldest_aside(struct questions *qs)
{
    struct question *oldest = NULL, *q = NULL;
    size_t count = 0;

    LIST_FOREACH(q, &qs->aside, link)
    {
        oldest = q;
        count++;
    }
    if (count < ASIDE_MAX)
        return;
    tell_aside(qs, oldest, 0, (struct span){ 0 });
    drop_question(oldest);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    struct questions *qs = arg;
    struct question *q = qs->asked;

    (void)fd;
    (void)what;
    if (!q || q->is_list)
        return;
    drop_oldest_aside(qs);
    tell(qs, CONTAINERS_LATE, 0, (struct span){ 0 });
    q->aside = true;
    qs->asked = NULL;
    LIST_INSERT_HEAD(&qs->aside, q, link);
    qs->on_news(qs->arg, !qs->broken);
}

void questions_ask(struct questions *qs)
{
    static const struct timeval late = { .tv_usec = LATE_MS * 1000 };
    struct engine_listener listener = { .on_item = on_item,
                                        .on_skip = on_skip,
                                        .on_end = on_answer };
    bool is_list = false;

    if (qs->asked)
        return;

    const char *path = containers_question(qs->host, &is_list);

    if (!path)
        return;

    size_t size = strlen(path) + 1;
    struct question *q = calloc(1, sizeof(*q) + size);

    if (!q) {
        qs->broken = true; // the next news says so, and all begins anew
        return;
    }
    q->owner = qs;
    q->is_list = is_list;
    memcpy(q->path, path, size);
    qs->asked = q;
    (void)event_add(qs->late, &late);
    listener.arg = q;

    struct engine_call *call =
        engine_call_start(qs->tools, is_list ? ENGINE_LIST : ENGINE_WHOLE, path, &listener);

    if (call) // else it has ended, and 'q' with it
        q->call = call;
}

// --- life ---------------------------------------------------------------------------------------

struct questions *questions_new(const struct judge_tools *tools, struct host *host,
                                const struct log *log, void (*on_news)(void *arg, bool taken),
                                void (*on_failed)(void *arg, const char *why), void *arg)
{
    struct questions *qs = calloc(1, sizeof(*qs));

    if (!qs)
        return NULL;
    qs->tools = tools;
    qs->host = host;
    qs->log = log;
    qs->on_news = on_news;
    qs->on_failed = on_failed;
    qs->arg = arg;
    LIST_INIT(&qs->aside);
    qs->late = event_new(tools->base, -1, 0, on_late, qs);
    if (!qs->late) {
        free(qs);
        return NULL;
    }
    return qs;
}

void questions_free(struct questions *qs)
{
    if (!qs)
        return;
    questions_drop(qs);
    event_free(qs->late);
    free(qs);
}
