#include "http/head.h"

#include <stdint.h>
#include <string.h>

// The slow way, for the message only: which byte of the line is the first wrong one.
static enum head_status name_fault(const char *at, const char *end, struct head_error *error)
{
    for (; at < end; at++) {
        if (*at == '\0')
            return head_bad(error, 400, "a NUL byte in the head");
        if (*at == '\n')
            return head_bad(error, 400, "a line of the head ends with LF alone, not CRLF");
        if (*at == '\r' && at + 1 < end && at[1] != '\n')
            return head_bad(error, 400, "a CR in the head that no LF follows");
        if (*at == '\r')
            at++;
    }
    return HEAD_MORE;
}

static enum head_status no_end_yet(struct head_scan *scan, const char *data, size_t len,
                                   const struct head_limits *limits, struct head_error *error)
{
    scan->done = len;
    if (len > 0 && data[len - 1] == '\r')
        scan->done--; // looked at again together with what follows it
    if (len >= limits->bytes)
        return head_bad(error, 431, "the head is larger than %zu bytes (-maxhead)", limits->bytes);
    return HEAD_MORE;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

// The first NUL, LF or CR; NULL: there is none. Eight bytes at a time, of which nearly all are
// letters.
static const char *find_break(const char *at, size_t len)
{
    const char *end = at + len;

    while (at < end) {
        size_t n = (size_t)(end - at);
        uint64_t word;

        if (n >= sizeof(word)) {
            n = sizeof(word);
            memcpy(&word, at, n);
            if (((word - EACH('\r' + 1)) & ~word & EACH(0x80)) == 0) {
                at += n;
                continue;
            }
        }
        for (const char *stop = at + n; at < stop; at++) {
            if (*at == '\0' || *at == '\n' || *at == '\r')
                return at;
        }
    }
    return NULL;
}

enum head_status head_scan(struct head_scan *scan, const char *data, size_t len,
                           const struct head_limits *limits, size_t *end, struct head_error *error)
{
    // What lies behind the limit must not change the outcome, so it is not looked at.
    size_t window = len < limits->bytes ? len : limits->bytes;

    // 0x16 begins a TLS handshake, 0x15 the alert that a TLS server answers plain HTTP with.
    if (len > 0 && (data[0] == 0x16 || data[0] == 0x15))
        return head_bad(error, 400, "the other side speaks TLS; plain HTTP is expected here");
    while (scan->done < window) {
        const char *from = data + scan->done;
        size_t left = window - scan->done;
        const char *cr = find_break(from, left);
        size_t text = cr ? (size_t)(cr - from) : left;

        if (cr && (*cr != '\r' || (text + 1 < left && cr[1] != '\n')))
            return name_fault(from, data + window, error);
        if (text + 2 > left)
            break; // no CRLF yet

        bool empty = cr == data + scan->line;

        scan->done += text + 2;
        scan->line = scan->done;
        if (empty) {
            *end = scan->done;
            return HEAD_OK;
        }
    }
    return no_end_yet(scan, data, window, limits, error);
}
