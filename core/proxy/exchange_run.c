// exchange_run: takes an exchange from state to state, and answers requests that are refused.
#include "http/write.h"
#include "net/packed.h"
#include "proxy/exchange_steps.h"

#include <stddef.h>
#include <stdint.h>

#define REFUSAL_MAX   (8u << 10)
#define REFUSAL_USUAL 1024

static enum step step_refuse(struct exchange *x)
{
    struct buffer head;
    char room[REFUSAL_USUAL];

    buffer_init_in(&head, REFUSAL_MAX, room, sizeof(room));
    x->own_answer = true;
    x->own_bytes =
        write_refusal_with(&head, x->refusal_status, span_of(x->refusal), x->refusal_fields,
                           x->keep_alive, x->request.method == METHOD_HEAD);
    if (head.failed || !packed_add(x->client.out, head.data, head.len))
        x->keep_alive = false;
    buffer_clear(&head);
    x->status = x->refusal_status;
    x->ops->answered(x->io);
    return exchange_to(x, x->keep_alive ? EXCHANGE_DRAIN : EXCHANGE_DONE);
}

static enum step step_drain(struct exchange *x)
{
    switch (body_move(&x->request_body, x->client.in, x->client.ended, NULL, SIZE_MAX)) {
    case BODY_MORE:
    case BODY_FULL:
        return STEP_WAIT;
    case BODY_END:
        return exchange_to(x, EXCHANGE_DONE);
    case BODY_CUT:
    case BODY_BAD:
        break;
    }
    x->keep_alive = false;
    return exchange_to(x, EXCHANGE_DONE);
}

static enum step step_done(struct exchange *x)
{
    (void)x;
    return STEP_END;
}

static enum step (*const steps[EXCHANGE_STATES])(struct exchange *x) = {
    [EXCHANGE_READ_HEAD] = step_read_head, [EXCHANGE_JUDGE] = step_judge,
    [EXCHANGE_READ_BODY] = step_read_body, [EXCHANGE_DIAL] = step_dial,
    [EXCHANGE_AWAIT] = step_await,         [EXCHANGE_RELAY] = step_relay,
    [EXCHANGE_FILTER] = step_filter,       [EXCHANGE_TUNNEL] = step_tunnel,
    [EXCHANGE_REFUSE] = step_refuse,       [EXCHANGE_DRAIN] = step_drain,
    [EXCHANGE_DONE] = step_done,
};

bool exchange_run(struct exchange *x)
{
    for (;;) {
        switch (steps[x->state](x)) {
        case STEP_AGAIN:
            break;
        case STEP_WAIT:
            return false;
        case STEP_END:
            return true;
        }
    }
}
