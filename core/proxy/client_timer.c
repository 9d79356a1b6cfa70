// client_timer: for what and how long the proxy waits for a client.
#include "config/settings.h"
#include "net/stream.h"
#include "proxy/client_parts.h"

#include <event2/buffer.h>
#include <event2/event.h>

// How long a client may go on sending what nobody reads, so that it sees our answer before the
// reset that closing on unread bytes would send.
#define LINGER_S 2

static enum wait what_for(const struct client *c)
{
    if (c->closing)
        return WAIT_LINGER;
    switch (exchange_state(c->exchange)) {
    case EXCHANGE_READ_HEAD:
        return evbuffer_get_length(stream_input(c->stream)) > 0 ? WAIT_HEAD : WAIT_IDLE;
    case EXCHANGE_READ_BODY:
    case EXCHANGE_DRAIN:
        return WAIT_BODY;
    case EXCHANGE_AWAIT:
        return WAIT_ANSWER;
    case EXCHANGE_JUDGE:
    case EXCHANGE_DIAL:
    case EXCHANGE_RELAY:
    case EXCHANGE_FILTER:
    case EXCHANGE_TUNNEL:
    case EXCHANGE_REFUSE:
    case EXCHANGE_DONE:
        break;
    }
    return WAIT_NOTHING;
}

static unsigned seconds_for(const struct client *c, enum wait wait)
{
    const struct settings *s = c->shared->settings;

    switch (wait) {
    case WAIT_IDLE:
        return s->idle_timeout_s;
    case WAIT_HEAD:
        return s->head_timeout_s;
    case WAIT_BODY:
        return s->body_timeout_s;
    case WAIT_ANSWER:
        return s->response_timeout_s;
    case WAIT_LINGER:
        return LINGER_S;
    case WAIT_NOTHING:
        break;
    }
    return 0;
}

// A deadline is set when the reason to wait changes, and not moved by bytes that trickle in.
void client_set_timer(struct client *c)
{
    enum wait wait = what_for(c);
    struct timeval time = { .tv_sec = seconds_for(c, wait) };

    if (wait == c->waiting)
        return;
    c->waiting = wait;
    if (time.tv_sec > 0)
        (void)event_add(c->timer, &time);
    else
        (void)event_del(c->timer);
}

bool client_expire(struct client *c)
{
    switch (c->waiting) {
    case WAIT_NOTHING:
        break;
    case WAIT_IDLE:
    case WAIT_LINGER:
        return false;
    case WAIT_HEAD:
        exchange_expire(c->exchange, 408,
                        "moonward: the request's head took too long "
                        "(-headtimeout)");
        break;
    case WAIT_BODY:
        exchange_expire(c->exchange, 408,
                        "moonward: the request's body took too long "
                        "(-bodytimeout)");
        break;
    case WAIT_ANSWER:
        exchange_expire(c->exchange, 504,
                        "moonward: the engine did not answer in time "
                        "(-responsetimeout)");
        break;
    }
    return true;
}
