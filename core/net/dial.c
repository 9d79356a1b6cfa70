#include "net/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int dial(int fd, const struct sockaddr *addr, socklen_t len, bool *connecting)
{
    *connecting = false;
    if (connect(fd, addr, len) == 0)
        return fd;
    if (errno == EINPROGRESS) {
        *connecting = true;
        return fd;
    }

    int error = errno;

    close(fd);
    errno = error;
    return -1;
}

int dial_unix(const char *path, bool *connecting)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    size_t len = strlen(path);

    if (len >= sizeof(addr.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(addr.sun_path, path, len + 1);

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    return dial(fd, (const struct sockaddr *)&addr, sizeof(addr), connecting);
}

int dial_address(const struct sockaddr *addr, socklen_t len, bool *connecting)
{
    int on = 1;
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    return dial(fd, addr, len, connecting);
}

// What lets a user in whom the socket's mode keeps out: the group helps only where the group may
// write, and nothing but the owner where only the owner may.
static void explain_denied(const char *path, const struct stat *st, struct err *err)
{
    char advice[160];

    if (st->st_mode & S_IWGRP)
        (void)snprintf(advice, sizeof(advice),
                       "in a compose file add `group_add: [\"%u\"]` or `user: \"%u:%u\"`",
                       st->st_gid, geteuid(), st->st_gid);
    else if (st->st_mode & S_IWUSR)
        (void)snprintf(advice, sizeof(advice),
                       "only its owner may connect: in a compose file set `user: \"%u:%u\"`",
                       st->st_uid, st->st_gid);
    else
        (void)snprintf(advice, sizeof(advice),
                       "nobody but root may connect to a socket of that mode");
    err_set(
        err,
        "permission denied: the engine's socket %s belongs to user %u, group %u, mode %04o, and "
        "moonward runs as user %u, group %u; %s",
        path, st->st_uid, st->st_gid, st->st_mode & 07777, geteuid(), getegid(), advice);
}

static void explain_missing(const char *path, int error, struct err *err)
{
    if (error == EACCES)
        err_set(err,
                "permission denied: moonward may not look into the directory of the engine's "
                "socket %s",
                path);
    else if (error == ENOENT)
        err_set(err,
                "the engine's socket %s does not exist; start the engine, or mount its socket "
                "there (`-v /var/run/docker.sock:%s`)",
                path, path);
    else
        err_set(err, "cannot reach the engine at %s: %s", path, strerror(error));
}

// What lies there counts before what connect() said: a directory is one, whoever may write to it.
void dial_explain_unix(const char *path, int error, struct err *err)
{
    struct stat st;

    if (error == ENOENT || stat(path, &st) != 0)
        explain_missing(path, error == ENOENT ? error : errno, err);
    else if (S_ISDIR(st.st_mode))
        err_set(err,
                "%s is a directory and no socket: Docker makes one when the file to mount does not "
                "exist; remove it and start the container again",
                path);
    else if (!S_ISSOCK(st.st_mode))
        err_set(err, "%s is not a socket; -socketpath must name the engine's socket", path);
    else if (error == EACCES || error == EPERM)
        explain_denied(path, &st, err);
    else if (error == ECONNREFUSED)
        err_set(
            err,
            "nobody listens on the engine's socket %s: the engine is stopped, or it was started "
            "anew and this container still has the old socket (mount the socket's directory "
            "and not the file, or restart this container)",
            path);
    else
        err_set(err, "cannot reach the engine at %s: %s", path, strerror(error));
}

void dial_explain_tcp(const char *host, unsigned port, int error, struct err *err)
{
    if (error == ECONNREFUSED)
        err_set(err, "nobody listens at %s, port %u: is the engine, or the proxy there, running?",
                host, port);
    else
        err_set(err, "cannot reach the engine at %s, port %u: %s", host, port, strerror(error));
}
