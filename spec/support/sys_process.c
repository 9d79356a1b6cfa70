// Processes and terminals, for the specs.
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 256

struct child {
    char *argv[MAX_WORDS + 1];
    char *env[MAX_WORDS + 1]; // "NAME=value" to set
    int fds[3];               // stdin, stdout, stderr; -1: /dev/null
    bool terminal;            // fds[0] is a terminal that becomes the child's own
    rlim_t files;             // RLIMIT_NOFILE; 0: as it is
    uid_t uid;                // 0: as it is
};

static void read_words(lua_State *L, const char *field, char **out)
{
    size_t n = 0;

    if (lua_getfield(L, 1, field) == LUA_TTABLE) {
        n = lua_rawlen(L, -1);
        luaL_argcheck(L, n <= MAX_WORDS, 1, "too many words");
        for (size_t i = 0; i < n; i++) {
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
            // The string lives as long as the table, which the caller holds.
            out[i] = (char *)(uintptr_t)luaL_checkstring(L, -1);
            lua_pop(L, 1);
        }
    }
    out[n] = NULL;
    lua_pop(L, 1);
}

static lua_Integer read_number(lua_State *L, const char *field, lua_Integer otherwise)
{
    lua_getfield(L, 1, field);

    lua_Integer n = luaL_optinteger(L, -1, otherwise);

    lua_pop(L, 1);
    return n;
}

static void set_descriptors(const struct child *child)
{
    int copies[3];

    // To numbers nobody has first: any of 0, 1 and 2 may be among ours.
    for (int i = 0; i < 3; i++) {
        int fd = child->fds[i] >= 0 ? child->fds[i] : open("/dev/null", O_RDWR);
        copies[i] = fcntl(fd, F_DUPFD, 3);
    }
    for (int i = 0; i < 3; i++)
        dup2(copies[i], i);
    for (int i = 3; i < 1024; i++)
        close(i);
}

_Noreturn static void become(const struct child *child, pid_t parent)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    set_descriptors(child);
    if (child->terminal)
        ioctl(0, TIOCSCTTY, 0);
    if (child->files > 0)
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){ child->files, child->files });
    for (char *const *e = child->env; *e; e++)
        putenv(*e);
    if (child->uid != 0 && (setgroups(0, NULL) < 0 || setuid(child->uid) < 0))
        _exit(126);
    // The specs may be killed at any moment; nothing they started outlives them.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    execvp(child->argv[0], child->argv);
    _exit(127);
}

// spawn{argv = {...}, env = {"A=b"}, stdin = fd, stdout = fd, stderr = fd, terminal = bool,
//       files = n, uid = n} -> pid
static int sys_spawn(lua_State *L)
{
    struct child child = { 0 };
    pid_t parent = getpid();
    pid_t pid;

    luaL_checktype(L, 1, LUA_TTABLE);
    read_words(L, "argv", child.argv);
    read_words(L, "env", child.env);
    luaL_argcheck(L, child.argv[0], 1, "no command");
    child.fds[0] = (int)read_number(L, "stdin", -1);
    child.fds[1] = (int)read_number(L, "stdout", -1);
    child.fds[2] = (int)read_number(L, "stderr", -1);
    child.files = (rlim_t)read_number(L, "files", 0);
    child.uid = (uid_t)read_number(L, "uid", 0);
    lua_getfield(L, 1, "terminal");
    child.terminal = lua_toboolean(L, -1);
    pid = fork();
    if (pid == 0)
        become(&child, parent);
    if (pid < 0)
        return luaL_error(L, "fork: %s", strerror(errno));
    lua_pushinteger(L, pid);
    return 1;
}

// wait(pid) -> exit code; nil, signal; or nothing while it runs
static int sys_wait(lua_State *L)
{
    int status;

    if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, WNOHANG) <= 0)
        return 0;
    if (WIFSIGNALED(status)) {
        lua_pushnil(L);
        lua_pushinteger(L, WTERMSIG(status));
        return 2;
    }
    lua_pushinteger(L, WEXITSTATUS(status));
    return 1;
}

static const struct {
    const char *name;
    int number;
} signals[] = {
    { "CONT", SIGCONT }, { "HUP", SIGHUP },   { "INT", SIGINT },   { "KILL", SIGKILL },
    { "NONE", 0 },       { "STOP", SIGSTOP }, { "TERM", SIGTERM }, { "WINCH", SIGWINCH },
};

// kill(pid, "TERM") -> true when there is such a process; a negative pid is a group
static int sys_kill(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);

    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        if (strcmp(signals[i].name, name) == 0) {
            lua_pushboolean(L, kill((pid_t)luaL_checkinteger(L, 1), signals[i].number) == 0);
            return 1;
        }
    return luaL_error(L, "no signal named %s", name);
}

// terminal(rows, columns) -> our side, the child's side
static int sys_terminal(lua_State *L)
{
    int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct winsize size = { .ws_row = (unsigned short)luaL_checkinteger(L, 1),
                            .ws_col = (unsigned short)luaL_checkinteger(L, 2) };
    int theirs;

    if (ours < 0 || grantpt(ours) < 0 || unlockpt(ours) < 0)
        return luaL_error(L, "no terminal: %s", strerror(errno));
    theirs = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (theirs < 0)
        return luaL_error(L, "no terminal: %s", strerror(errno));
    ioctl(theirs, TIOCSWINSZ, &size);
    lua_pushinteger(L, ours);
    lua_pushinteger(L, theirs);
    return 2;
}

static int sys_uid(lua_State *L)
{
    lua_pushinteger(L, geteuid());
    return 1;
}

static int sys_pid(lua_State *L)
{
    lua_pushinteger(L, getpid());
    return 1;
}

// setenv(name, value): for the programs that are started from now on.
static int sys_setenv(lua_State *L)
{
    setenv(luaL_checkstring(L, 1), luaL_checkstring(L, 2), 1);
    return 0;
}

void sys_add_processes(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "kill", sys_kill },         { "pid", sys_pid },
        { "setenv", sys_setenv },     { "spawn", sys_spawn },
        { "terminal", sys_terminal }, { "uid", sys_uid },
        { "wait", sys_wait },         { NULL, NULL },
    };

    luaL_setfuncs(L, functions, 0);
}
