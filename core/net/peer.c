#include "net/peer.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

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

void peer_read(struct peer *peer, int fd, const struct sockaddr *addr)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;

    memset(peer, 0, sizeof(*peer));
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
