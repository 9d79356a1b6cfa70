// exchange_steps: what the files of an exchange share. exchange_run.c goes from state to state over
// the steps of request.c (the client's side), forward.c (the engine's side), filtered.c,
// tunnel.c and pump.c; these call exchange.c (the state, refusals, the end). Nobody else includes
// this.
#pragma once

#include "proxy/exchange.h"

enum step {
    STEP_AGAIN, // the state changed, or may have: look again
    STEP_WAIT,
    STEP_END,
};

struct upload;

struct exchange {
    const struct exchange_ops *ops;
    void *io;
    const struct exchange_limits *limits;
    enum exchange_state state;
    struct exchange_side client, upstream;

    struct head_scan scan; // of the head that is being waited for
    struct request_head request;
    struct target target;
    struct exchange_rights rights;
    struct evbuffer *held; // a body that a policy looked at
    size_t long_head;      // bytes of a head that is longer than most, in the same counts
    size_t counted;        // of its bytes, in limits->held and *client_held
    size_t *client_held;   // NULL: nobody counts
    bool holds_body;       // the body is in 'held', not in client.in
    struct body request_body;
    struct upload *upload; // whose end waits for a verdict; NULL: the body just passes
    bool upload_denied;
    // Of the body on its way to the engine. 'request' stays what the client sent.
    enum framing sent_framing;
    uint64_t sent_length;

    bool dialling;
    bool reused; // the connection carried a request before
    bool retried;
    struct response_head response;
    struct body response_body;
    struct answer_filter *filter;     // NULL: the answer passes as it is
    const struct answer_rules *rules; // of that filter
    enum framing out;                 // of the answer, towards the client
    bool head_sent;                   // of an answer that is filtered

    bool keep_alive;
    bool cut;
    bool client_spoke; // at least one byte of this request came
    int status;
    int refusal_status;
    struct span refusal_fields; // of write_refusal_with(); borrowed from the verdict
    uint64_t tunnel_in, tunnel_out;
    bool own_answer;    // in our own words, in place of the engine's
    uint64_t own_bytes; // of its content
    bool stalled;       // given up, since a peer took nothing

    // From here on all is text, of which a new request clears no more than the first byte.
    char refusal[768];
    char raw_method[24]; // of a request that could not be read: what can be shown of it
    char raw_target[200];
};

// The only place that changes the state.
enum step exchange_to(struct exchange *x, enum exchange_state next);

// Refuses the request in our own words. 'close': the connection can't carry another.
enum step exchange_refuse(struct exchange *x, int status, const char *message, bool close);

// Counts what 'held' holds now; to be called after it changed.
void exchange_count_held(struct exchange *x);

// Refuses a request whose chunked body is malformed, with the words for it.
enum step exchange_bad_body(struct exchange *x);

// Ends the exchange; the connection to the engine goes back or away.
enum step exchange_finish(struct exchange *x, bool reusable);

enum step step_read_head(struct exchange *x);
enum step step_judge(struct exchange *x);
enum step step_read_body(struct exchange *x);

enum pump {
    PUMP_BROKEN, // the client broke its body, or went away, or may not build: exchange_give_up()
    PUMP_GOES,
    PUMP_JUDGES, // nothing goes on until there is news
};

// A body whose end waits for a verdict. False: no memory.
MUST_USE bool exchange_begin_upload(struct exchange *x);

// Moves what may go of the body; and the client's end, once its request is through.
MUST_USE enum pump exchange_pump_request(struct exchange *x);

// The engine has got the whole body.
bool exchange_sent_body(const struct exchange *x);

// The client can't be served further; it learns why, if the answer has not begun.
enum step exchange_give_up(struct exchange *x);

// Writes the head of the answer, framed as x->out says. False: no memory.
MUST_USE bool exchange_send_head(struct exchange *x, struct span upgrade);

// The answer was moved whole; the connection to the engine can be used again if it is clean.
enum step exchange_answered(struct exchange *x);

enum step step_dial(struct exchange *x);
enum step step_await(struct exchange *x);
enum step step_relay(struct exchange *x);
enum step step_filter(struct exchange *x);
enum step step_tunnel(struct exchange *x);
