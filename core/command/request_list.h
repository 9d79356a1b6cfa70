// request_list: requests that nobody sent, one per line: METHOD, [/v1.47]/PATH, and the body if
// there is one. What stands in brackets may be there or not: such a line is two requests. Empty
// lines and those that begin with # are passed over.
#pragma once

#include "base/attr.h"
#include "base/buffer.h"
#include "base/err.h"

struct host;

struct request_list {
    struct buffer text;
    const char *name; // of the file, for messages; borrowed
    size_t at;
    unsigned line;
};

struct listed_request {
    struct span method, version, path, body; // into the list; no version: as it is written
};

// From a file, - for standard input; or with "" from what lualib knows of the API. To be cleared
// also on failure.
MUST_USE int request_list_read(struct request_list *list, struct host *host, const char *file,
                               struct err *err);
void request_list_clear(struct request_list *list);

enum request_list_status { REQUEST_LIST_OK, REQUEST_LIST_END, REQUEST_LIST_BAD };

MUST_USE enum request_list_status request_list_next(struct request_list *list,
                                                    struct listed_request *out, struct err *err);
