// A client inside a container, led from outside: a static program without anything but itself.
//
//   door SOCKET [ADDRESS PORT PATH FILE]
//
// With four more words it first asks, as soon as it runs: GET PATH of ADDRESS PORT, and puts what
// is answered into FILE; FILE is there once the answer is complete. Then it listens at the Unix
// socket SOCKET, in a folder that is outside too. Who connects says where to: "tcp ADDRESS PORT",
// "tcp ADDRESS PORT FROM" (our own address), "unix PATH" or "far PATH" (the same, but a process of
// its own makes the connection, and then waits to be killed), and a line feed; the door answers
// "ok" or "no REASON" and a line feed, and from then on passes bytes on, both ways. SOCKET "-": it
// ends instead.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static int connected(int fd, const void *address, socklen_t size)
{
    if (fd >= 0 && connect(fd, address, size) == 0)
        return fd;
    if (fd >= 0) {
        int why = errno;

        close(fd);
        errno = why;
    }
    return -1;
}

// A socket with our own address 'from'; NULL: the kernel chooses.
static int socket_from(int family, const char *from)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    int fd = socket(family, SOCK_STREAM, 0);

    if (from && inet_pton(AF_INET, from, &v4.sin_addr) == 1)
        bind(fd, (struct sockaddr *)&v4, sizeof(v4));
    else if (from && inet_pton(AF_INET6, from, &v6.sin6_addr) == 1)
        bind(fd, (struct sockaddr *)&v6, sizeof(v6));
    return fd;
}

static int connect_tcp(const char *address, const char *port, const char *from)
{
    in_port_t number = htons((in_port_t)atoi(port));
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = number };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = number };

    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
        return connected(socket_from(AF_INET, from), &v4, sizeof(v4));
    if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
        return connected(socket_from(AF_INET6, from), &v6, sizeof(v6));
    errno = EINVAL;
    return -1;
}

static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    return address;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = unix_address(path);

    return connected(socket(AF_UNIX, SOCK_STREAM, 0), &address, sizeof(address));
}

// ---- asking at once

static void keep_answer(int from, const char *path)
{
    char name[256], data[4096];
    ssize_t n;

    snprintf(name, sizeof(name), "%s.part", path);

    FILE *out = fopen(name, "w");

    if (!out)
        return;
    while ((n = read(from, data, sizeof(data))) > 0)
        fwrite(data, 1, (size_t)n, out);
    fclose(out);
    rename(name, path);
}

#define TRIES 3000 // of a millisecond: the address may not be usable yet

static void ask(char **words)
{
    static const struct timespec nap = { .tv_nsec = 1000000 };
    char text[512];
    int fd = -1;

    for (int i = 0; i < TRIES && (fd = connect_tcp(words[0], words[1], NULL)) < 0; i++)
        nanosleep(&nap, NULL);
    if (fd < 0)
        return;

    int len = snprintf(text, sizeof(text),
                       "GET %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n", words[2]);

    if (write_all(fd, text, (size_t)len))
        keep_answer(fd, words[3]);
    close(fd);
}

// ---- passing on

static bool move(int from, int to)
{
    char data[16384];
    ssize_t n = read(from, data, sizeof(data));

    return n > 0 && write_all(to, data, (size_t)n);
}

// Both ways, until one ends; then the other hears of it, too.
static void pass(int a, int b)
{
    struct pollfd fds[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };

    while (poll(fds, 2, -1) > 0) {
        if ((fds[0].revents && !move(a, b)) || (fds[1].revents && !move(b, a)))
            return;
    }
}

// Connected by a process of its own, which stays until it is killed, or until we end.
static int connect_far(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), told[2], why = errno;

    if (fd < 0 || pipe(told) != 0)
        return -1;
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        why = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
        if (write(told[1], &why, sizeof(why)) == sizeof(why) && why == 0)
            pause();
        _exit(0);
    }
    close(told[1]);
    if (read(told[0], &why, sizeof(why)) != sizeof(why))
        why = ECHILD;
    close(told[0]);
    errno = why;
    return why == 0 ? fd : -1;
}

static bool read_line(int fd, char *line, size_t size)
{
    for (size_t len = 0; len + 1 < size; len++) {
        if (read(fd, line + len, 1) != 1)
            return false;
        if (line[len] == '\n') {
            line[len] = '\0';
            return true;
        }
    }
    return false;
}

static void serve(int fd)
{
    char line[256], answer[128], first[200], second[16], third[64];
    int there = -1;

    if (!read_line(fd, line, sizeof(line)))
        return;
    errno = EINVAL;
    int words = sscanf(line, "tcp %199s %15s %63s", first, second, third);
    if (words >= 2)
        there = connect_tcp(first, second, words == 3 ? third : NULL);
    else if (sscanf(line, "unix %199s", first) == 1)
        there = connect_unix(first);
    else if (sscanf(line, "far %199s", first) == 1)
        there = connect_far(first);
    snprintf(answer, sizeof(answer), there < 0 ? "no %s\n" : "ok\n", strerror(errno));
    if (write_all(fd, answer, strlen(answer)) && there >= 0)
        pass(fd, there);
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 6)
        return 2;
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    if (argc == 6)
        ask(argv + 2);
    if (strcmp(argv[1], "-") == 0)
        return 0;

    // Under another name first: at its own it can be connected to from the first moment. One of an
    // earlier run of this container may be there.
    char early[sizeof(((struct sockaddr_un *)0)->sun_path)];

    snprintf(early, sizeof(early), "%.100s.new", argv[1]);

    struct sockaddr_un address = unix_address(early);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    unlink(early);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 64) < 0 ||
        rename(early, argv[1]) != 0)
        return 1;
    for (;;) {
        int client = accept(fd, NULL, NULL);

        if (client >= 0 && fork() == 0) {
            close(fd);
            serve(client);
            return 0;
        }
        close(client);
    }
}
