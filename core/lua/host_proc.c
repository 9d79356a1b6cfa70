// What lualib learns of processes: which control groups they are in, and when they began. The texts
// are read by lualib/moonward/cgroup.lua.
#include "base/clock.h"
#include "lua/host_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_READ    (16u << 10)
#define CGROUP_MAX    (64u << 10)
#define MOUNTINFO_MAX (1u << 20)
#ifndef SO_PEERPIDFD // of Linux 6.5
#define SO_PEERPIDFD 77
#endif
#define STARTED_FIELD 22 // of /proc/PID/stat, see proc(5)

// Reads at most 'size' bytes. Returns how many, or -1.
static ssize_t read_file(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;

    if (fd < 0)
        return -1;
    while (used < size) {
        ssize_t n = read(fd, out + used, size - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            close(fd);
            return -1;
        }
        if (n == 0)
            break;
        used += (size_t)n;
    }
    close(fd);
    return (ssize_t)used;
}

// Pushes the text of a file, its beginning if it is longer than 'max'; or nil. No file is open
// while memory is asked for, which may raise an error.
static void push_file(lua_State *L, const char *path, size_t max)
{
    for (size_t size = FIRST_READ;; size *= 4) {
        char *text = lua_newuserdatauv(L, size, 0);
        ssize_t n = read_file(path, text, size);

        if (n == (ssize_t)size && size < max) {
            lua_pop(L, 1);
            continue;
        }
        if (n < 0)
            lua_pushnil(L);
        else
            lua_pushlstring(L, text, (size_t)n);
        lua_remove(L, -2);
        return;
    }
}

// Clock ticks after boot. The command's name, in parentheses, may hold anything.
static bool read_started(pid_t pid, unsigned long long *ticks)
{
    char path[64], text[1024];
    ssize_t n;
    char *at;

    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    n = read_file(path, text, sizeof(text) - 1);
    if (n <= 0)
        return false;
    text[n] = '\0';
    at = strrchr(text, ')'); // ends the second field
    for (int field = 2; at && field < STARTED_FIELD; field++) {
        at = strchr(at + 1, ' ');
    }
    if (!at)
        return false;
    errno = 0;
    *ticks = strtoull(at + 1, NULL, 10);
    return errno == 0;
}

// In microseconds since 1970, rounded down to a tick.
static lua_Integer wall_of_ticks(unsigned long long ticks)
{
    struct timespec boot;
    lua_Integer since_boot;
    long hz = sysconf(_SC_CLK_TCK);

    (void)clock_gettime(CLOCK_BOOTTIME, &boot);
    since_boot = (lua_Integer)boot.tv_sec * 1000000 + boot.tv_nsec / 1000;
    return (lua_Integer)clock_wall_us() - since_boot +
           (lua_Integer)(ticks * (1000000ULL / (unsigned long long)(hz > 0 ? hz : 100)));
}

// Whether the process at the other end of a socket has ended, so that its number may be another's.
// Kernels before 6.5 cannot tell.
static bool has_ended(int socket)
{
    struct pollfd fd = { .fd = -1, .events = POLLIN };
    socklen_t len = sizeof(fd.fd);
    bool ended;

    if (socket < 0)
        return false;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd.fd, &len) != 0)
        return errno != ENOPROTOOPT && errno != EOPNOTSUPP;
    ended = poll(&fd, 1, 0) != 0;
    close(fd.fd);
    return ended;
}

// process(pid, socket) -> text of its cgroup file, when it began; or nil when there is no such
// process, or another has its number by now, as far as can be told. 'socket' is -1 or what it
// connected to.
static int native_process(lua_State *L)
{
    pid_t pid = (pid_t)luaL_checkinteger(L, 1);
    int socket = (int)luaL_checkinteger(L, 2);
    unsigned long long before = 0, after = 0;
    char path[64];

    purity_break(L, "client", "pid");
    if (pid <= 0 || !read_started(pid, &before))
        return 0;
    snprintf(path, sizeof(path), "/proc/%ld/cgroup", (long)pid);
    push_file(L, path, CGROUP_MAX);
    if (lua_isnil(L, -1) || !read_started(pid, &after) || before != after || has_ended(socket))
        return 0;
    lua_pushinteger(L, wall_of_ticks(before));
    return 2;
}

// own_process() -> texts of this process's cgroup and mountinfo files, and the name of the host
static int native_own_process(lua_State *L)
{
    char name[256] = "";

    purity_break(L, "", "the process that moonward is");
    (void)gethostname(name, sizeof(name) - 1);
    push_file(L, "/proc/self/cgroup", CGROUP_MAX);
    push_file(L, "/proc/self/mountinfo", MOUNTINFO_MAX);
    lua_pushstring(L, name);
    return 3;
}

static const luaL_Reg functions[] = {
    { "own_process", native_own_process },
    { "process", native_process },
    { NULL, NULL },
};

void host_proc_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
