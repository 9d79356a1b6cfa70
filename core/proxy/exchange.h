// exchange: one request and its answer, as a state machine that touches no socket.
//
//   READ_HEAD --> JUDGE <--> READ_BODY      (READ_BODY only when a policy looks at the body)
//       |         |   |
//      bad      deny  allow
//       |         |   |
//       |         |   +--> DIAL --> AWAIT --> RELAY or FILTER --> DONE
//       v         v         |        | |
//       +-> REFUSE <--------+--------+ +-- 101, raw stream --> TUNNEL --> DONE
//             |        no engine, no answer
//             +--> DRAIN --> DONE
//
// It moves bytes between evbuffers; whoever owns the sockets (client.c) fills and empties those,
// says what has ended, and carries out what it asks through struct exchange_ops. Tests do the same
// with fakes. Start reading at exchange_run().
#pragma once

#include "base/attr.h"
#include "http/head.h"
#include "http/target.h"
#include "proxy/answer_filter.h"
#include "proxy/body.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;
struct exchange;

enum exchange_state {
    EXCHANGE_READ_HEAD,
    EXCHANGE_JUDGE,
    EXCHANGE_READ_BODY,
    EXCHANGE_DIAL,
    EXCHANGE_AWAIT, // the request is on its way; the head of the answer has not come
    EXCHANGE_RELAY,
    EXCHANGE_FILTER, // as RELAY, with an answer that not all may see
    EXCHANGE_TUNNEL,
    EXCHANGE_REFUSE,
    EXCHANGE_DRAIN, // what is left of a refused request's body, so that the connection can stay
    EXCHANGE_DONE,
};
#define EXCHANGE_STATES (EXCHANGE_DONE + 1)

enum judgement {
    JUDGE_DENY, // exchange_deny() was called with the words
    JUDGE_ALLOW,
    JUDGE_WAIT,       // run again when there is news
    JUDGE_WANTS_BODY, // exchange_body() will hold it at the next call
};

// What may become of the connection, decided with the verdict.
struct exchange_rights {
    bool may_upgrade;
    bool may_hijack;
    bool is_stream;                    // the head goes out before there is anything behind it
    const struct answer_rules *filter; // NULL: the answer passes as it is; lives as long as io
    const struct answer_rules *error_filter; // the same for an answer that is an error
    const char *dockerfile; // its name in the body, which waits for a verdict; NULL: it does not
};

// What the machine needs from outside. All of them are required.
struct exchange_ops {
    enum judgement (*judge)(void *io, struct exchange_rights *rights);
    // The Dockerfile of the body, or why there is none: judges again. Called until it is settled.
    // 'instead': what the engine is to have in its place; as it was: nothing else.
    enum judgement (*judge_upload)(void *io, bool fine, struct span text, struct span *instead);
    // Asks for a connection to the engine; 'fresh': not one that was used before. The answer is
    // exchange_dialled() or exchange_dial_failed(), at once or later.
    void (*dial)(void *io, bool fresh);
    // Gives the connection back. 'reusable': it can carry another request.
    void (*hang_up)(void *io, bool reusable);
    // The answer's head, or a refusal, was written to the client.
    void (*answered)(void *io);
};

struct exchange_limits {
    struct head_limits head, answer_head;
    struct target_rules target;
    size_t body;          // bytes, of a body that a policy wants
    size_t bodies;        // bytes, of all those that are held at a time
    size_t client_bodies; // bytes, of those of one client
    size_t *held;         // how many are held now, by all exchanges that share this count
    size_t buffer;        // bytes held per direction
    unsigned extra_methods;
    bool closing; // no connection carries another request
};

// One side's buffers. 'end' is set by the machine: tell the peer that nothing more comes.
struct exchange_side {
    struct evbuffer *in, *out; // both NULL: not connected
    bool ended;                // no more will come into 'in'
    bool deaf;                 // what is put into 'out' is lost
    bool end;
};

// The caller owns the result; 'ops', 'io' and 'limits' live longer than it. 'client_held' counts
// what is held for this client by all its exchanges, and lives until exchange_forget_body(); NULL:
// nobody counts. NULL: no memory.
struct exchange *exchange_new(const struct exchange_ops *ops, void *io,
                              const struct exchange_limits *limits, struct evbuffer *client_in,
                              struct evbuffer *client_out, size_t *client_held);
void exchange_free(struct exchange *x);

// It will not run any more; what it holds of a body goes, and out of all counts.
void exchange_forget_body(struct exchange *x);

// Makes it ready for the next request on the same connection. Only in state DONE.
void exchange_reset(struct exchange *x);

// Runs until there is nothing more to do without news. True: the exchange has ended.
MUST_USE bool exchange_run(struct exchange *x);

// News, all followed by exchange_run().
void exchange_client_ended(struct exchange *x);
void exchange_upstream_ended(struct exchange *x);
void exchange_upstream_deaf(struct exchange *x);
void exchange_dialled(struct exchange *x, struct evbuffer *in, struct evbuffer *out, bool reused);
void exchange_dial_failed(struct exchange *x, int status, const char *message);
// The client is gone: nothing can be said to it any more.
void exchange_abort(struct exchange *x);
// A deadline passed; refuses if no answer has begun, else ends the connection.
void exchange_expire(struct exchange *x, int status, const char *message);

// A peer has taken nothing of what is there for it for too long; ends it, with the words for the
// log, which the client gets if it is the engine that does not read and no answer has begun.
void exchange_stall_client(struct exchange *x, const char *message);
void exchange_stall_upstream(struct exchange *x, const char *message);

// To be called from inside ops->judge. The message goes to the client as it is.
void exchange_deny(struct exchange *x, int status, const char *message);
// With fields of write_refusal_with(), which stay where they are until the exchange has ended.
void exchange_deny_with(struct exchange *x, int status, const char *message, struct span fields);

// The same: what was judged goes on under another path ("": its own), and with these values for
// keys of the query, which are added where they are missing. False: it can't be written so, and
// must be denied.
MUST_USE bool exchange_rename(struct exchange *x, struct span path, const struct query_pair *set,
                              size_t count);

// The same: takes the place of the body that READ_BODY has read; copied. False: it is too large, or
// there is no memory, and the request must be denied.
MUST_USE bool exchange_replace_body(struct exchange *x, struct span body);

enum exchange_state exchange_state(const struct exchange *x);
const char *exchange_state_name(enum exchange_state state);
const struct request_head *exchange_request(const struct exchange *x);
const struct target *exchange_target(const struct exchange *x); // all zero before it was read
// Of a request that could not be read: what looks like its method and, up to the query, its target,
// cut; "" if nothing does.
const char *exchange_raw_method(const struct exchange *x);
const char *exchange_raw_target(const struct exchange *x);
// The head that is coming is longer than most: more than the usual may be read.
bool exchange_has_long_head(const struct exchange *x);
struct span exchange_body(struct exchange *x); // what READ_BODY has read
const struct exchange_side *exchange_upstream(const struct exchange *x);
const struct exchange_side *exchange_client(const struct exchange *x);
bool exchange_keeps_alive(const struct exchange *x); // in DONE: another request may follow
bool exchange_was_cut(const struct exchange *x);     // in DONE: the answer is not whole
bool exchange_stalled(const struct exchange *x);     // in DONE: given up as above
// In DONE: the answer's end can only be told from a whole one by a reset of the connection.
bool exchange_must_reset(const struct exchange *x);
int exchange_status(const struct exchange *x);          // sent to the client; 0: none yet
const char *exchange_refusal(const struct exchange *x); // our own words, "" when the engine spoke
uint64_t exchange_bytes_in(const struct exchange *x);   // content from the client
uint64_t exchange_bytes_out(const struct exchange *x);  // content to the client
