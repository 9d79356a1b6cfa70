#include "net/stream.h"

#include "base/check.h"
#include "net/reaper.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define READ_SMALL (4 << 10)  // most heads and answers
#define READ_LARGE (64 << 10) // once a read has filled the small size

struct stream {
    struct reaped reaped;
    struct reaper *reaper;
    int fd;
    struct event *readable, *writable;
    struct evbuffer *in, *out;
    stream_fn changed;
    void *arg;
    size_t limit;
    ev_ssize_t read_size;
    bool connecting;
    bool reading, writing;     // which events are added
    bool in_ended;             // end of file, or in_error
    int in_error, out_error;   // errno
    bool end_wanted, end_told; // our side's end
    bool was_full;             // the owner waits for the output to drain
    bool owed;                 // the owner must be called, from the event loop
    bool closed;
};

static void free_stream(struct reaped *self)
{
    struct stream *s = (struct stream *)self; // the first member

    if (s->readable)
        event_free(s->readable);
    if (s->writable)
        event_free(s->writable);
    if (s->in)
        evbuffer_free(s->in);
    if (s->out)
        evbuffer_free(s->out);
    free(s);
}

static void want_reading(struct stream *s, bool wanted)
{
    if (wanted == s->reading)
        return;
    if (wanted)
        CHECK(event_add(s->readable, NULL) == 0);
    else
        CHECK(event_del(s->readable) == 0);
    s->reading = wanted;
}

static void want_writing(struct stream *s, bool wanted)
{
    if (wanted == s->writing)
        return;
    if (wanted)
        CHECK(event_add(s->writable, NULL) == 0);
    else
        CHECK(event_del(s->writable) == 0);
    s->writing = wanted;
}

static void settle(struct stream *s)
{
    want_reading(s, !s->connecting && !s->in_ended && evbuffer_get_length(s->in) < s->limit);
    want_writing(s, s->connecting || evbuffer_get_length(s->out) > 0);
}

// The owner learns of it from the loop, never from inside stream_update().
static void fail_output(struct stream *s, int error)
{
    s->out_error = error;
    s->owed = true;
    event_active(s->writable, EV_WRITE, 0);
}

static void write_out(struct stream *s)
{
    while (!s->connecting && !s->out_error && evbuffer_get_length(s->out) > 0) {
        int n = evbuffer_write(s->out, s->fd);

        if (n > 0)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        fail_output(s, n < 0 ? errno : EPIPE);
    }
    if (s->out_error) {
        (void)evbuffer_drain(s->out, evbuffer_get_length(s->out));
        return;
    }
    if (s->end_wanted && !s->end_told && !s->connecting) {
        (void)shutdown(s->fd, SHUT_WR);
        s->end_told = true;
    }
}

static void end_input(struct stream *s, int error)
{
    s->in_ended = true;
    s->in_error = error;
}

// True: bytes came, or the end did.
static bool read_in(struct stream *s)
{
    struct evbuffer_iovec parts[2];
    int n = evbuffer_reserve_space(s->in, s->read_size, parts, 2);

    if (n < 0) {
        end_input(s, ENOMEM);
        return true;
    }

    ssize_t got = readv(s->fd, (const struct iovec *)parts, n);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        end_input(s, got < 0 ? errno : 0);
        return true;
    }
    s->read_size = got >= s->read_size ? READ_LARGE : READ_SMALL;

    size_t left = (size_t)got;

    for (int i = 0; i < n; i++) {
        if (parts[i].iov_len > left)
            parts[i].iov_len = left;
        left -= parts[i].iov_len;
    }
    CHECK(evbuffer_commit_space(s->in, parts, n) == 0);
    return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;

    (void)fd;
    (void)what;
    if (s->closed || s->in_ended)
        return;
    if (!read_in(s))
        return;
    settle(s);
    s->changed(s->arg);
}

static int connect_result(int fd)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    return error;
}

static void finish_connecting(struct stream *s)
{
    int error = connect_result(s->fd);

    s->connecting = false;
    s->owed = true;
    if (error) {
        s->out_error = error;
        end_input(s, error);
    }
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;

    (void)fd;
    (void)what;
    if (s->closed)
        return;
    if (s->connecting)
        finish_connecting(s);
    write_out(s);
    if (stream_output_done(s) || (s->was_full && evbuffer_get_length(s->out) <= s->limit / 4)) {
        s->was_full = false;
        s->owed = true;
    }
    settle(s);
    if (s->owed) {
        s->owed = false;
        s->changed(s->arg);
    }
}

struct stream *stream_new(struct event_base *base, struct reaper *reaper, int fd, bool connecting,
                          size_t limit, stream_fn changed, void *arg)
{
    struct stream *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->reaped.free = free_stream;
    s->reaper = reaper;
    s->fd = fd;
    s->connecting = connecting;
    s->limit = limit;
    s->read_size = READ_SMALL;
    s->changed = changed;
    s->arg = arg;
    s->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, s);
    s->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, s);
    s->in = evbuffer_new();
    s->out = evbuffer_new();
    if (!s->readable || !s->writable || !s->in || !s->out) {
        free_stream(&s->reaped);
        return NULL;
    }
    settle(s);
    return s;
}

void stream_close(struct stream *s)
{
    if (!s || s->closed)
        return;
    s->closed = true;
    (void)event_del(s->readable);
    (void)event_del(s->writable);
    close(s->fd);
    s->fd = -1;
    reaper_add(s->reaper, &s->reaped);
}

void stream_set_owner(struct stream *s, stream_fn changed, void *arg)
{
    s->changed = changed;
    s->arg = arg;
}

struct evbuffer *stream_input(struct stream *s)
{
    return s->in;
}

struct evbuffer *stream_output(struct stream *s)
{
    return s->out;
}

int stream_fd(const struct stream *s)
{
    return s->fd;
}

bool stream_connecting(const struct stream *s)
{
    return s->connecting;
}

bool stream_input_ended(const struct stream *s)
{
    return s->in_ended;
}

int stream_input_error(const struct stream *s)
{
    return s->in_error;
}

int stream_output_error(const struct stream *s)
{
    return s->out_error;
}

// A Unix socket whose peer closed shows POLLHUP; a TCP one shows it once both sides have ended.
static bool has_hung_up(const struct stream *s)
{
    struct pollfd p = { .fd = s->fd };

    return !s->end_told && poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR));
}

bool stream_gone(const struct stream *s)
{
    return s->out_error || s->in_error || (s->in_ended && has_hung_up(s));
}

bool stream_lost(const struct stream *s)
{
    return !s->closed && !s->connecting && !s->in_ended && !s->reading && has_hung_up(s);
}

bool stream_silent(const struct stream *s)
{
    char byte;

    return evbuffer_get_length(s->in) == 0 && recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           errno == EAGAIN;
}

bool stream_full(const struct stream *s)
{
    return evbuffer_get_length(s->out) >= s->limit;
}

void stream_end_output(struct stream *s)
{
    s->end_wanted = true;
}

bool stream_output_done(const struct stream *s)
{
    return evbuffer_get_length(s->out) == 0 && (!s->end_wanted || s->end_told);
}

void stream_update(struct stream *s)
{
    if (s->closed)
        return;
    write_out(s);
    if (stream_full(s))
        s->was_full = true;
    settle(s);
}

void stream_read_now(struct stream *s)
{
    while (!s->closed && !s->connecting && !s->in_ended && evbuffer_get_length(s->in) < s->limit &&
           read_in(s))
        continue;
    if (!s->closed)
        settle(s);
}
