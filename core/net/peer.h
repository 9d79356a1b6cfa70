// peer: who is at the other end of an accepted connection.
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

struct peer {
    char address[INET6_ADDRSTRLEN + 20]; // "10.0.0.7", "fe80::1%eth0"; "" on a Unix socket
    unsigned port;
    bool has_credentials; // a Unix socket's peer, as the kernel saw it connect
    pid_t pid;            // 0: not visible from our pid namespace
    uid_t uid;
    gid_t gid;
};

// 'addr' is what accept4() said. IPv4-mapped addresses come out as IPv4.
void peer_read(struct peer *peer, int fd, const struct sockaddr *addr);
