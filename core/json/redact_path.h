// redact_path: one path of redact.h, parsed. Used by redact.c alone.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "json/name_pattern.h"

#include <stddef.h>

enum redact_step_kind { REDACT_ANY, REDACT_NAME, REDACT_INDEX };

struct redact_step {
    enum redact_step_kind kind;
    size_t index;
    struct name_pattern name;
};

struct redact_path {
    struct redact_step *steps;
    size_t step_count;
    struct name_pattern *keep; // elements with one of these names stay
    size_t keep_count;
    char *store; // the text of the names
    size_t size; // bytes of memory
};

// 'keep' may have no names. The path is freed with redact_path_clear(), after a failure too.
MUST_USE int redact_path_read(struct redact_path *path, struct span text, const struct span *keep,
                              size_t keep_count, struct err *err);
void redact_path_clear(struct redact_path *path);
