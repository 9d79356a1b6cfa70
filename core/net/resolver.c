#include "net/resolver.h"

#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (8u << 10)

struct resolver {
    struct evdns_base *dns;
};

struct lookup {
    struct evdns_getaddrinfo_request *request;
    resolver_fn done;
    void *arg;
    bool asking; // still inside resolver_ask()
    bool answered;
    bool cancelled;
};

struct resolver *resolver_new(struct event_base *base)
{
    struct resolver *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (!r->dns) {
        free(r);
        return NULL;
    }
    // A failure leaves it without name servers; each lookup then fails with a reason.
    (void)evdns_base_resolv_conf_parse(r->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    return r;
}

void resolver_free(struct resolver *r)
{
    if (!r)
        return;
    evdns_base_free(r->dns, 1);
    free(r);
}

static void add_address(struct buffer *out, const struct evutil_addrinfo *ai)
{
    char text[INET6_ADDRSTRLEN];
    const void *addr;

    if (ai->ai_family == AF_INET)
        addr = &((const struct sockaddr_in *)(const void *)ai->ai_addr)->sin_addr;
    else if (ai->ai_family == AF_INET6)
        addr = &((const struct sockaddr_in6 *)(const void *)ai->ai_addr)->sin6_addr;
    else
        return;
    if (!inet_ntop(ai->ai_family, addr, text, sizeof(text)))
        return;
    if (out->len > 0)
        buffer_add_char(out, '\n');
    buffer_add_string(out, text);
}

static void tell(struct lookup *lookup, int error, struct evutil_addrinfo *list)
{
    struct buffer answer;

    if (error) {
        lookup->done(lookup->arg, NULL, evutil_gai_strerror(error));
        return;
    }
    buffer_init(&answer, ANSWER_MAX);
    for (const struct evutil_addrinfo *ai = list; ai; ai = ai->ai_next)
        add_address(&answer, ai);

    const char *text = buffer_text(&answer);

    lookup->done(lookup->arg, text, text ? NULL : "too many addresses");
    buffer_clear(&answer);
}

static void on_answer(int error, struct evutil_addrinfo *list, void *arg)
{
    struct lookup *lookup = arg;

    lookup->answered = true;
    if (!lookup->cancelled)
        tell(lookup, error, list);
    if (list)
        evutil_freeaddrinfo(list);
    if (!lookup->asking)
        free(lookup);
}

struct lookup *resolver_ask(struct resolver *r, const char *name, resolver_fn done, void *arg)
{
    struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct lookup *lookup = calloc(1, sizeof(*lookup));

    if (!lookup) {
        done(arg, NULL, "out of memory");
        return NULL;
    }
    lookup->done = done;
    lookup->arg = arg;
    lookup->asking = true;
    lookup->request = evdns_getaddrinfo(r->dns, name, NULL, &hints, on_answer, lookup);
    lookup->asking = false;
    if (!lookup->answered)
        return lookup;
    free(lookup);
    return NULL;
}

void resolver_cancel(struct lookup *lookup)
{
    if (!lookup)
        return;
    // evdns calls back with EVUTIL_EAI_CANCEL, and on_answer() frees the lookup.
    lookup->cancelled = true;
    evdns_getaddrinfo_cancel(lookup->request);
}
