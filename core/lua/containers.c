#include "lua/containers.h"

// No policy can ask for containers yet: host.c has no registry. Nothing is wanted, nothing is
// taken.

bool containers_wanted(const struct host *host)
{
    (void)host;
    return false;
}

const char *containers_events_path(struct host *host, struct span version)
{
    (void)host;
    (void)version;
    return NULL;
}

const char *containers_question(struct host *host, bool *is_list)
{
    (void)host;
    *is_list = false;
    return NULL;
}

bool containers_tell(struct host *host, enum containers_news news, int status, struct span text)
{
    (void)host;
    (void)news;
    (void)status;
    (void)text;
    return false;
}
