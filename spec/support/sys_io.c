// Files, sockets and waiting, for the specs.
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int fail(lua_State *L, const char *what)
{
    lua_pushnil(L);
    lua_pushstring(L, errno == EAGAIN || errno == EINPROGRESS ? "again" : strerror(errno));
    lua_pushstring(L, what);
    return 3;
}

static int done(lua_State *L, int result, const char *what)
{
    if (result < 0)
        return fail(L, what);
    lua_pushinteger(L, result);
    return 1;
}

static int check_fd(lua_State *L, int arg)
{
    return (int)luaL_checkinteger(L, arg);
}

// now() -> seconds since some point in the past
static int sys_now(lua_State *L)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
    return 1;
}

// wall() -> seconds since 1970, UTC
static int sys_wall(lua_State *L)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
    return 1;
}

#define MAX_POLLED 4096

// poll({fd, ...}, {"r" | "w" | "rw", ...}, seconds) -> {true or false, ...}
static int sys_poll(lua_State *L)
{
    size_t n = lua_rawlen(L, 1);
    struct pollfd *fds;

    luaL_argcheck(L, n <= MAX_POLLED, 1, "too many descriptors");
    fds = lua_newuserdatauv(L, sizeof(*fds) * (n + 1), 0);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        const char *want = luaL_checkstring(L, -1);
        fds[i].fd = (int)luaL_checkinteger(L, -2);
        fds[i].events =
            (short)((strchr(want, 'r') ? POLLIN : 0) | (strchr(want, 'w') ? POLLOUT : 0));
        lua_pop(L, 2);
    }
    if (poll(fds, n, (int)(luaL_checknumber(L, 3) * 1000)) < 0 && errno != EINTR)
        return fail(L, "poll");
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushboolean(L, fds[i].revents != 0);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

// read(fd, size) -> bytes, "" at the end; nil, "again" or what went wrong
static int sys_read(lua_State *L)
{
    size_t size = (size_t)luaL_checkinteger(L, 2);
    luaL_Buffer b;
    char *space = luaL_buffinitsize(L, &b, size);
    ssize_t n = read(check_fd(L, 1), space, size);

    if (n < 0)
        return fail(L, "read");
    luaL_pushresultsize(&b, (size_t)n);
    return 1;
}

// write(fd, bytes, from) -> how many were taken; nil, "again" or what went wrong
static int sys_write(lua_State *L)
{
    size_t len;
    const char *data = luaL_checklstring(L, 2, &len);
    size_t from = (size_t)luaL_optinteger(L, 3, 1) - 1;
    int fd = check_fd(L, 1);
    ssize_t n;

    luaL_argcheck(L, from <= len, 3, "past the end");
    n = send(fd, data + from, len - from, MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK)
        n = write(fd, data + from, len - from);
    return done(L, (int)n, "write");
}

static int sys_close(lua_State *L)
{
    return done(L, close(check_fd(L, 1)), "close");
}

// shutdown(fd): no more bytes will be written
static int sys_shutdown(lua_State *L)
{
    return done(L, shutdown(check_fd(L, 1), SHUT_WR), "shutdown");
}

// reset(fd): closes a TCP connection with RST
static int sys_reset(lua_State *L)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(check_fd(L, 1), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    return sys_close(L);
}

// narrow(fd, bytes): a small receive buffer, so that a reader that stalls is felt soon
static int sys_narrow(lua_State *L)
{
    int size = (int)luaL_checkinteger(L, 2);

    return done(L, setsockopt(check_fd(L, 1), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)),
                "narrow");
}

static int quiet_fd(lua_State *L, int fd)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return fail(L, "fcntl");
    lua_pushinteger(L, fd);
    return 1;
}

// pipe() -> end to read, end to write
static int sys_pipe(lua_State *L)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail(L, "pipe");
    lua_pushinteger(L, ends[0]);
    lua_pushinteger(L, ends[1]);
    return 2;
}

// nonblock(fd)
static int sys_nonblock(lua_State *L)
{
    return quiet_fd(L, check_fd(L, 1));
}

// open(path, "r" | "w" | "a")
static int sys_open(lua_State *L)
{
    const char *mode = luaL_checkstring(L, 2);
    int flags = *mode == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | (*mode == 'a' ? O_APPEND : O_TRUNC);

    return done(L, open(luaL_checkstring(L, 1), flags | O_CLOEXEC, 0644), "open");
}

static void unix_name(lua_State *L, int arg, struct sockaddr_un *out)
{
    size_t len;
    const char *path = luaL_checklstring(L, arg, &len);

    luaL_argcheck(L, len < sizeof(out->sun_path), arg, "path too long for a socket");
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(out->sun_path, path, len);
}

static struct addrinfo *tcp_name(lua_State *L, const char *host, const char *port)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;

    if (getaddrinfo(host, port, &hints, &found) != 0)
        luaL_error(L, "not an address: %s port %s", host, port);
    return found;
}

// listen_unix(path) -> fd
static int sys_listen_unix(lua_State *L)
{
    struct sockaddr_un name;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    unix_name(L, 1, &name);
    if (bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 1024) < 0) {
        int n = fail(L, "listen");
        close(fd);
        return n;
    }
    return quiet_fd(L, fd);
}

// listen_tcp(host, port) -> fd, port
static int sys_listen_tcp(lua_State *L)
{
    struct addrinfo *at = tcp_name(L, luaL_checkstring(L, 1), luaL_checkstring(L, 2));
    int fd = socket(at->ai_family, SOCK_STREAM, 0);
    int on = 1;
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    int bad;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    bad = bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, 1024) < 0 ||
          getsockname(fd, (struct sockaddr *)&name, &len) < 0;
    freeaddrinfo(at);
    if (bad) {
        int n = fail(L, "listen");
        close(fd);
        return n;
    }
    quiet_fd(L, fd);
    lua_pushinteger(L, ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
                                                        : ((struct sockaddr_in *)&name)->sin_port));
    return 2;
}

// accept(fd) -> fd
static int sys_accept(lua_State *L)
{
    int fd = accept(check_fd(L, 1), NULL, NULL);

    return fd < 0 ? fail(L, "accept") : quiet_fd(L, fd);
}

static int connected(lua_State *L, int fd, const struct sockaddr *name, socklen_t len)
{
    if (connect(fd, name, len) < 0) {
        int n = fail(L, "connect");
        close(fd);
        return n;
    }
    return quiet_fd(L, fd);
}

// connect_unix(path) -> fd
static int sys_connect_unix(lua_State *L)
{
    struct sockaddr_un name;

    unix_name(L, 1, &name);
    return connected(L, socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof(name));
}

// connect_tcp(host, port [, from]) -> fd
static int sys_connect_tcp(lua_State *L)
{
    struct addrinfo *at = tcp_name(L, luaL_checkstring(L, 1), luaL_checkstring(L, 2));
    struct sockaddr_storage name;
    socklen_t len = at->ai_addrlen;
    int fd = socket(at->ai_family, SOCK_STREAM, 0);
    int on = 1;

    memcpy(&name, at->ai_addr, len);
    freeaddrinfo(at);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (!lua_isnoneornil(L, 3)) {
        struct addrinfo *from = tcp_name(L, luaL_checkstring(L, 3), "0");
        int bad = bind(fd, from->ai_addr, from->ai_addrlen) < 0;
        freeaddrinfo(from);
        if (bad) {
            int n = fail(L, "bind");
            close(fd);
            return n;
        }
    }
    return connected(L, fd, (struct sockaddr *)&name, len);
}

// stat(path) -> {kind, mode, uid, gid, size}
static int sys_stat(lua_State *L)
{
    struct stat st;

    if (lstat(luaL_checkstring(L, 1), &st) < 0)
        return fail(L, "stat");
    lua_newtable(L);
    lua_pushstring(L, S_ISSOCK(st.st_mode)  ? "socket"
                      : S_ISDIR(st.st_mode) ? "directory"
                      : S_ISREG(st.st_mode) ? "file"
                                            : "other");
    lua_setfield(L, -2, "kind");
    lua_pushinteger(L, st.st_mode & 07777);
    lua_setfield(L, -2, "mode");
    lua_pushinteger(L, st.st_uid);
    lua_setfield(L, -2, "uid");
    lua_pushinteger(L, st.st_gid);
    lua_setfield(L, -2, "gid");
    lua_pushinteger(L, (lua_Integer)st.st_size);
    lua_setfield(L, -2, "size");
    return 1;
}

// chmod(path, mode)
static int sys_chmod(lua_State *L)
{
    return done(L, chmod(luaL_checkstring(L, 1), (mode_t)luaL_checkinteger(L, 2)), "chmod");
}

// chown(path, uid, gid)
static int sys_chown(lua_State *L)
{
    return done(L,
                chown(luaL_checkstring(L, 1), (uid_t)luaL_checkinteger(L, 2),
                      (gid_t)luaL_checkinteger(L, 3)),
                "chown");
}

// mkdtemp(template) -> path
static int sys_mkdtemp(lua_State *L)
{
    char path[256];

    snprintf(path, sizeof(path), "%s", luaL_checkstring(L, 1));
    if (!mkdtemp(path))
        return fail(L, "mkdtemp");
    lua_pushstring(L, path);
    return 1;
}

static const luaL_Reg functions[] = {
    { "accept", sys_accept },
    { "chmod", sys_chmod },
    { "chown", sys_chown },
    { "close", sys_close },
    { "connect_tcp", sys_connect_tcp },
    { "connect_unix", sys_connect_unix },
    { "listen_tcp", sys_listen_tcp },
    { "listen_unix", sys_listen_unix },
    { "mkdtemp", sys_mkdtemp },
    { "narrow", sys_narrow },
    { "nonblock", sys_nonblock },
    { "now", sys_now },
    { "wall", sys_wall },
    { "open", sys_open },
    { "pipe", sys_pipe },
    { "poll", sys_poll },
    { "read", sys_read },
    { "reset", sys_reset },
    { "shutdown", sys_shutdown },
    { "stat", sys_stat },
    { "write", sys_write },
    { NULL, NULL },
};

int luaopen_sys(lua_State *L)
{
    luaL_newlib(L, functions);
    sys_add_processes(L);
    return 1;
}
