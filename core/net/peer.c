#include "net/peer.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDED_US 1000 // of a number of milliseconds

static void read_v6(struct peer *peer, const struct sockaddr_in6 *a)
{
    char zone[IF_NAMESIZE];
    size_t len;

    peer->port = ntohs(a->sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&a->sin6_addr)) {
        (void)inet_ntop(AF_INET, &a->sin6_addr.s6_addr[12], peer->address, sizeof(peer->address));
        return;
    }
    (void)inet_ntop(AF_INET6, &a->sin6_addr, peer->address, sizeof(peer->address));
    if (a->sin6_scope_id == 0)
        return;
    len = strlen(peer->address);
    if (if_indextoname(a->sin6_scope_id, zone))
        (void)snprintf(peer->address + len, sizeof(peer->address) - len, "%%%s", zone);
    else
        (void)snprintf(peer->address + len, sizeof(peer->address) - len, "%%%u", a->sin6_scope_id);
}

static void read_unix(struct peer *peer, int fd)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
        return;
    peer->has_credentials = true;
    peer->pid = cred.pid;
    peer->uid = cred.uid;
    peer->gid = cred.gid;
}

static uint64_t us_of(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

// A connection that waits in the listener's queue has sent no data: what counts as the moment of
// its last sending is when the handshake made it (net/ipv4/tcp_minisocks.c,
// tcp_create_openreq_child), and nothing that the client does afterwards moves it, as it does move
// tcpi_last_data_recv and tcpi_last_ack_recv. It is counted in ticks, as is the coarse clock; read
// before, that clock says when the last tick was, or one before it.
static void read_moment(struct peer *peer, int fd)
{
    struct timespec tick, length, now;
    struct tcp_info info = { 0 };
    socklen_t len = sizeof(info);
    uint64_t wall, age;

    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &tick) != 0 ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        len < offsetof(struct tcp_info, tcpi_last_data_sent) + sizeof(info.tcpi_last_data_sent) ||
        clock_gettime(CLOCK_MONOTONIC, &now) != 0 ||
        clock_getres(CLOCK_MONOTONIC_COARSE, &length) != 0)
        return;
    wall = clock_wall_us();
    age = (uint64_t)info.tcpi_last_data_sent * 1000 + (us_of(now) - us_of(tick)) + ROUNDED_US;
    if (age >= wall)
        return;
    peer->connected_us = wall - age;
    peer->connected_by_us = peer->connected_us + us_of(length) + 2 * ROUNDED_US;
}

void peer_read(struct peer *peer, int fd, const struct sockaddr *addr)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;

    memset(peer, 0, sizeof(*peer));
    if (addr->sa_family == AF_INET || addr->sa_family == AF_INET6)
        read_moment(peer, fd);
    switch (addr->sa_family) {
    case AF_INET:
        peer->port = ntohs(v4->sin_port);
        (void)inet_ntop(AF_INET, &v4->sin_addr, peer->address, sizeof(peer->address));
        break;
    case AF_INET6:
        read_v6(peer, (const struct sockaddr_in6 *)addr);
        break;
    case AF_UNIX:
        read_unix(peer, fd);
        break;
    default:
        break;
    }
}
