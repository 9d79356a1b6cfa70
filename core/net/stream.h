// stream: a connected socket in the event loop, with a buffer for each direction.
//
// The owner takes bytes out of stream_input() and puts bytes into stream_output(), then calls
// stream_update(), which writes what the kernel takes at once and decides what to wait for. Reading
// stops while the input holds 'limit' bytes or more: that is the whole of backpressure.
//
// There is one callback, "something changed": bytes have arrived, the input has ended, output has
// drained, the connection was made or broke. The owner looks at what is there. It comes from the
// event loop only, never from inside a function of this file. stream_close() may be called at any
// time, also inside the callback; no callback comes after it.
//
// A direction that fails does not take the other with it: an engine that refuses a body and closes
// has its answer in flight while our writes fail already.
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct evbuffer;
struct reaper;
struct stream;

typedef void (*stream_fn)(void *arg);

// Takes over 'fd', which is non-blocking. 'connecting': the connection is still being made; the
// callback says when that has ended. NULL when memory is short; then 'fd' is still the caller's.
struct stream *stream_new(struct event_base *base, struct reaper *reaper, int fd, bool connecting,
                          size_t limit, stream_fn changed, void *arg);
void stream_close(struct stream *s); // NULL is fine

// Hands the stream to another owner.
void stream_set_owner(struct stream *s, stream_fn changed, void *arg);

struct evbuffer *stream_input(struct stream *s);
struct evbuffer *stream_output(struct stream *s);
int stream_fd(const struct stream *s);

bool stream_connecting(const struct stream *s);
bool stream_input_ended(const struct stream *s); // no more comes: end or failure
int stream_input_error(const struct stream *s);  // errno of the failure; 0: it was an orderly end
int stream_output_error(const struct stream *s); // errno; what is put into the output is dropped
bool stream_gone(const struct stream *s);        // nobody is there to write to

// More or less is held of the input, from the next stream_update() on.
void stream_limit_input(struct stream *s, size_t limit);
bool stream_full(const struct stream *s); // the output holds 'limit' bytes or more

// Reading is off, as the input is full, so that no event tells of it: the peer has closed or reset.
bool stream_lost(const struct stream *s);

// The kernel holds nothing of the peer's either: no bytes, no end. The event loop may be behind it.
bool stream_silent(const struct stream *s);

// The peer has taken nothing of the output for as long as stream_set_patience() says. It still may.
bool stream_stalled(const struct stream *s);

// How long output may lie there without the peer's taking any of it; then the callback comes, and
// again after each such time. 0 (a new stream): for ever. Nothing to say is no reason: it is about
// bytes that are there. For streams that have no output yet.
void stream_set_patience(struct stream *s, unsigned seconds);

// After the output that is there now, tell the peer that no more comes (half-close).
void stream_end_output(struct stream *s);
bool stream_output_done(const struct stream *s); // everything written, and the end told if asked

// To be called after the buffers were touched.
void stream_update(struct stream *s);

// Reads what the kernel holds right now, as far as the limit allows, without waiting for the event
// loop; the callback is not called for it.
void stream_read_now(struct stream *s);
