#include "proxy/judge.h"

#include "base/check.h"
#include "net/lookups.h"
#include "net/resolver.h"
#include "proxy/engine_call.h"
#include "proxy/engine_list.h"
#include "proxy/follower.h"
#include "proxy/policies.h"
#include "proxy/pool.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTION_MAX 640         // lualib/moonward/host/engine.lua has less, and a version
#define NAMES_MAX    (64u << 10) // of the answers that are told at a time

struct judge {
    const struct judge_tools *tools;
    struct policies *policies;
    struct request_view request; // the decision looks at these two for as long as it runs
    struct client_view client;
    struct decision *decision;
    void (*news)(void *arg);
    void *arg;
    struct lookup *lookup;
    struct lookups *lookups;
    bool wants_names;
    struct engine_call *call;
    struct engine_list *list;
    char list_name[24]; // which one it is
    bool wants_list;
    struct follower_wait *wait;
    struct answer_rules rules, error_rules;
    bool asking; // inside ask()
    bool waits;  // for an answer
};

struct judge *judge_new(const struct judge_tools *tools, struct policies *policies,
                        const struct request_view *request, const struct client_view *client,
                        void (*news)(void *arg), void *arg)
{
    struct judge *judge = calloc(1, sizeof(*judge));

    if (!judge)
        return NULL;
    judge->tools = tools;
    judge->policies = policies;
    judge->news = news;
    judge->arg = arg;
    judge->request = *request;
    judge->client = *client;
    judge->decision = decision_new(policies->host, &judge->request, &judge->client);
    if (!judge->decision) {
        free(judge);
        return NULL;
    }
    return judge;
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    resolver_cancel(judge->lookup);
    lookups_free(judge->lookups);
    engine_call_cancel(judge->call);
    engine_list_free(judge->list);
    follower_cancel(judge->wait);
    decision_free(judge->decision);
    free(judge);
}

void judge_settled(struct judge *judge)
{
    decision_settled(judge->decision);
}

// An answer that came at once is picked up by the loop in judge_run().
static void answered(struct judge *judge)
{
    judge->waits = false;
    if (!judge->asking)
        judge->news(judge->arg);
}

static void on_addresses(void *arg, const char *addresses, const char *error)
{
    struct judge *judge = arg;

    judge->lookup = NULL;
    if (addresses)
        decision_answer(judge->decision, span_of(addresses));
    else
        decision_answer_failure(judge->decision, error);
    answered(judge);
}

// True: the decision has been told what has come.
static bool tell_names(struct judge *judge)
{
    struct buffer answers;

    buffer_init(&answers, NAMES_MAX);
    if (!lookups_take(judge->lookups, &answers))
        return false;
    judge->wants_names = false;
    decision_answer(judge->decision, buffer_span(&answers));
    buffer_clear(&answers);
    return true;
}

// What comes while the policy does something else is there when it asks again.
static void on_names(void *arg)
{
    struct judge *judge = arg;

    if (judge->wants_names && tell_names(judge))
        answered(judge);
}

static void ask_names(struct judge *judge, const char *names)
{
    if (names[0] != '\0') {
        lookups_free(judge->lookups);
        judge->lookups = lookups_new(judge->tools->resolver, names, on_names, judge);
    }
    judge->wants_names = true;
    if (!judge->lookups) {
        decision_answer_failure(judge->decision, "out of memory");
        judge->waits = false;
    } else if (tell_names(judge)) {
        judge->waits = false;
    }
}

static void tell_engine(struct judge *judge, const char *error, int status, struct span body)
{
    // Another engine may be there by now, which does not speak that version: ask anew next time.
    if (status == 400)
        pool_engine_version(judge->tools->pool)->known = false;
    if (error)
        decision_answer_failure(judge->decision, error);
    else
        decision_answer_engine(judge->decision, status, body);
}

static void on_engine(void *arg, const struct engine_answer *answer)
{
    struct judge *judge = arg;

    judge->call = NULL;
    tell_engine(judge, answer->error, answer->status, answer->body);
    answered(judge);
}

// True: the decision has been told a part.
static bool tell_part(struct judge *judge)
{
    struct engine_part part;

    if (!judge->list)
        part = (struct engine_part){ .error = "out of memory" };
    else if (!engine_list_take(judge->list, &part))
        return false;
    tell_engine(judge, part.error, part.status, part.items);
    return true;
}

static void on_part(void *arg)
{
    struct judge *judge = arg;

    CHECK(tell_part(judge));
    answered(judge);
}

// The question: a name for this list, where it is in the answer, the path; each a line.
static void begin_list(struct judge *judge, const char *path)
{
    const char *name = decision_question(judge->decision), *where = strchr(name, '\n') + 1;
    char list[QUESTION_MAX];

    (void)snprintf(judge->list_name, sizeof(judge->list_name), "%.*s", (int)(where - 1 - name),
                   name);
    (void)snprintf(list, sizeof(list), "%.*s", (int)strcspn(where, "\n"), where);
    judge->list = engine_list_new(judge->tools, judge->policies->log, path, list, on_part, judge);
    if (tell_part(judge))
        answered(judge);
}

// Of two lists at a time the first is dropped, so that no part of one passes for the other's.
static void ask_more(struct judge *judge)
{
    bool is_same = strcmp(judge->list_name, decision_question(judge->decision)) == 0;

    if (!is_same)
        decision_answer_failure(judge->decision, "another list was asked for meanwhile");
    if (!is_same || tell_part(judge))
        judge->waits = false;
}

static void on_containers(void *arg, const char *error)
{
    struct judge *judge = arg;

    judge->wait = NULL;
    if (error)
        decision_answer_failure(judge->decision, error);
    else
        decision_answer(judge->decision, (struct span){ "", 0 });
    answered(judge);
}

// With the version that the engine said, or, where it said none, the client's.
static void ask_in_version(struct judge *judge)
{
    struct engine_listener listener = { .on_end = on_engine, .arg = judge };
    const char *prefix = pool_engine_version(judge->tools->pool)->prefix;
    const char *question = decision_question(judge->decision);
    struct span clients = judge->request.target->version;
    char path[QUESTION_MAX];

    if (judge->wants_list)
        question = strrchr(question, '\n') + 1;
    if (prefix[0] != '\0' || clients.len == 0)
        (void)snprintf(path, sizeof(path), "%s%s", prefix, question);
    else
        (void)snprintf(path, sizeof(path), "/v%.*s%s", (int)clients.len, clients.at, question);
    if (judge->wants_list)
        begin_list(judge, path);
    else
        judge->call = engine_call_start(judge->tools, ENGINE_WHOLE, path, &listener);
}

static void on_ping(void *arg, const struct engine_answer *answer)
{
    struct judge *judge = arg;

    judge->call = NULL;
    if (answer->error) {
        on_engine(judge, answer);
        return;
    }
    pool_engine_version(judge->tools->pool)->known = true;
    api_version_prefix(answer->api_version, pool_engine_version(judge->tools->pool)->prefix);
    ask_in_version(judge);
}

static void ask_engine(struct judge *judge, bool wants_list)
{
    struct engine_listener listener = { .on_end = on_ping, .arg = judge };

    judge->wants_list = wants_list;
    if (wants_list) {
        engine_list_free(judge->list);
        judge->list = NULL;
    }
    if (pool_engine_version(judge->tools->pool)->known)
        ask_in_version(judge);
    else
        judge->call = engine_call_start(judge->tools, ENGINE_WHOLE, "/_ping", &listener);
}

static void ask_follower(struct judge *judge, enum follower_depth depth)
{
    struct follower *follower = policies_follower(judge->policies, judge->tools);

    if (follower)
        judge->wait = follower_sync(follower, depth, on_containers, judge);
    else
        on_containers(judge, "out of memory");
}

static void ask(struct judge *judge, enum decision_state what)
{
    const char *question = decision_question(judge->decision);

    judge->asking = judge->waits = true;
    if (what == DECISION_WANTS_ADDRESS)
        judge->lookup = resolver_ask(judge->tools->resolver, question, on_addresses, judge);
    else if (what == DECISION_WANTS_NAMES)
        ask_names(judge, question);
    else if (what == DECISION_WANTS_ENGINE || what == DECISION_WANTS_LIST)
        ask_engine(judge, what == DECISION_WANTS_LIST);
    else if (what == DECISION_WANTS_MORE)
        ask_more(judge);
    else
        ask_follower(judge, what == DECISION_WANTS_EVENTS ? FOLLOWER_EVENTS
                            : what == DECISION_WANTS_LATE ? FOLLOWER_LATE
                                                          : FOLLOWER_ANSWERS);
    judge->asking = false;
}

enum judge_state judge_run(struct judge *judge)
{
    while (!judge->waits) {
        enum decision_state state = decision_run(judge->decision);

        switch (state) {
        case DECISION_DONE:
            return JUDGE_STATE_DONE;
        case DECISION_WANTS_BODY:
            return JUDGE_STATE_BODY;
        case DECISION_WANTS_ADDRESS:
        case DECISION_WANTS_NAMES:
        case DECISION_WANTS_ENGINE:
        case DECISION_WANTS_LIST:
        case DECISION_WANTS_MORE:
        case DECISION_WANTS_EVENTS:
        case DECISION_WANTS_LATE:
        case DECISION_WANTS_CONTAINERS:
            ask(judge, state);
            break;
        }
    }
    return JUDGE_STATE_BUSY;
}

void judge_give_body(struct judge *judge, struct span body)
{
    decision_answer(judge->decision, body);
}

void judge_give_dockerfile(struct judge *judge, bool fine, struct span text)
{
    decision_read_dockerfile(judge->decision, fine, text);
}

const struct route *judge_route(const struct judge *judge)
{
    return decision_route(judge->decision);
}

const char *judge_asker(const struct judge *judge)
{
    return decision_asker(judge->decision);
}

const struct verdict *judge_verdict(const struct judge *judge)
{
    return decision_verdict(judge->decision);
}

bool judge_dockerfile(const struct judge *judge, struct span *out)
{
    return decision_dockerfile(judge->decision, out);
}

bool judge_body(const struct judge *judge, struct span *out)
{
    return decision_body(judge->decision, out);
}

const struct answer_rules *judge_filter(struct judge *judge)
{
    judge->rules = (struct answer_rules){ .cut = decision_cut(judge->decision),
                                          .missing = decision_missing(judge->decision),
                                          .operation = decision_route(judge->decision)->operation,
                                          .judge = decision_filter_item,
                                          .streamer = decision_filter_long,
                                          .judge_rest = decision_filters_rests(judge->decision)
                                                            ? decision_filter_rest
                                                            : NULL,
                                          .arg = judge->decision };
    return judge->rules.cut ? &judge->rules : NULL;
}

const struct answer_rules *judge_error_filter(struct judge *judge)
{
    judge->error_rules = (struct answer_rules){ .cut = decision_error_cut(judge->decision),
                                                .judge = decision_filter_error,
                                                .arg = judge->decision };
    return judge->error_rules.cut ? &judge->error_rules : NULL;
}
