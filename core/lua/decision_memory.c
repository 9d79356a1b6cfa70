// decision_memory: a decision that has been made before. What pure policies say follows from
// method, target, listener and client alone, and from whether there is a body; all of that is in
// the key, so that whoever asks the same gets the same.
//
// A verdict is remembered when all policies promise to be pure and none read anything else
// (purity.h); and only if it says yes or no: no filter, edit, other path or name that is held.
#include "lua/decision_parts.h"
#include "lua/verdict_memory.h"

#include <string.h>

#define KEY_MAX 1024 // longer ones are decided anew each time

// What has no length of its own in the key; without padding between, and zeroed before it is
// filled.
struct key_head {
    uint32_t uid, gid;
    uint16_t address_len, listener_len;
    uint8_t method, has_body, has_credentials, zero;
};

static char *put(char *at, struct span text)
{
    if (text.len > 0)
        memcpy(at, text.at, text.len);
    return at + text.len;
}

// The key in 'room', or an empty span if it is too long.
static struct span key_of(const struct decision *d, char room[KEY_MAX])
{
    const struct client_view *client = &d->client;
    struct span target = d->request.target->canonical;
    struct key_head head = { .method = (uint8_t)d->request.method,
                             .has_body = d->request.has_body,
                             .has_credentials = client->has_credentials,
                             .address_len = (uint16_t)client->address.len,
                             .listener_len = (uint16_t)client->listener.len };
    size_t left = KEY_MAX - sizeof(head);
    char *at = room;

    if (client->address.len > left || client->listener.len > left - client->address.len ||
        target.len > left - client->address.len - client->listener.len)
        return (struct span){ NULL, 0 };
    if (client->has_credentials) {
        head.uid = client->uid;
        head.gid = client->gid;
    }
    at = put(at, (struct span){ (const char *)&head, sizeof(head) });
    at = put(at, client->address);
    at = put(at, client->listener);
    at = put(at, target);
    return (struct span){ room, (size_t)(at - room) };
}

// Not with a container that a spec or `explain` made up.
static bool is_asked_as_usual(const struct decision *d)
{
    return d->host->memory && !d->client.labels && d->client.container.len == 0;
}

bool decision_recall(struct decision *d)
{
    const struct route *route;
    char room[KEY_MAX];
    struct span key;

    if (!is_asked_as_usual(d))
        return false;
    key = key_of(d, room);
    route = key.len > 0 ? verdict_memory_recall(d->host->memory, key, &d->verdict) : NULL;
    if (!route)
        return false;
    d->route = route;
    return true;
}

// Whoever adds to it looks at the next function, and at what verdict_memory.c keeps.
_Static_assert(sizeof(struct verdict) == 6120, "a verdict has something new");

static bool says_only_yes_or_no(const struct verdict *v)
{
    return !v->failed && !v->edits && !v->filters && !v->filters_errors && v->path[0] == '\0' &&
           v->query_len == 0 && v->headers_len == 0 && v->dockerfile[0] == '\0' &&
           v->missing[0] == '\0';
}

void decision_remember(struct decision *d)
{
    char room[KEY_MAX];
    struct span key;

    if (!is_asked_as_usual(d) || d->purity.broken || d->asked > 0 || d->run.held_count > 0 ||
        d->run.warnings > 0 || !says_only_yes_or_no(&d->verdict))
        return;
    key = key_of(d, room);
    if (key.len > 0)
        verdict_memory_keep(d->host->memory, key, d->route, &d->verdict);
}
