#include "proxy/health.h"

#include "http/head.h"
#include "http/write.h"
#include "net/packed.h"
#include "net/reaper.h"
#include "net/stream.h"
#include "proxy/head_input.h"
#include "proxy/pool.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROBES_MAX 8
#define HEAD_MAX   4096
#define TIMEOUT_S  5

static const struct head_limits limits = { .bytes = HEAD_MAX, .headers = 32 };

struct probe {
    struct reaped reaped;
    struct health *health;
    struct probe *next;
    struct stream *stream;
    struct event *deadline;
    struct pool_ticket *ticket;
    struct head_scan scan;
    bool asked;    // the head was read
    bool answered; // wait for the client to go
    bool over;
};

struct health {
    const struct judge_tools *tools;
    struct event *listening;
    struct probe *first;
    unsigned count;
};

static void free_probe(struct reaped *self)
{
    struct probe *p = (struct probe *)self; // the first member

    if (p->deadline)
        event_free(p->deadline);
    free(p);
}

static void end_probe(struct probe *p)
{
    struct probe **at = &p->health->first;

    if (p->over)
        return;
    p->over = true;
    while (*at && *at != p)
        at = &(*at)->next;
    if (*at)
        *at = p->next;
    p->health->count--;
    (void)event_del(p->deadline);
    pool_cancel(p->ticket);
    stream_close(p->stream);
    reaper_add(p->health->tools->reaper, &p->reaped);
}

static void answer(struct probe *p, int status)
{
    struct buffer head;
    struct response_out out = { .status = status, .framing = FRAMING_LENGTH, .minor = 1 };

    buffer_init(&head, HEAD_MAX);
    write_response(&head, &out);

    bool told = !head.failed && packed_add(stream_output(p->stream), head.data, head.len);

    buffer_clear(&head);
    if (!told) {
        end_probe(p);
        return;
    }
    p->answered = true;
    stream_end_output(p->stream);
    stream_update(p->stream);
}

static void on_connection(void *arg, struct stream *stream, bool reused,
                          const struct pool_failure *failure)
{
    struct probe *p = arg;

    (void)reused;
    p->ticket = NULL;
    if (!failure)
        stream_close(stream);
    answer(p, failure ? 503 : 200);
}

static void judge_probe(struct probe *p, const char *data, size_t len)
{
    struct request_head head;
    struct head_error error;

    p->asked = true;
    if (request_head_read(&head, data, len, &limits, 0, &error) != HEAD_OK) {
        answer(p, error.status);
        return;
    }
    if (!span_is(head.target, SPAN("/health")))
        answer(p, 404);
    else if (head.method != METHOD_HEAD)
        answer(p, 405);
    else
        p->ticket = pool_get(p->health->tools->pool, POOL_NONE, on_connection, p);
    request_head_clear(&head);
}

static void probe_changed(void *arg)
{
    struct probe *p = arg;
    struct evbuffer *in = stream_input(p->stream);
    struct head_error error;
    struct span head;

    if (p->over)
        return;
    if (stream_output_error(p->stream) ||
        (stream_input_ended(p->stream) && (p->answered || !p->asked))) {
        end_probe(p);
        return;
    }
    if (p->asked) {
        (void)evbuffer_drain(in, evbuffer_get_length(in));
        return;
    }
    switch (head_input(&p->scan, in, &limits, &head, &error)) {
    case HEAD_OK:
        judge_probe(p, head.at, head.len);
        return;
    case HEAD_MORE:
        return;
    case HEAD_BAD:
        break;
    }
    p->asked = true;
    answer(p, error.status);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    end_probe(arg);
}

static void begin_probe(struct health *h, int fd)
{
    static const struct timeval timeout = { .tv_sec = TIMEOUT_S };
    struct probe *p = h->count < PROBES_MAX ? calloc(1, sizeof(*p)) : NULL;

    if (!p) {
        close(fd);
        return;
    }
    p->reaped.free = free_probe;
    p->health = h;
    p->deadline = event_new(h->tools->base, -1, 0, on_deadline, p);
    if (p->deadline)
        p->stream =
            stream_new(h->tools->base, h->tools->reaper, fd, false, HEAD_MAX * 2, probe_changed, p);
    if (!p->stream) {
        close(fd);
        free_probe(&p->reaped);
        return;
    }
    (void)event_add(p->deadline, &timeout);
    p->next = h->first;
    h->first = p;
    h->count++;
}

static void on_listening(evutil_socket_t fd, short what, void *arg)
{
    int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)what;
    if (client >= 0)
        begin_probe(arg, client);
}

struct health *health_new(const struct judge_tools *tools, int fd)
{
    struct health *h = calloc(1, sizeof(*h));

    if (!h)
        return NULL;
    h->tools = tools;
    h->listening = event_new(tools->base, fd, EV_READ | EV_PERSIST, on_listening, h);
    if (!h->listening || event_add(h->listening, NULL) != 0) {
        health_free(h);
        return NULL;
    }
    return h;
}

void health_free(struct health *h)
{
    if (!h)
        return;
    while (h->first)
        end_probe(h->first);
    if (h->listening)
        event_free(h->listening);
    free(h);
}
