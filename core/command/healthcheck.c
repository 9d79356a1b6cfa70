#include "command/commands.h"
#include "command/complaint.h"
#include "config/option.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TIMEOUT_S 5

static const char question[] = "HEAD /health HTTP/1.1\r\nHost: localhost\r\n"
                               "Connection: close\r\n\r\n";

// What counts of the options; the rest is the proxy's. A container's health check has the variables
// of its container, and none of its arguments.
struct probe {
    unsigned port;
    bool is_off; // somebody said so
};

static bool is_ours(const char *line)
{
    static const char *const names[] = { "SP_ALLOWHEALTHCHECK=", "MOONWARD_ALLOWHEALTHCHECK=",
                                         "MOONWARD_HEALTHPORT=" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strncmp(line, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static int declare(struct options *o, struct err *err)
{
    static const char *const names[] = { "allowhealthcheck", "healthport" };

    for (size_t i = 0; i < core_option_count; i++) {
        for (size_t n = 0; n < ARRAY_LEN(names); n++) {
            if (strcmp(core_options[i].name, names[n]) == 0 &&
                options_declare(o, &core_options[i], err) != 0)
                return -1;
        }
    }
    return 0;
}

#define VARIABLES 8

// Returns 0, or the exit code.
static int read_options(const struct launch *launch, struct probe *out, struct err *err)
{
    struct options *o = options_new();
    char *ours[VARIABLES + 1] = { NULL };
    size_t count = 0;
    enum options_status status = OPTIONS_BAD_VALUE;

    for (char *const *line = launch->environ; *line && count < VARIABLES; line++) {
        if (is_ours(*line))
            ours[count++] = *line;
    }
    if (!o) {
        err_set(err, "no memory for the options");
    } else if (launch->argc > 0 && launch->argv[0][0] != '-') {
        err_set(err, "healthcheck takes no arguments");
        status = OPTIONS_BAD_FLAG;
    } else if (declare(o, err) == 0) {
        status = options_parse(o, launch->argc, launch->argv, ours, NULL, err);
    }
    if (status == OPTIONS_HELP)
        err_set(err, "healthcheck takes -healthport and -allowhealthcheck");
    if (status == OPTIONS_OK) {
        out->port = (unsigned)options_number(o, "healthport");
        out->is_off = options_source(o, "allowhealthcheck") != OPTION_DEFAULT &&
                      !options_switch(o, "allowhealthcheck");
    }
    options_free(o);
    return status == OPTIONS_OK ? 0 : status == OPTIONS_BAD_VALUE ? 1 : 2;
}

static int open_socket(unsigned port, struct err *err)
{
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
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
                   "nothing answers on 127.0.0.1:%u (%s): start moonward with -allowhealthcheck or "
                   "SP_ALLOWHEALTHCHECK=true, and run this in the same container, with the same "
                   "-healthport or MOONWARD_HEALTHPORT",
                   port, strerror(error));
}

static int ask(int fd, unsigned port, char *answer, size_t size, struct err *err)
{
    size_t used = 0;

    if (send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(question) - 1)
        return err_errno(err, "asking for /health");
    while (used + 1 < size) {
        ssize_t n = recv(fd, answer + used, size - 1 - used, 0);

        if (n < 0)
            return err_set(err, "no answer for %d s on 127.0.0.1:%u", TIMEOUT_S, port);
        if (n == 0)
            break;
        used += (size_t)n;
    }
    answer[used] = '\0';
    return 0;
}

static int judge(const char *answer, unsigned port, struct err *err)
{
    if (strncmp(answer, "HTTP/1.1 200", 12) == 0)
        return 0;
    if (strncmp(answer, "HTTP/1.1 503", 12) == 0)
        return err_set(err, "moonward runs, but the engine cannot be reached; its log says why");
    return err_set(err, "what answers on 127.0.0.1:%u is not moonward: \"%.40s\"", port, answer);
}

int healthcheck_run(const struct launch *launch)
{
    struct err err = { "" };
    struct probe probe = { .is_off = false };
    char answer[256];
    int fd = -1;
    int status = -1;

    status = read_options(launch, &probe, &err);
    if (status != 0)
        return complaint_say(&err, status);
    if (probe.is_off) {
        printf(
            "the health check is off (-allowhealthcheck=false, SP_ALLOWHEALTHCHECK=false): nothing "
            "was asked\n");
        return 0;
    }
    fd = open_socket(probe.port, &err);
    if (fd < 0)
        return complaint_say(&err, 1);
    status = ask(fd, probe.port, answer, sizeof(answer), &err);
    close(fd);
    if (status != 0 || judge(answer, probe.port, &err) != 0)
        return complaint_say(&err, 1);
    return 0;
}
