// What a log does whose reader has stopped, or is gone, for each kind of thing that it may be
// written to.
#include "test.h"

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/log_output.h"
#include "base/number.h"
#include "base/span.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LINES 20000 // more than any of them holds

static bool open_pipe(int ends[2])
{
    return pipe(ends) == 0;
}

static bool open_socket(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0;
}

static bool open_terminal(int ends[2])
{
    struct termios raw;

    ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
    if (ends[0] < 0 || grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0)
        return false;
    ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
    if (ends[1] < 0 || tcgetattr(ends[1], &raw) != 0)
        return false;
    cfmakeraw(&raw);
    return tcsetattr(ends[1], TCSANOW, &raw) == 0;
}

static uint64_t number_after(const char *text)
{
    struct span digits = { text, strspn(text, "0123456789") };
    uint64_t number = 0;

    EXPECT(number_read(digits, 10, UINT64_MAX, &number) == 0);
    return number;
}

struct reading {
    char last[200]; // line
    size_t lines, told_lost, flawed;
    size_t used;
};

static void read_line(struct reading *r, const char *line)
{
    const char *lost = strstr(line, " lines=");

    if (lost && strstr(line, "lines of the log were lost, since nobody read it"))
        r->told_lost += number_after(lost + 7);
    else if (strstr(line, "msg=hello n=") && line[strlen(line) - 1] == 'e')
        r->lines++;
    else
        r->flawed++;
}

// Reads what is there; the descriptor does not wait.
static void read_some(int fd, struct reading *r)
{
    char chunk[4096];
    ssize_t n = 0;

    while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            if (chunk[i] != '\n') {
                EXPECT(r->used + 1 < sizeof(r->last));
                r->last[r->used++] = chunk[i];
                continue;
            }
            r->last[r->used] = '\0';
            read_line(r, r->last);
            r->used = 0;
        }
    }
}

// Nobody reads while all lines are written, by two processes; then somebody does.
static void try_stopped_reader(bool (*open_ends)(int ends[2]), bool is_foreign)
{
    int ends[2];
    struct err err = { "" };
    struct reading r = { .lines = 0 };

    EXPECT(open_ends(ends));
    if (is_foreign)
        (void)setfsuid(65534); // so that it may not be opened again
    struct log log = { .output = log_output_new(ends[1], &err), .least = LOG_INFO };
    struct log other = { .output = log_output_another(log.output, &err), .least = LOG_INFO };
    (void)setfsuid(geteuid());
    EXPECT(log.output && other.output);
    EXPECT((fcntl(ends[1], F_GETFL) & O_NONBLOCK) == 0); // it is not ours alone

    (void)alarm(20); // a write that waits ends the test
    for (int i = 0; i < LINES; i++) {
        log_line(&log, LOG_INFO, "hello", LOG_NUMBER("n", i), LOG_TEXT("end", "e"));
        log_line(&other, LOG_INFO, "hello", LOG_NUMBER("n", i), LOG_TEXT("end", "e"));
    }
    EXPECT(log_output_lost(log.output) > 0 && log_output_lost(other.output) > 0);
    EXPECT(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    for (bool more = true; more;) {
        bool one = log_flush(&log), two = log_flush(&other);

        more = !one || !two;
        read_some(ends[0], &r);
    }
    usleep(20000); // a terminal hands over a little later
    read_some(ends[0], &r);
    (void)alarm(0);
    EXPECT(r.flawed == 0 && r.used == 0);
    EXPECT(r.lines > 0 && r.lines + r.told_lost == 2 * LINES);
    EXPECT(log_output_lost(log.output) == 0 && log_output_lost(other.output) == 0);
    log_output_free(log.output);
    log_output_free(other.output);
    close(ends[0]);
    close(ends[1]);
}

static void test_stopped_readers(void)
{
    try_stopped_reader(open_pipe, false);
    try_stopped_reader(open_socket, false);
    try_stopped_reader(open_terminal, false);
}

static void test_stopped_readers_of_what_may_not_be_opened_again(void)
{
    if (geteuid() != 0)
        return; // only root can take the right from itself
    try_stopped_reader(open_pipe, true);
    try_stopped_reader(open_terminal, true);
}

static void test_a_reader_that_is_gone(void)
{
    int ends[2];
    struct err err = { "" };

    EXPECT(signal(SIGPIPE, SIG_IGN) != SIG_ERR && pipe(ends) == 0);
    struct log log = { .output = log_output_new(ends[1], &err), .least = LOG_INFO };
    EXPECT(log.output);
    close(ends[0]);
    for (int i = 0; i < LINES; i++)
        log_line(&log, LOG_INFO, "hello", LOG_NUMBER("n", i));
    EXPECT(log_output_lost(log.output) > 0);
    log_output_free(log.output);
    close(ends[1]);
}

// What a process held that died of SIGKILL.
static void test_lines_of_the_dead(void)
{
    int ends[2], how = 0;
    struct err err = { "" };
    struct reading r = { .lines = 0 };

    EXPECT(pipe(ends) == 0);
    struct log log = { .output = log_output_new(ends[1], &err), .least = LOG_INFO };
    struct log child = { .output = log_output_another(log.output, &err), .least = LOG_INFO };
    EXPECT(log.output && child.output);
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < LINES; i++)
            log_line(&child, LOG_INFO, "hello", LOG_NUMBER("n", i), LOG_TEXT("end", "e"));
        (void)raise(SIGKILL);
    }
    EXPECT(pid > 0 && waitpid(pid, &how, 0) == pid && WIFSIGNALED(how));
    log_output_inherit(log.output, child.output);
    log_output_free(child.output);
    EXPECT(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    for (bool more = true; more;) {
        more = !log_flush(&log);
        read_some(ends[0], &r);
    }
    EXPECT(r.flawed == 0 && r.lines > 0 && r.lines + r.told_lost == LINES);
    log_output_free(log.output);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    RUN(test_stopped_readers);
    RUN(test_stopped_readers_of_what_may_not_be_opened_again);
    RUN(test_a_reader_that_is_gone);
    RUN(test_lines_of_the_dead);
    return 0;
}
