// Two clients of one moonward: one that only wants an answer now and then, and one that wants all.
//
//   rival victim PORT COUNT PATH         asks so often, 2 ms apart, on one connection from
//   127.0.0.1:
//                                        "P50 P99" in microseconds
//   rival pipeline PORT CONNECTIONS FILE sends the file's bytes again and again on each connection
//                                        and reads what comes, from 127.0.0.2, until it is killed
//   rival mute ADDRESS                   a name server that never answers
//   rival idle PORT CONNECTIONS          holds connections from 127.0.0.2 and asks nothing; makes
//                                        those anew that are closed
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define COUNT_MAX       100000

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int dial(const char *port, const char *from)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_addr = { htonl(INADDR_LOOPBACK) },
                              .sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
    struct sockaddr_in own = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    if (fd < 0 || inet_pton(AF_INET, from, &own.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&own, sizeof(own)) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        fail(port);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

// --- who only wants an answer --------------------------------------------------------------------

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

// Reads one answer, which is a chunked one or has a length and fits the buffer.
static void read_answer(int fd)
{
    static char data[64 << 10];
    size_t len = 0;

    for (;;) {
        ssize_t n = read(fd, data + len, sizeof(data) - 1 - len);

        if (n <= 0)
            fail("victim: no answer");
        len += (size_t)n;
        data[len] = '\0';

        const char *end = strstr(data, "\r\n\r\n");
        const char *length = strstr(data, "Content-Length: ");

        if (!end)
            continue;
        if (strncmp(data, "HTTP/1.1 200", 12) != 0) {
            fprintf(stderr, "victim: %s\n", data);
            exit(1);
        }
        if (length && length < end) {
            if (len >= (size_t)(end + 4 - data) + strtoul(length + 16, NULL, 10))
                return;
        } else if (len >= 5 && memcmp(data + len - 5, "0\r\n\r\n", 5) == 0) {
            return;
        }
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void victim(const char *port, size_t count, const char *path)
{
    static uint32_t took[COUNT_MAX];
    char request[1024];
    int len = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: d\r\n\r\n", path);
    int fd = dial(port, "127.0.0.1");

    if (count == 0 || count > COUNT_MAX)
        exit(2);
    for (size_t i = 0; i < count; i++) {
        uint64_t start = now_us();

        if (write(fd, request, (size_t)len) != len)
            fail("victim");
        read_answer(fd);
        took[i] = (uint32_t)(now_us() - start);
        usleep(2000);
    }
    qsort(took, count, sizeof(*took), by_size);
    printf("%u %u\n", took[count / 2], took[count * 99 / 100]);
}

// --- who wants all -------------------------------------------------------------------------------

static char *read_file(const char *path, size_t *len)
{
    int fd = open(path, O_RDONLY);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    char *data = size <= 0 ? NULL : malloc((size_t)size);

    if (!data || pread(fd, data, (size_t)size, 0) != size)
        fail(path);
    close(fd);
    *len = (size_t)size;
    return data;
}

static void unblock(int fd)
{
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

_Noreturn static void pipeline(const char *port, size_t count, const char *path)
{
    static char answers[256 << 10];
    static struct pollfd polled[CONNECTIONS_MAX];
    static size_t at[CONNECTIONS_MAX];
    size_t len;
    const char *data = read_file(path, &len);

    for (size_t i = 0; i < count; i++) {
        polled[i] = (struct pollfd){ .fd = dial(port, "127.0.0.2"), .events = POLLIN | POLLOUT };
        unblock(polled[i].fd);
    }
    for (;;) {
        if (poll(polled, count, -1) < 0)
            fail("poll");
        for (size_t i = 0; i < count; i++) {
            ssize_t n = 1;

            if (polled[i].revents & (POLLIN | POLLHUP | POLLERR))
                n = read(polled[i].fd, answers, sizeof(answers));
            if (n == 0 || (n < 0 && errno != EAGAIN)) { // closed: another one
                close(polled[i].fd);
                polled[i].fd = dial(port, "127.0.0.2");
                unblock(polled[i].fd);
                at[i] = 0;
                usleep(1000);
                continue;
            }
            if (!(polled[i].revents & POLLOUT))
                continue;
            n = write(polled[i].fd, data + at[i], len - at[i]);
            if (n > 0)
                at[i] = (at[i] + (size_t)n) % len;
        }
    }
}

_Noreturn static void idle(const char *port, size_t count)
{
    static struct pollfd polled[CONNECTIONS_MAX];
    char data[4096];

    for (size_t i = 0; i < count; i++)
        polled[i] = (struct pollfd){ .fd = dial(port, "127.0.0.2"), .events = POLLIN };
    for (;;) {
        if (poll(polled, count, -1) < 0)
            fail("poll");
        for (size_t i = 0; i < count; i++) {
            if (!polled[i].revents || read(polled[i].fd, data, sizeof(data)) > 0)
                continue;
            close(polled[i].fd);
            usleep(1000);
            polled[i].fd = dial(port, "127.0.0.2");
        }
    }
}

_Noreturn static void mute(const char *address)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(53) };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    char query[512];

    if (fd < 0 || inet_pton(AF_INET, address, &own.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&own, sizeof(own)) != 0)
        fail(address);
    for (;;)
        (void)!read(fd, query, sizeof(query));
}

int main(int argc, char **argv)
{
    size_t count = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;

    if (argc == 3 && strcmp(argv[1], "mute") == 0)
        mute(argv[2]);
    if (argc == 5 && strcmp(argv[1], "victim") == 0) {
        victim(argv[2], count, argv[4]);
        return 0;
    }
    if (count > 0 && count <= CONNECTIONS_MAX) {
        if (argc == 5 && strcmp(argv[1], "pipeline") == 0)
            pipeline(argv[2], count, argv[4]);
        if (argc == 4 && strcmp(argv[1], "idle") == 0)
            idle(argv[2], count);
    }
    fprintf(stderr, "usage: rival victim PORT COUNT PATH | rival pipeline PORT CONNECTIONS FILE"
                    " | rival idle PORT CONNECTIONS | rival mute ADDRESS\n");
    return 2;
}
