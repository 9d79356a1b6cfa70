// head_fields: the header lines of a head, taken apart; shared by requests, responses and trailers.
// The readers in head_request.c and head_response.c open it, read their first line themselves, and
// call fields_read() for the rest.
#pragma once

#include "base/attr.h"
#include "base/span.h"
#include "http/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Fields that say how to read the message. All others only pass through.
enum field {
    FIELD_OTHER,
    FIELD_HOST,
    FIELD_EXPECT,
    FIELD_UPGRADE,
    FIELD_CONNECTION,
    FIELD_CONTENT_TYPE,
    FIELD_CONTENT_LENGTH,
    FIELD_CONTENT_ENCODING,
    FIELD_TRANSFER_ENCODING,
    FIELD_KINDS,
};

struct fields {
    struct header *headers; // begins the one allocation, which the block ends
    size_t count, max;
    char *block;
    struct span first[FIELD_KINDS]; // the value of the first of its kind
    unsigned seen[FIELD_KINDS];     // how many there are
};

// Copies the head and makes room for its headers. On HEAD_BAD nothing is held.
MUST_USE enum head_status fields_open(struct fields *f, const char *data, size_t len,
                                      const struct head_limits *limits, struct head_error *error);

// Reads header lines from 'at' up to and with the empty line, which must be at 'end'. Lower-cases
// the names in place.
MUST_USE enum head_status fields_read(struct fields *f, char *at, const char *end,
                                      struct head_error *error);

enum field fields_kind(struct span name);

// True if one of the Connection headers lists the token, in any case.
bool fields_connection_lists(const struct fields *f, struct span token);
