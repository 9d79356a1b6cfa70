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
    SKETCH_FAILED,  // the body's file can't be read
};

// The body comes from the file that the option -body names. To be cleared in every case.
MUST_USE enum sketch_status sketch_read(struct sketch *sketch, const struct setup *setup,
                                        const char *method, const char *path,
                                        struct head_error *refusal, struct err *err);
void sketch_clear(struct sketch *sketch);
