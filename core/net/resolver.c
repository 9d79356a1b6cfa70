#include "net/resolver.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ANSWER_MAX (8u << 10)

// The files that answers rest on. One that changed makes all that was read from them void: evdns
// can add to what it has read and not take back, so it begins anew.
static const char *const files[] = { "/etc/resolv.conf", "/etc/hosts" };

#define LOOK_US UINT64_C(1000000) // between two looks at the files

struct reading { // of the files, with those who ask by it
    struct evdns_base *dns;
    struct timespec changed[ARRAY_LEN(files)];
    unsigned users;       // lookups; evdns calls them back, so it is not freed before they are over
    struct reading *next; // of those that are stale
};

struct resolver {
    struct event_base *base;
    struct reading *reading; // then those whose place it has taken
    uint64_t looked_us;
};

struct lookup {
    struct evdns_getaddrinfo_request *request;
    struct reading *reading;
    resolver_fn done;
    void *arg;
    bool asking; // still inside resolver_ask()
    bool answered;
    bool cancelled;
};

static void look(struct timespec changed[ARRAY_LEN(files)])
{
    struct stat st;

    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        changed[i] = stat(files[i], &st) == 0 ? st.st_mtim : (struct timespec){ 0 };
}

static struct reading *read_files(struct event_base *base)
{
    struct reading *reading = calloc(1, sizeof(*reading));

    if (!reading)
        return NULL;
    look(reading->changed); // before they are read: a change in between is seen at the next look
    reading->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (!reading->dns) {
        free(reading);
        return NULL;
    }
    // One server that never answers costs 4 s and not 15; what resolv.conf says goes before.
    (void)evdns_base_set_option(reading->dns, "timeout:", "2");
    (void)evdns_base_set_option(reading->dns, "attempts:", "2");
    // A failure leaves it without name servers; each lookup then fails with a reason.
    (void)evdns_base_resolv_conf_parse(reading->dns, DNS_OPTIONS_ALL, files[0]);
    return reading;
}

static void free_reading(struct reading *reading)
{
    evdns_base_free(reading->dns, 1);
    free(reading);
}

static void free_stale(struct resolver *r)
{
    for (struct reading **at = &r->reading->next; *at;) {
        struct reading *stale = *at;

        if (stale->users > 0) {
            at = &stale->next;
            continue;
        }
        *at = stale->next;
        free_reading(stale);
    }
}

struct resolver *resolver_new(struct event_base *base)
{
    struct resolver *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->base = base;
    r->looked_us = clock_now_us();
    r->reading = read_files(base);
    if (!r->reading) {
        free(r);
        return NULL;
    }
    return r;
}

void resolver_free(struct resolver *r)
{
    if (!r)
        return;
    while (r->reading) {
        struct reading *next = r->reading->next;

        free_reading(r->reading);
        r->reading = next;
    }
    free(r);
}

// Those who ask already get their answers from the servers that they asked.
static void look_again(struct resolver *r)
{
    struct timespec changed[ARRAY_LEN(files)];
    uint64_t now = clock_now_us();
    struct reading *fresh = NULL;

    if (now - r->looked_us < LOOK_US)
        return;
    r->looked_us = now;
    free_stale(r);
    look(changed);
    if (memcmp(changed, r->reading->changed, sizeof(changed)) == 0)
        return;
    fresh = read_files(r->base);
    if (!fresh)
        return; // the old one is better than none
    fresh->next = r->reading;
    r->reading = fresh;
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
        bool is_none = error == EVUTIL_EAI_NONAME || error == EVUTIL_EAI_NODATA;

        lookup->done(lookup->arg, NULL, is_none ? RESOLVER_NONE : evutil_gai_strerror(error));
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
    lookup->reading->users--;
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
    look_again(r);
    lookup->done = done;
    lookup->arg = arg;
    lookup->asking = true;
    lookup->reading = r->reading;
    lookup->reading->users++;
    lookup->request =
        evdns_getaddrinfo(lookup->reading->dns, name, NULL, &hints, on_answer, lookup);
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
