#include "proxy/acceptor.h"

#include "base/clock.h"
#include "config/settings.h"
#include "proxy/pool.h"
#include "proxy/share.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH        16 // connections taken before other events get their turn
#define RESERVED_FDS 32 // listeners, the loop, the log, the resolver, and refusals
#define REFUSALS_MAX 8  // connections that are being told that they are too many
#define PAUSE_US     100000
#define TELL_US      1000000

enum crowded { ONE_CLOSED, NONE_IDLE, ONE_CLIENT, CROWDED };

static const char *const crowded_words[CROWDED] = {
    [ONE_CLOSED] = "too many connections: idle ones of whoever has most are closed",
    [NONE_IDLE] = "too many connections, and none is idle: new ones are refused",
    [ONE_CLIENT] = "too many connections of one client: its new ones are refused",
};

struct acceptor {
    struct client_shared *shared;
    unsigned most; // connections
    unsigned most_per_client;
    uint64_t told_us[CROWDED]; // when it was logged last
    struct event *pause;
    size_t count;
    struct listening {
        struct acceptor *acceptor;
        const struct listener_setting *setting;
        struct event *event;
    } listening[SETTINGS_LISTENERS];
};

// Each client may need a second descriptor, to the engine.
static unsigned most_connections(const struct settings *settings)
{
    struct rlimit files;
    rlim_t fit;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return settings->max_connections;
    fit = files.rlim_cur > RESERVED_FDS + 2 ? (files.rlim_cur - RESERVED_FDS) / 2 : 1;
    return fit < settings->max_connections ? (unsigned)fit : settings->max_connections;
}

// Nobody is locked out by one client, nor by two.
static unsigned most_per_client(const struct settings *settings, unsigned most)
{
    unsigned quarter = most / 4 > 0 ? most / 4 : 1;
    unsigned wanted = settings->max_per_client;

    if (wanted == 0)
        return quarter;
    return wanted < most ? wanted : most;
}

static void start(struct acceptor *a)
{
    for (size_t i = 0; i < a->count; i++)
        (void)event_add(a->listening[i].event, NULL);
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    start(arg);
}

// Without descriptors the listeners would report forever.
static void pause_accepting(struct acceptor *a)
{
    struct timeval pause = { .tv_usec = PAUSE_US };

    for (size_t i = 0; i < a->count; i++)
        (void)event_del(a->listening[i].event);
    (void)event_add(a->pause, &pause);
}

// A container that is killed takes its network along, so that its end is never told; nor is that of
// a client whose last bytes wait for the engine. Two minutes later they are gone.
static void set_tcp(int fd)
{
    int on = 1, idle_s = 60, pause_s = 15, tries = 4;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &pause_s, sizeof(pause_s));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
}

// Once a second: whoever fills the place would fill the log as well.
static void tell(struct acceptor *a, enum crowded how, const char *client)
{
    uint64_t now = clock_now_us(), *told = &a->told_us[how];

    if (*told != 0 && now - *told < TELL_US)
        return;
    *told = now;
    log_line(a->shared->log, LOG_WARN, crowded_words[how], LOG_TEXT("client", client),
             LOG_NUMBER("connections", a->shared->count), LOG_NUMBER("most", a->most),
             LOG_NUMBER("most_per_client", a->most_per_client),
             LOG_TEXT("hint", "-maxconnections, -maxperclient and the limit of open files"));
}

// True: there is a place for one more. Those that are refused have places of their own: who is over
// its share and lingers would have everybody's.
static bool has_room(struct acceptor *a)
{
    const char *gone;

    if (a->shared->count - a->shared->refused < a->most)
        return true;
    gone = client_make_room(a->shared);
    if (gone)
        tell(a, ONE_CLOSED, gone);
    return gone != NULL;
}

static void admit(struct acceptor *a, int fd, const struct sockaddr *addr, const char *listener)
{
    struct client_shared *shared = a->shared;
    const char *refusal = NULL;
    struct share *share = NULL;
    struct peer peer;

    if (addr->sa_family != AF_UNIX)
        set_tcp(fd);
    peer_read(&peer, fd, addr);
    if (!has_room(a)) {
        tell(a, NONE_IDLE, "");
        refusal = "moonward: too many connections (-maxconnections, and the limit of open files)";
    } else {
        share = share_enter(shared->shares, &peer, listener, a->most_per_client);
        if (!share) {
            tell(a, ONE_CLIENT, peer.address);
            refusal = "moonward: too many connections from this client (-maxperclient)";
        }
    }
    if (refusal && shared->refused >= REFUSALS_MAX) {
        close(fd);
        return;
    }
    (void)client_new(shared, fd, &peer, listener, share, refusal);
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
    struct listening *l = arg;

    (void)what;
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
        socklen_t len = sizeof(addr);
        int client = accept4(fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (client >= 0) {
            admit(l->acceptor, client, (const struct sockaddr *)&addr, l->setting->name);
            continue;
        }
        if (errno == ECONNABORTED || errno == EINTR)
            continue;
        if ((errno == EMFILE || errno == ENFILE) &&
            (pool_shrink(l->acceptor->shared->tools.pool) || client_make_room(l->acceptor->shared)))
            continue;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            pause_accepting(l->acceptor);
        return;
    }
}

struct acceptor *acceptor_new(struct client_shared *shared, const int *listeners)
{
    const struct settings *settings = shared->settings;
    struct acceptor *a = calloc(1, sizeof(*a));

    if (!a)
        return NULL;
    a->shared = shared;
    a->most = most_connections(settings);
    a->most_per_client = most_per_client(settings, a->most);
    a->pause = event_new(shared->tools.base, -1, 0, on_pause_over, a);
    if (!a->pause) {
        acceptor_free(a);
        return NULL;
    }
    for (size_t i = 0; i < settings->listener_count; i++) {
        struct listening *l = &a->listening[i];

        l->acceptor = a;
        l->setting = &settings->listeners[i];
        l->event =
            event_new(shared->tools.base, listeners[i], EV_READ | EV_PERSIST, on_connection, l);
        if (!l->event) {
            acceptor_free(a);
            return NULL;
        }
        a->count++;
    }
    start(a);
    return a;
}

void acceptor_free(struct acceptor *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->count; i++)
        event_free(a->listening[i].event);
    if (a->pause)
        event_free(a->pause);
    free(a);
}
