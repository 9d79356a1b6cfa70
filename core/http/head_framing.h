// head_framing: what a head's fields say about its body and its connection, where requests and
// responses agree (RFC 9112, section 6).
#pragma once

#include "http/head_fields.h"

struct body_found {
    enum framing framing; // NONE if no field announces a body
    uint64_t length;
    bool has_length;
};

// Anything but one plain Content-Length, one "chunked", or neither, is refused.
MUST_USE enum head_status framing_read(const struct fields *f, int minor, struct body_found *body,
                                       struct head_error *error);

// The one protocol of Upgrade. Several, or a list, are refused; none is an empty span.
MUST_USE enum head_status framing_upgrade(const struct fields *f, struct span *token,
                                          struct head_error *error);
