// sketch: a request that nobody sent, read by the parser that reads real ones.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "http/head.h"
#include "http/target.h"
#include "lua/setup.h"

struct sketch {
    struct request_head head;
    struct target target;
    struct buffer body;
};

enum sketch_status {
    SKETCH_OK,
    SKETCH_REFUSED, // a client would get 'refusal'
    SKETCH_FAILED,  // no memory
};

// 'body' is what the request brings; it is copied. To be cleared in every case.
MUST_USE enum sketch_status sketch_read(struct sketch *sketch, const struct setup *setup,
                                        const char *method, const char *path, struct span body,
                                        struct head_error *refusal, struct err *err);
void sketch_clear(struct sketch *sketch);

// Appends a file, - for standard input; 'option' named it, for the message. What is too long for
// the buffer only makes that fail.
MUST_USE int sketch_read_file(const char *option, const char *path, struct buffer *out,
                              struct err *err);
