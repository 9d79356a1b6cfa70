// peer: who is at the other end of an accepted connection.
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct peer {
    char address[INET6_ADDRSTRLEN + 20]; // "10.0.0.7", "fe80::1%eth0"; "" on a Unix socket
    unsigned port;
    // When the connection was made, or somewhat earlier, by the wall clock: however long it has
    // waited for accept4(), and whatever the client has sent since. 0: the kernel does not say. Of
    // a Unix socket it never does; there it is the process that counts.
    uint64_t connected_us;
    uint64_t connected_by_us; // and this, or somewhat later: the two are some ms apart
    bool has_credentials;     // a Unix socket's peer, as the kernel saw it connect
    pid_t pid;                // 0: not visible from our pid namespace
    uid_t uid;
    gid_t gid;
};

// 'addr' is what accept4() said just now. IPv4-mapped addresses come out as IPv4.
void peer_read(struct peer *peer, int fd, const struct sockaddr *addr);
