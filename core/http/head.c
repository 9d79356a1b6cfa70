#include "http/head.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum head_status head_bad(struct head_error *error, int status, const char *fmt, ...)
{
    va_list args;

    error->status = status;
    va_start(args, fmt);
    (void)vsnprintf(error->text, sizeof(error->text), fmt, args);
    va_end(args);
    return HEAD_BAD;
}

struct span header_find(const struct header *headers, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(headers[i].name, name))
            return headers[i].value;
    }
    return (struct span){ NULL, 0 };
}

// The headers begin the one allocation that a head owns.
void request_head_clear(struct request_head *head)
{
    free(head->headers);
    *head = (struct request_head){ .headers = NULL };
}

void response_head_clear(struct response_head *head)
{
    free(head->headers);
    *head = (struct response_head){ .headers = NULL };
}
