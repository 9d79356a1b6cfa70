// head_input: finds the head of a message at the front of what has come from a peer. Used by all
// who read heads: of clients, of the engine, of health checks.
#pragma once

#include "base/attr.h"
#include "http/head.h"

struct evbuffer;

// As head_scan(); HEAD_OK sets *head, which is borrowed from 'in' until that is changed. The caller
// drains it.
MUST_USE enum head_status head_input(struct head_scan *scan, struct evbuffer *in,
                                     const struct head_limits *limits, struct span *head,
                                     struct head_error *error);
