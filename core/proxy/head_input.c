#include "proxy/head_input.h"

#include "base/check.h"

#include <event2/buffer.h>

#define SMALL 4096u // so much may be copied for any head

// At least 'n' bytes in one piece, if there are so many; else all. Of much, it is as long as it
// comes without copying, since what pipelines requests would have all of them copied for each.
static struct span front(struct evbuffer *in, size_t n)
{
    size_t have = evbuffer_get_length(in);
    struct evbuffer_iovec piece = { .iov_len = 0 };

    if (have == 0)
        return (struct span){ "", 0 };
    if (n < SMALL && have > SMALL)
        CHECK(evbuffer_peek(in, -1, NULL, &piece, 1) >= 1);
    if (piece.iov_len > n)
        return (struct span){ piece.iov_base, piece.iov_len };
    if (n < SMALL)
        n = SMALL;
    if (n > have)
        n = have;

    const char *data = (const char *)evbuffer_pullup(in, (ev_ssize_t)n);

    CHECK(data);
    return (struct span){ data, n };
}

enum head_status head_input(struct head_scan *scan, struct evbuffer *in,
                            const struct head_limits *limits, struct span *head,
                            struct head_error *error)
{
    size_t most = limits->bytes + 1; // from here on it is known to be too long

    for (struct span data = front(in, 1);; data = front(in, 2 * data.len)) {
        size_t len = data.len < most ? data.len : most;
        size_t end = 0;
        enum head_status status = head_scan(scan, data.at, len, limits, &end, error);

        if (status != HEAD_MORE || len == most || len == evbuffer_get_length(in)) {
            *head = (struct span){ data.at, end };
            return status;
        }
    }
}
