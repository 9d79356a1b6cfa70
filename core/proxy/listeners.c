#include "proxy/listeners.h"

#include "net/dial.h"
#include "net/listen.h"
#include "proxy/health.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#define RESERVED_FILES 64

static int open_listener(const struct listener_setting *l, struct err *err)
{
    struct listen_unix wanted = { l->at.path, l->mode, l->owner, l->group };

    return l->at.is_unix ? listen_unix_open(&wanted, err)
                         : listen_tcp_open(l->at.host, l->at.port, err);
}

void listeners_close(struct listeners *l, const struct settings *settings)
{
    for (size_t i = 0; i < l->count; i++) {
        close(l->at[i]);
        if (settings->listeners[i].at.is_unix)
            (void)unlink(settings->listeners[i].at.path);
    }
    l->count = 0;
    if (l->health >= 0)
        close(l->health);
    l->health = -1;
}

int listeners_open(struct listeners *l, const struct settings *settings, const struct log *log)
{
    struct err err = { "" };

    *l = (struct listeners){ .health = -1 };
    for (size_t i = 0; i < settings->listener_count; i++) {
        l->at[i] = open_listener(&settings->listeners[i], &err);
        if (l->at[i] < 0) {
            log_line(log, LOG_ERROR, "cannot listen", LOG_TEXT("error", err.text));
            listeners_close(l, settings);
            return -1;
        }
        l->count++;
    }
    if (!settings->health_server)
        return 0;
    // As in wollomatic's proxy, a failure here is no reason not to start.
    l->health = listen_tcp_open(HEALTH_ADDRESS, settings->health_port, &err);
    if (l->health < 0)
        log_line(log, LOG_ERROR, "cannot serve the health check", LOG_TEXT("error", err.text),
                 LOG_TEXT("hint", "-healthport or MOONWARD_HEALTHPORT chooses another port"));
    return 0;
}

int listeners_check_engine(const struct settings *settings, const struct log *log)
{
    const struct endpoint *to = &settings->upstream;
    bool connecting;
    struct err err = { "" };

    if (!to->is_unix)
        return 0;

    int fd = dial_unix(to->path, &connecting);

    if (fd < 0 && errno != EAGAIN) {
        dial_explain_unix(to->path, errno, &err);
        log_line(log, LOG_ERROR, "socket not available", LOG_TEXT("error", err.text));
        return -1;
    }
    if (fd >= 0)
        close(fd);
    return 0;
}

// No more than can be used: some kernels have limits of a thousand millions, and a program that
// looks at each of them.
void listeners_raise_file_limit(const struct settings *settings)
{
    rlim_t wanted = settings->max_connections * (rlim_t)2 + RESERVED_FILES;
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}
