#include "base/log_output.h"

#include "base/check.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CAPACITY  (256u << 10)
#define TTY_PIECE 256 // room that a terminal has when poll(2) says that it has some

enum way {
    WAY_PLAIN,  // write(2) does not wait: a file, or a description of our own
    WAY_SOCKET, // send(2) is told not to
    WAY_SPLICE, // by way of a pipe of our own
    WAY_POLLED, // a terminal: only when poll(2) says so
};

struct log_output {
    int fd;
    int given; // the descriptor that 'fd' was made from
    enum way way;
    size_t
        atomic; // shared with writers that we must not mix lines with: so much goes in one; 0: all
    int relay[2];
    size_t relayed; // bytes of the held ones that are in the relay already
    void (*wake)(void *arg);
    void *arg;
    uint64_t lost;
    struct clock_text time;
    size_t begin, end; // what is held of 'data'
    char data[CAPACITY];
};

// --- how to write without waiting ----------------------------------------------------------------

static int reopen(int fd)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void choose_way(struct log_output *o)
{
    struct stat st;
    bool is_tty = false;

    if (fstat(o->fd, &st) != 0)
        return; // writing will say why
    is_tty = S_ISCHR(st.st_mode) && isatty(o->fd);
    o->atomic = S_ISREG(st.st_mode) ? 0 : is_tty ? TTY_PIECE : PIPE_BUF;
    if (S_ISSOCK(st.st_mode)) {
        o->way = WAY_SOCKET;
    } else if (S_ISFIFO(st.st_mode) || is_tty) {
        int fd = reopen(o->given);

        if (fd >= 0)
            o->fd = fd;
        if (is_tty)
            o->way = WAY_POLLED; // it takes a part of what it has no room for, and tears a line
        else if (fd < 0)
            o->way = pipe2(o->relay, O_NONBLOCK | O_CLOEXEC) == 0 ? WAY_SPLICE : WAY_POLLED;
    }
}

struct log_output *log_output_new(int fd, struct err *err)
{
    struct log_output *o =
        mmap(NULL, sizeof(*o), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (o == MAP_FAILED) {
        err_errno(err, "memory for the log");
        return NULL;
    }
    o->fd = o->given = fd;
    o->relay[0] = o->relay[1] = -1;
    choose_way(o);
    return o;
}

struct log_output *log_output_another(const struct log_output *o, struct err *err)
{
    return log_output_new(o->given, err);
}

void log_output_free(struct log_output *o)
{
    if (!o)
        return;
    if (o->fd != o->given)
        close(o->fd);
    if (o->relay[0] >= 0) {
        close(o->relay[0]);
        close(o->relay[1]);
    }
    (void)munmap(o, sizeof(*o));
}

// --- holding -------------------------------------------------------------------------------------

// After a loss it takes lines again once half of it is free, so that the word of the loss comes
// once and not between any two lines.
bool log_output_takes(const struct log_output *o, size_t len)
{
    size_t limit = o->lost > 0 ? CAPACITY / 2 : CAPACITY, held = o->end - o->begin;

    return held <= limit && len <= limit - held;
}

void log_output_add(struct log_output *o, struct span line)
{
    CHECK(line.len <= CAPACITY - (o->end - o->begin));
    if (line.len > CAPACITY - o->end) {
        memmove(o->data, o->data + o->begin, o->end - o->begin);
        o->end -= o->begin;
        o->begin = 0;
    }
    memcpy(o->data + o->end, line.at, line.len);
    o->end += line.len; // last: who looks at it from another process sees whole lines
    if (o->wake)
        o->wake(o->arg);
    else
        (void)log_output_flush(o);
}

void log_output_on_line(struct log_output *o, void (*wake)(void *arg), void *arg)
{
    o->wake = wake;
    o->arg = arg;
}

void log_output_lose(struct log_output *o, uint64_t lines)
{
    o->lost = lines == 0 ? 0 : o->lost + lines;
}

uint64_t log_output_lost(const struct log_output *o)
{
    return o->lost;
}

// --- writing -------------------------------------------------------------------------------------

// Whole lines, so that those of several processes do not mix; a longer one goes as it can.
static size_t next_piece(const struct log_output *o)
{
    const char *at = o->data + o->begin, *last = NULL;
    size_t len = o->end - o->begin;

    if (o->atomic == 0 || len <= o->atomic)
        return len;
    last = memrchr(at, '\n', o->atomic);
    if (!last)
        last = memchr(at, '\n', len);
    return last ? (size_t)(last - at) + 1 : len;
}

static ssize_t put_by_splice(struct log_output *o, const char *at, size_t len)
{
    ssize_t n = 0;

    if (o->relayed == 0) {
        n = write(o->relay[1], at, len);
        if (n <= 0)
            return n;
        o->relayed = (size_t)n;
    }
    n = splice(o->relay[0], NULL, o->fd, NULL, o->relayed, SPLICE_F_NONBLOCK);
    if (n > 0)
        o->relayed -= (size_t)n;
    return n;
}

static ssize_t put_polled(const struct log_output *o, const char *at, size_t len)
{
    struct pollfd poll_one = { .fd = o->fd, .events = POLLOUT };

    if (poll(&poll_one, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(o->fd, at, len < TTY_PIECE ? len : TTY_PIECE);
}

static ssize_t put(struct log_output *o, const char *at, size_t len)
{
    switch (o->way) {
    case WAY_PLAIN:
        break;
    case WAY_SOCKET:
        return send(o->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    case WAY_SPLICE:
        return put_by_splice(o, at, len);
    case WAY_POLLED:
        return put_polled(o, at, len);
    }
    return write(o->fd, at, len);
}

// The reader is gone or the disk is full: what is held would never get out.
static void give_up(struct log_output *o)
{
    for (size_t i = o->begin; i < o->end; i++)
        o->lost += o->data[i] == '\n';
    o->begin = o->end = 0;
}

bool log_output_flush(struct log_output *o)
{
    while (o->begin < o->end) {
        ssize_t n = put(o, o->data + o->begin, next_piece(o));

        if (n > 0)
            o->begin += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            return false;
        else if (n == 0 || errno != EINTR)
            give_up(o);
    }
    o->begin = o->end = 0;
    return true;
}

int log_output_fd(const struct log_output *o)
{
    return o->fd;
}

void log_output_drain(struct log_output *o, unsigned ms)
{
    uint64_t end = clock_now_us() + ms * UINT64_C(1000);

    while (!log_output_flush(o)) {
        struct pollfd poll_one = { .fd = o->fd, .events = POLLOUT };
        uint64_t now = clock_now_us();

        if (now >= end)
            return;
        (void)poll(&poll_one, 1, (int)((end - now) / 1000) + 1);
    }
}

// --- what somebody left --------------------------------------------------------------------------

static void take_lines(struct log_output *o, const char *at, size_t len)
{
    while (len > 0) {
        const char *end = memchr(at, '\n', len);
        size_t n = end ? (size_t)(end - at) + 1 : len;

        if (log_output_takes(o, n))
            log_output_add(o, (struct span){ at, n });
        else
            o->lost++;
        at += n;
        len -= n;
    }
}

void log_output_inherit(struct log_output *o, struct log_output *of_the_dead)
{
    (void)log_output_flush(o); // it came first
    if (!log_output_flush(of_the_dead))
        take_lines(o, of_the_dead->data + of_the_dead->begin,
                   of_the_dead->end - of_the_dead->begin);
    o->lost += of_the_dead->lost;
}

struct span log_output_time(struct log_output *o)
{
    return clock_wall_text(&o->time);
}
