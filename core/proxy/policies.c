#include "proxy/policies.h"

#include "base/check.h"
#include "proxy/follower.h"

#include <stdlib.h>

struct policies *policies_new(struct setup *setup)
{
    struct policies *p = calloc(1, sizeof(*p));

    if (!p) {
        setup_free(setup);
        return NULL;
    }
    p->setup = setup;
    p->users = 1;
    return p;
}

struct follower *policies_follower(struct policies *p, const struct judge_tools *tools)
{
    if (!p->follower)
        p->follower = follower_new(tools, p->setup->host, &p->setup->log);
    return p->follower;
}

struct policies *policies_use(struct policies *p)
{
    p->users++;
    return p;
}

void policies_drop(struct policies *p)
{
    if (!p)
        return;
    CHECK(p->users > 0);
    if (--p->users > 0)
        return;
    follower_free(p->follower);
    setup_free(p->setup);
    free(p);
}
