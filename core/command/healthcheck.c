#include "command/commands.h"
#include "command/prepare.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

// The address is fixed, as in the program that users come from: two containers have a loopback
// each, and the probe needs no options.
#define HEALTH_PORT 55555
#define TIMEOUT_S   5

static const char question[] = "HEAD /health HTTP/1.1\r\nHost: localhost\r\n"
                               "Connection: close\r\n\r\n";

static int open_socket(struct err *err)
{
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons(HEALTH_PORT),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval timeout = { .tv_sec = TIMEOUT_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return err_errno(err, "socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
        return fd;

    int error = errno;

    close(fd);
    return err_set(err,
                   "nothing answers on 127.0.0.1:%d (%s): start moonward with -allowhealthcheck or "
                   "SP_ALLOWHEALTHCHECK=true, and run this in the same container",
                   HEALTH_PORT, strerror(error));
}

static int ask(int fd, char *answer, size_t size, struct err *err)
{
    size_t used = 0;

    if (send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(question) - 1)
        return err_errno(err, "asking for /health");
    while (used + 1 < size) {
        ssize_t n = recv(fd, answer + used, size - 1 - used, 0);

        if (n < 0)
            return err_set(err, "no answer for %d s on 127.0.0.1:%d", TIMEOUT_S, HEALTH_PORT);
        if (n == 0)
            break;
        used += (size_t)n;
    }
    answer[used] = '\0';
    return 0;
}

static int judge(const char *answer, struct err *err)
{
    if (strncmp(answer, "HTTP/1.1 200", 12) == 0)
        return 0;
    if (strncmp(answer, "HTTP/1.1 503", 12) == 0)
        return err_set(err, "moonward runs, but the engine cannot be reached; its log says why");
    return err_set(err, "what answers on 127.0.0.1:%d is not moonward: \"%.40s\"", HEALTH_PORT,
                   answer);
}

int healthcheck_run(const struct launch *launch)
{
    struct err err = { "" };
    char answer[256];
    int fd = -1;
    int status = -1;

    if (launch->argc > 0) {
        err_set(&err, "healthcheck takes no arguments");
        return prepare_complain(&err, 2);
    }
    fd = open_socket(&err);
    if (fd < 0)
        return prepare_complain(&err, 1);
    status = ask(fd, answer, sizeof(answer), &err);
    close(fd);
    if (status != 0 || judge(answer, &err) != 0)
        return prepare_complain(&err, 1);
    return 0;
}
