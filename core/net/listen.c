#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

// What errno means, and what to do about it.
static int cannot(const char *name, const char *advice, struct err *err)
{
    struct err why;

    err_errno(&why, name);
    return err_set(err, "%.300s%s%.200s", why.text, advice[0] ? "; " : "", advice);
}

// A socket that somebody still listens on is not stale.
static bool is_alive(const struct sockaddr_un *addr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return false;

    bool alive = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN;

    close(fd);
    return alive;
}

static int remove_stale(const struct sockaddr_un *addr, struct err *err)
{
    const char *path = addr->sun_path;
    struct stat st;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : err_errno(err, path);
    if (S_ISDIR(st.st_mode))
        return err_set(err,
                       "%s exists and is not a socket but a directory; name a file in it, as in "
                       "%s/docker.sock",
                       path, path);
    if (!S_ISSOCK(st.st_mode))
        return err_set(err, "%s exists and is not a socket; remove it or choose another path",
                       path);
    if (is_alive(addr))
        return err_set(err,
                       "%s: another program listens on this socket; stop it or choose another path",
                       path);
    if (unlink(path) != 0)
        return err_errno(err, path);
    return 0;
}

static const char *path_advice(int error)
{
    switch (error) {
    case ENOENT:
        return "make its folder first";
    case EACCES:
        return "moonward's user may not write into its folder; give it the folder, or another "
               "user:";
    default:
        return "";
    }
}

// The name appears with bind(), but nobody can connect before listen(): what is set in between
// holds from the first moment. No step follows a link that somebody may have put in its place: the
// mode is the socket's before it has a name (unix(7): the mask counts, so there is none for a
// moment), and the owner is set on the name itself.
static int bind_with_rights(int fd, const struct sockaddr_un *addr,
                            const struct listen_unix *wanted, struct err *err)
{
    if (fchmod(fd, wanted->mode) != 0)
        return err_errno(err, wanted->path);

    mode_t old = umask(0);
    int bound = bind(fd, (const struct sockaddr *)addr, sizeof(*addr));

    umask(old);
    if (bound != 0)
        return cannot(wanted->path, path_advice(errno), err);
    if (lchown(wanted->path, wanted->owner, wanted->group) != 0) {
        cannot(wanted->path,
               errno == EPERM ? "owner= is for root alone, group= for members of the group" : "",
               err);
    } else if (listen(fd, BACKLOG) != 0) {
        err_errno(err, wanted->path);
    } else {
        return 0;
    }
    unlink(wanted->path);
    return -1;
}

int listen_unix_open(const struct listen_unix *wanted, struct err *err)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    size_t len = strlen(wanted->path);

    if (len >= sizeof(addr.sun_path))
        return err_set(err, "%s: the path of a socket has at most %zu bytes", wanted->path,
                       sizeof(addr.sun_path) - 1);
    memcpy(addr.sun_path, wanted->path, len + 1);
    if (remove_stale(&addr, err) != 0)
        return -1;

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return err_errno(err, "socket");
    if (bind_with_rights(fd, &addr, wanted, err) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static const char *address_advice(int error)
{
    switch (error) {
    case EAFNOSUPPORT:
        return "this host has no IPv6; 0.0.0.0 is all of IPv4";
    case EADDRINUSE:
        return "another program listens there; `ss -ltnp` names it";
    case EADDRNOTAVAIL:
        return "this host has no such address (`ip address` lists them); 0.0.0.0 is all of IPv4";
    case EACCES:
        return "low ports are for root; choose one from 1024 on";
    default:
        return "";
    }
}

static socklen_t read_address(const char *ip, unsigned port, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, ip, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        return sizeof(*v4);
    }
    if (inet_pton(AF_INET6, ip, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        return sizeof(*v6);
    }
    return 0;
}

int listen_tcp_open(const char *ip, unsigned port, struct err *err)
{
    struct sockaddr_storage addr;
    socklen_t len = read_address(ip, port, &addr);
    int on = 1, off = 0;
    char name[80];

    if (len == 0)
        return err_set(err, "%s is not an IP address", ip);
    (void)snprintf(name, sizeof(name), strchr(ip, ':') ? "[%s]:%u" : "%s:%u", ip, port);

    int fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return cannot(name, address_advice(errno), err);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (addr.ss_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, (struct sockaddr *)&addr, len) != 0 || listen(fd, BACKLOG) != 0) {
        cannot(name, address_advice(errno), err);
        close(fd);
        return -1;
    }
    return fd;
}
