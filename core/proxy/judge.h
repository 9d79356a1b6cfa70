// judge: puts one request before the policies, and gets for them what they ask for while they wait:
// addresses from the resolver, answers from the engine, a registry of containers that is up to
// date. The body they get from the exchange.
#pragma once

#include "base/attr.h"
#include "base/span.h"
#include "lua/decision.h"
#include "proxy/answer_filter.h"

struct event_base;
struct judge;
struct policies;
struct pool;
struct reaper;
struct resolver;

enum judge_state {
    JUDGE_STATE_DONE, // judge_verdict()
    JUDGE_STATE_BODY, // judge_give_body(), then judge_run() again
    JUDGE_STATE_BUSY, // 'news' will be called; then judge_run() again
};

// What a judge needs to find things out. Borrowed.
struct judge_tools {
    struct event_base *base;
    struct reaper *reaper;
    struct resolver *resolver;
    struct pool *pool;
};

// 'news' comes from the event loop. The views are copied; what they point to, and the policies, are
// borrowed until judge_free().
// NULL: no memory, which is a denial.
struct judge *judge_new(const struct judge_tools *tools, struct policies *policies,
                        const struct request_view *request, const struct client_view *client,
                        void (*news)(void *arg), void *arg);
void judge_free(struct judge *judge); // NULL is fine

void judge_settled(struct judge *judge); // the engine has answered to the end; before judge_free()

MUST_USE enum judge_state judge_run(struct judge *judge);
void judge_give_body(struct judge *judge, struct span body);

// The Dockerfile that the verdict asked for, or why there is none; then judge_run() again.
void judge_give_dockerfile(struct judge *judge, bool fine, struct span text);
// When that was allowed: what goes on in its place. False: nothing.
MUST_USE bool judge_dockerfile(const struct judge *judge, struct span *out);

const struct route *judge_route(const struct judge *judge);
const struct verdict *judge_verdict(const struct judge *judge); // once DONE
const char *judge_asker(const struct judge *judge);             // before: the policy that waits

// The same: the body to send on in place of the one that was read; false: as it was. And what the
// answer may show, or an error of the engine's; NULL: all of it. All live as long as the judge.
MUST_USE bool judge_body(const struct judge *judge, struct span *out);
const struct answer_rules *judge_filter(struct judge *judge);
const struct answer_rules *judge_error_filter(struct judge *judge);
