#include "proxy/policies.h"

#include "proxy/follower.h"

struct follower *policies_follower(struct policies *p, const struct judge_tools *tools)
{
    if (!p->follower)
        p->follower = follower_new(tools, p->host, p->log);
    return p->follower;
}
