#include "net/stream.h"

#include "base/check.h"
#include "net/packed.h"
#include "net/reaper.h"
#include "net/socket.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SMALL (16u << 10)  // most heads and answers
#define READ_LARGE PACKED_BLOCK // once a read has filled the small size

struct stream {
    struct reaped reaped;
    struct reaper *reaper;
    int fd;
    struct event *readable, *writable;
    struct evbuffer *in, *out;
    struct packed in_packed, out_packed;
    stream_fn changed;
    void *arg;
    size_t limit, in_limit;
    bool reads_large;
    unsigned patience_s; // 0: for ever
    int queued;          // bytes in the kernel for the peer, when some were last taken
    bool stalled;
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
    bool patient = s->patience_s == 0 || s->connecting;
    struct timeval patience = { .tv_sec = s->patience_s };

    if (wanted == s->writing)
        return;
    if (wanted && !patient)
        s->queued = socket_queued(s->fd);
    if (wanted)
        CHECK(event_add(s->writable, patient ? NULL : &patience) == 0);
    else
        CHECK(event_del(s->writable) == 0);
    s->writing = wanted;
}

static void settle(struct stream *s)
{
    size_t in = evbuffer_get_length(s->in), out = evbuffer_get_length(s->out);

    packed_keep(&s->in_packed, s->in, in);
    packed_keep(&s->out_packed, s->out, out);
    want_reading(s, !s->connecting && !s->in_ended && in < s->in_limit);
    want_writing(s, s->connecting || out > 0);
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

// Most reads bring little. It is copied from here to where it fits, so that no memory waits for
// more.
static ssize_t read_small(struct stream *s)
{
    char piece[READ_SMALL];
    ssize_t got = read(s->fd, piece, sizeof(piece));

    if (got > 0 && !packed_add(s->in, piece, (size_t)got)) {
        errno = ENOMEM;
        return -1;
    }
    return got;
}

// What flows freely is read into memory that goes with it to the other side.
static ssize_t read_large(struct stream *s)
{
    char *block = malloc(READ_LARGE);
    ssize_t got = block ? read(s->fd, block, READ_LARGE) : -1;

    if (got <= 0) {
        free(block);
        return got;
    }
    if (!packed_add_block(s->in, block, (size_t)got)) {
        errno = ENOMEM;
        return -1;
    }
    return got;
}

// True: bytes came, or the end did.
static bool read_in(struct stream *s)
{
    ssize_t got = s->reads_large ? read_large(s) : read_small(s);

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        s->reads_large = false;
        return false;
    }
    if (got <= 0) {
        end_input(s, got < 0 ? errno : 0);
        return true;
    }
    s->reads_large = (size_t)got >= (s->reads_large ? PACKED_LARGE : READ_SMALL);
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

static void finish_connecting(struct stream *s)
{
    int error = socket_error(s->fd);

    s->connecting = false;
    want_writing(s, false); // what is there to write has a deadline that connecting has not
    s->owed = true;
    if (error) {
        s->out_error = error;
        end_input(s, error);
    }
}

// No room came for as long as the patience lasts. A reader that is only slow has taken something by
// then, long before there is room to write more.
static void on_no_room(struct stream *s)
{
    int now = socket_queued(s->fd);

    s->stalled = now >= s->queued;
    s->queued = now;
    if (s->stalled)
        s->changed(s->arg);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;

    (void)fd;
    if (s->closed)
        return;
    if (what == EV_TIMEOUT) {
        on_no_room(s);
        return;
    }
    s->stalled = false;
    if (s->connecting)
        finish_connecting(s);
    write_out(s);
    if (stream_output_done(s) || (s->was_full && evbuffer_get_length(s->out) <= s->limit / 4)) {
        s->was_full = false;
        s->owed = true;
    }
    if (s->writing && s->patience_s > 0)
        s->queued = socket_queued(s->fd);
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
    s->limit = s->in_limit = limit;
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

static bool has_hung_up(const struct stream *s)
{
    return !s->end_told && socket_hung_up(s->fd);
}

bool stream_gone(const struct stream *s)
{
    return s->out_error || s->in_error || (s->in_ended && has_hung_up(s));
}

bool stream_lost(const struct stream *s)
{
    return !s->closed && !s->connecting && !s->in_ended && !s->reading && has_hung_up(s);
}

bool stream_stalled(const struct stream *s)
{
    return s->stalled;
}

void stream_set_patience(struct stream *s, unsigned seconds)
{
    s->patience_s = seconds;
}

bool stream_silent(const struct stream *s)
{
    return evbuffer_get_length(s->in) == 0 && socket_is_silent(s->fd);
}

void stream_limit_input(struct stream *s, size_t limit)
{
    s->in_limit = limit;
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
    // As much as there is, before the kernel takes some.
    packed_keep(&s->out_packed, s->out, evbuffer_get_length(s->out));
    write_out(s);
    if (stream_full(s))
        s->was_full = true;
    settle(s);
}

void stream_read_now(struct stream *s)
{
    while (!s->closed && !s->connecting && !s->in_ended &&
           evbuffer_get_length(s->in) < s->in_limit && read_in(s))
        continue;
    if (!s->closed)
        settle(s);
}
