// target_parts: how a target is read in parts: target_path.c and target_query.c, over the escapes
// of target_escape.c. Only target*.c include this.
#pragma once

#include "base/attr.h"
#include "http/target.h"

// Where decoded and canonical bytes go. target.c makes enough room for the longest outcome, so the
// writers do not check.
struct target_out {
    char *decoded;   // next free byte
    char *canonical; // next free byte
};

// The byte that the escape at 'at' ("%41") stands for, or -1 if it is cut short or no escape.
int target_unescape(const char *at, const char *end);

enum target_part { TARGET_PATH = 1, TARGET_QUERY = 2 };

// Appends to out->canonical: bytes that are safe in that part as they are, the others escaped.
void target_escape(struct target_out *out, struct span decoded, enum target_part part);

// Sets path and version, and begins the canonical form.
MUST_USE enum head_status target_read_path(struct target *target, struct span raw,
                                           const struct target_rules *rules, struct target_out *out,
                                           struct head_error *error);

// Sets the pairs (target->pairs has room for 'rules->pairs' of them, or as many as 'raw' can hold),
// and ends the canonical form. target->path must be set.
MUST_USE enum head_status target_read_query(struct target *target, struct span raw,
                                            const struct target_rules *rules,
                                            struct target_out *out, struct head_error *error);
