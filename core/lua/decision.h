// decision: one request before the policies, as a coroutine that C resumes.
//
//   decision_new --> decision_run --> DONE: decision_verdict
//                       ^    |
//      decision_answer -+    +--> WANTS_...: decision_question
//
// An allowance of a build may ask for the Dockerfile in the body; decision_run() begins again then,
// with decision_read_dockerfile().
//
// Whatever goes wrong inside (error, limits, no memory, nonsense as a verdict) ends in DONE with a
// denial. What the views point to is borrowed from decision_new to decision_free.
#pragma once

#include "base/attr.h"
#include "base/span.h"
#include "http/head.h"
#include "http/target.h"
#include "lua/purity.h"
#include "json/filter.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct host;
struct decision;

// What a policy may see of a request.
struct request_view {
    enum method method;
    const struct target *target;
    const struct header *headers;
    size_t header_count;
    bool has_body;
    int64_t wall_s; // what the time is, for specs: seconds since 1970; 0: what the clock says
};

// What a policy may see of who asks.
struct client_view {
    struct span address; // "10.0.0.7", "fe80::1"; empty on a Unix socket
    unsigned port;
    struct span listener; // the listener's name
    bool has_credentials; // a Unix socket's peer: the next four count
    int socket; // for getsockopt(SO_PEERPIDFD): whether 'pid' is still the one that connected
    pid_t pid;  // 0: not visible from here
    uid_t uid;
    gid_t gid;

    // For `explain` and specs: who the container behind the client is, so that nobody is asked.
    // NULL and empty: to be found out.
    const struct query_pair *labels; // its labels and nothing else, or
    size_t label_count;
    struct span container; // the engine's answer to GET /containers/ID/json

    // The connection, so that what was found out about it is found out once.
    uint64_t connected_us;      // wall clock: not later than it was made; 0: unknown, or Unix
    uint64_t connected_by_us;   // not earlier, by some ms; 0: as connected_us
    uint64_t accepted_us;       // wall clock: not earlier
    struct container_id *found; // of the container behind it; written by the decision. May be NULL
};

// A container's full id, "-" when it is known that there is none, or "" as long as it is not known.
struct container_id {
    char text[65];
};

enum decision_state {
    DECISION_DONE,
    DECISION_WANTS_BODY,    // the whole body, up to -maxbody
    DECISION_WANTS_ADDRESS, // the addresses of the host name in decision_question()
    DECISION_WANTS_NAMES,   // those of the names in decision_question(), as lookups.h has them;
                            // "": what has come meanwhile
    DECISION_WANTS_ENGINE,  // GET of the path in decision_question()
    // GET of a list: lines of decision_question() are a name for it, where it is in the answer as
    // cut.h has its paths, and the path. Answered with status and items (json/item_list.h); 206:
    // there are more, which MORE asks for by the name.
    DECISION_WANTS_LIST,
    DECISION_WANTS_MORE,
    // The registry of containers (containers.h) as the engine has it now. Answered with an empty
    // text, or a failure while it is not known.
    DECISION_WANTS_EVENTS,     // whatever the engine has said by now must have been told
    DECISION_WANTS_LATE,       // one that was late must have been answered
    DECISION_WANTS_CONTAINERS, // and all questions that are due by then must be answered
};

// Zeroed memory is a denial.
struct verdict {
    bool allowed;
    int status;  // of a denial
    bool hidden; // the reason is the engine's own words and gets no "moonward: " in front
    char reason[512];
    char policy[64]; // who decided
    char rule[256];  // what in it, as the policy names it; "" if it does not
    char where[128]; // "file.lua:12"
    char hint[512];  // for a denial: what would allow it; "" if the policy does not say
    bool failed;     // the policy erred; for the log

    // Of a denial: fields of the answer, a NUL behind each name and value.
    char headers[1024];
    size_t headers_len;

    // Of an allowance: how the request goes on. What was judged by its id is named by it, so that a
    // rename in between can't redirect it; and policies set values of the query.
    char path[1024];  // takes the place of target.path; "": as it was sent
    char query[2048]; // for verdict_query()
    size_t query_len;

    // What else an allowance asks for.
    bool edits;   // decision_body() is sent in place of the body
    bool filters; // the answer goes through decision_filter_item()
    bool filters_errors;
    char dockerfile[256]; // its name in the body, for decision_read_dockerfile(); "": not asked for
    char missing[256]; // what the engine says when there is no such object, for one that is hidden
};

// The fields of a denial's answer, borrowed from it. Returns how many there are.
#define VERDICT_FIELDS 8
size_t verdict_fields(const struct verdict *v, struct query_pair out[VERDICT_FIELDS]);

// The values of the query that a verdict sets, borrowed from it. Returns how many there are.
#define VERDICT_PAIRS 8
size_t verdict_query(const struct verdict *v, struct query_pair out[VERDICT_PAIRS]);

// NULL only when memory is short; that is a denial.
struct decision *decision_new(struct host *host, const struct request_view *request,
                              const struct client_view *client);
void decision_free(struct decision *d);

// The engine's answer came to its end: whatever the request asked for is done, and names that it
// held are let go of with it, not some minutes later.
void decision_settled(struct decision *d);

// Runs until the next question or the verdict. Not to be called again after DECISION_DONE.
MUST_USE enum decision_state decision_run(struct decision *d);

const char *decision_question(const struct decision *d);

// The policy that asked; "" if it was none yet.
const char *decision_asker(const struct decision *d);

// Answers the question; copies. A failure is raised as an error where the policy waits.
// Addresses come as text separated by newlines; a reply of the engine as status and body.
void decision_answer(struct decision *d, struct span text);
void decision_answer_engine(struct decision *d, int status, struct span body);
void decision_answer_list(struct decision *d, int status, struct span body); // all of it at once
void decision_answer_failure(struct decision *d, const char *reason);

// What lualib/moonward/operations.lua knows of the route. Known from decision_new on, before any
// policy ran; valid until decision_free. An unknown route has an empty name and may do nothing.
struct route {
    char operation[64]; // "container.list"
    bool may_upgrade;   // Upgrade is passed on: attach, attach/ws, exec start, session, grpc
    bool may_hijack;    // a 200 of a raw-stream type turns the connection into a tunnel
    bool is_stream;     // logged when it opens and when it ends
    bool quotes;        // errors of the engine may quote what it read on the host
    int power;          // what it can do at worst, 0 to 5: takes over the host
    const char *text;   // what it does, for people; NULL if the route is unknown
    struct {
        struct cut_rules cut; // how to find its items; a filter is never given for another form
        const char *lists[CUT_LISTS_MAX];
        bool is_object; // it is one object, whose absence the engine answers with 404
    } answer;
};
const struct route *decision_route(const struct decision *d);

const struct verdict *decision_verdict(const struct decision *d);

// No policy was asked: the same was decided before (host_remember()).
bool decision_was_recalled(const struct decision *d);

// What policies read that a remembered verdict may not rest on.
const struct purity *decision_purity(const struct decision *d);

// Of an allowance that asks for the Dockerfile: it is there, or why there is none. decision_run()
// goes on then, and may end in a denial.
void decision_read_dockerfile(struct decision *d, bool fine, struct span text);

// After that, the Dockerfile that goes on in its place; borrowed until decision_free. False: none.
MUST_USE bool decision_dockerfile(const struct decision *d, struct span *out);

// The body that goes on in place of the one that was read; borrowed until decision_free. False: the
// body is as it was.
MUST_USE bool decision_body(const struct decision *d, struct span *out);

// How to cut the answer for decision_filter_item(), borrowed until decision_free; NULL: the answer
// passes as it is.
const struct cut_rules *decision_cut(const struct decision *d);

// Whether decision_filter_rest() judges what the answer has beside its lists.
bool decision_filters_rests(const struct decision *d);

// The same for an answer that is an error of the engine's, and decision_filter_error().
const struct cut_rules *decision_error_cut(const struct decision *d);

// What the answer is when a filter drops the one object that was asked for: words for a 404. "": it
// is no such answer.
const char *decision_missing(const struct decision *d);

// A filter_judge (json/filter.h) whose 'arg' is the decision. Each item has the budget of a
// decision. What goes wrong is logged, with the policy's line, and FILTER_FAIL for good.
enum filter_verdict decision_filter_item(void *decision, size_t list, struct span item,
                                         struct buffer *replacement);

// The set by which one that is longer than can be held is redacted as it comes; NULL where a policy
// has more to say about it.
const struct redact_set *decision_filter_long(void *decision, size_t list, struct span start);
enum filter_verdict decision_filter_rest(void *decision, size_t list, struct span rest,
                                         struct buffer *replacement);
enum filter_verdict decision_filter_error(void *decision, size_t list, struct span item,
                                          struct buffer *replacement);
