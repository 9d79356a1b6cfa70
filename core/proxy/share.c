#include "proxy/share.h"

#include "base/check.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS  1024 // chains stay short up to some thousand clients
#define GONE_MAX 4096 // clients without a connection whose lines are still counted

LIST_HEAD(share_list, share);

struct shares {
    const struct log *log;
    unsigned most_lines;
    struct event *second;
    struct share_list counting;
    unsigned gone; // of these, without a connection
    struct share_list buckets[BUCKETS];
};

// FNV-1a. Names are not chosen freely enough by a client to be worth a keyed hash.
static struct share_list *bucket_of(struct shares *shares, const char *name)
{
    uint32_t h = 2166136261u;

    for (const char *p = name; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    return &shares->buckets[h % BUCKETS];
}

// As lines of the log name it.
static void write_name(char name[SHARE_NAME], const struct peer *peer, const char *listener)
{
    if (peer->has_credentials)
        (void)snprintf(name, SHARE_NAME, "uid:%lu,listener:%s", (unsigned long)peer->uid, listener);
    else if (peer->address[0])
        (void)snprintf(name, SHARE_NAME, "%s", peer->address);
    else
        (void)snprintf(name, SHARE_NAME, "unknown,listener:%s", listener);
}

static void drop(struct share *share)
{
    CHECK(TAILQ_EMPTY(&share->queue));
    LIST_REMOVE(share, link);
    free(share);
}

static struct share *find(struct share_list *bucket, const char *name)
{
    struct share *share = LIST_FIRST(bucket);

    while (share && strcmp(share->name, name) != 0)
        share = LIST_NEXT(share, link);
    return share;
}

// --- lines about refused requests ----------------------------------------------------------------

static void tell_untold(const struct shares *shares, struct share *share)
{
    if (share->untold > 0)
        log_line(shares->log, LOG_WARN, "more blocked requests, in one line",
                 LOG_TEXT("client", share->name), LOG_NUMBER("count", share->untold),
                 LOG_TEXT("hint", "-maxdenials is how many lines one client gets in a second"));
    share->untold = 0;
    share->lines = 0;
}

static void stop_counting(struct shares *shares, struct share *share)
{
    tell_untold(shares, share);
    LIST_REMOVE(share, counting_link);
    share->counting = false;
    if (share->connections == 0) {
        shares->gone--;
        drop(share);
    }
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
    struct shares *shares = arg;

    (void)fd;
    (void)what;
    for (struct share *share = LIST_FIRST(&shares->counting), *next; share; share = next) {
        next = LIST_NEXT(share, counting_link);
        stop_counting(shares, share);
    }
}

static void start_counting(struct shares *shares, struct share *share)
{
    static const struct timeval second = { .tv_sec = 1 };

    if (LIST_EMPTY(&shares->counting))
        (void)event_add(shares->second, &second);
    LIST_INSERT_HEAD(&shares->counting, share, counting_link);
    share->counting = true;
}

bool share_may_log(struct shares *shares, struct share *share)
{
    if (shares->most_lines == 0)
        return true;
    if (!share->counting)
        start_counting(shares, share);
    if (share->lines < shares->most_lines) {
        share->lines++;
        return true;
    }
    share->untold++;
    return false;
}

// --- life ----------------------------------------------------------------------------------------

struct shares *shares_new(struct event_base *base, const struct log *log, unsigned most_lines)
{
    struct shares *shares = calloc(1, sizeof(*shares));

    if (!shares)
        return NULL;
    shares->log = log;
    shares->most_lines = most_lines;
    shares->second = event_new(base, -1, 0, on_second, shares);
    if (!shares->second) {
        free(shares);
        return NULL;
    }
    return shares;
}

void shares_free(struct shares *shares)
{
    if (!shares)
        return;
    on_second(-1, 0, shares);
    for (size_t i = 0; i < BUCKETS; i++)
        CHECK(LIST_EMPTY(&shares->buckets[i]));
    event_free(shares->second);
    free(shares);
}

struct share *share_enter(struct shares *shares, const struct peer *peer, const char *listener,
                          unsigned most)
{
    char name[SHARE_NAME];

    write_name(name, peer, listener);

    struct share_list *bucket = bucket_of(shares, name);
    struct share *share = find(bucket, name);

    if (!share) {
        share = calloc(1, sizeof(*share));
        if (!share)
            return NULL;
        memcpy(share->name, name, sizeof(name));
        TAILQ_INIT(&share->queue);
        LIST_INSERT_HEAD(bucket, share, link);
    } else if (share->connections >= most) {
        return NULL;
    } else if (share->connections == 0) {
        shares->gone--;
    }
    share->connections++;
    return share;
}

void share_leave(struct shares *shares, struct share *share)
{
    CHECK(share->connections > 0);
    if (--share->connections > 0)
        return;
    if (!share->counting) {
        drop(share);
        return;
    }
    shares->gone++;
    if (shares->gone > GONE_MAX)
        stop_counting(shares, share);
}
