// tunnel: the part of an exchange that is no HTTP any more: bytes both ways, until both have ended.
#include "base/check.h"
#include "net/packed.h"
#include "proxy/exchange_steps.h"

#include <event2/buffer.h>

// Moves what fits; a receiver that hears nothing gets nothing.
static uint64_t pump_raw(struct exchange_side *from, struct exchange_side *to, size_t limit)
{
    size_t have = evbuffer_get_length(from->in);
    size_t held = evbuffer_get_length(to->out);
    size_t n = held < limit ? limit - held : 0;

    if (n > have || to->deaf)
        n = have;
    if (to->deaf)
        CHECK(evbuffer_drain(from->in, n) == 0);
    else if (n > 0)
        CHECK(packed_move(from->in, to->out, n));
    if (from->ended && n == have)
        to->end = true;
    return n;
}

enum step step_tunnel(struct exchange *x)
{
    size_t limit = x->limits->buffer;

    switch (exchange_pump_request(x)) {
    case PUMP_BROKEN:
        return exchange_give_up(x);
    case PUMP_JUDGES:
        return STEP_WAIT;
    case PUMP_GOES:
        break;
    }
    if (exchange_sent_body(x) || x->upstream.deaf)
        x->tunnel_in += pump_raw(&x->client, &x->upstream, limit);
    x->tunnel_out += pump_raw(&x->upstream, &x->client, limit);

    // Each direction ends for itself; an engine that is gone altogether ends both.
    bool in_over = x->upstream.end || x->upstream.deaf;

    if (x->client.end && in_over)
        return exchange_finish(x, false);
    return STEP_WAIT;
}
