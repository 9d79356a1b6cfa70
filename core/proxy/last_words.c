#include "proxy/last_words.h"

#include "base/buffer.h"
#include "base/log_output.h"
#include "http/write.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REFUSAL_MAX 1024

static const char for_client[] =
    "moonward: a policy hung and its worker was ended; the proxy's log says which";

struct last_words {
    const struct log *log;
    const char *message;
    volatile int fd;
    size_t len;
    char refusal[REFUSAL_MAX];
};

struct last_words *last_words_new(const struct log *log, const char *message)
{
    struct last_words *words = calloc(1, sizeof(*words));
    struct buffer refusal;

    if (!words)
        return NULL;
    words->log = log;
    words->message = message;
    words->fd = -1;
    buffer_init(&refusal, REFUSAL_MAX);
    write_refusal(&refusal, 403, span_of(for_client), false, false);
    if (!refusal.failed) {
        memcpy(words->refusal, refusal.data, refusal.len);
        words->len = refusal.len;
    }
    buffer_clear(&refusal);
    return words;
}

void last_words_free(struct last_words *words)
{
    free(words);
}

void last_words_for(struct last_words *words, int fd)
{
    words->fd = fd;
}

static void refuse(void *arg)
{
    struct last_words *words = arg;

    if (words->fd >= 0 && write(words->fd, words->refusal, words->len) < 0)
        return; // the client is gone; there is nobody left to tell
}

// Appends what fits. The texts are ours, a policy's name and its file's: no quotes in them.
static size_t append(char *line, size_t len, size_t size, const char *text)
{
    for (; *text && len < size; text++) {
        line[len++] = *text >= ' ' && *text <= '~' ? *text : '?';
    }
    return len;
}

// No time in this line: formatting one is not safe here. The supervisor's next line has it.
static void report(void *arg, const char *policy, const char *where)
{
    const struct last_words *words = arg;
    bool json = words->log->json;
    char line[512];
    size_t len = 0, size = sizeof(line) - 3;

    len = append(line, len, size, json ? "{\"level\":\"ERROR\",\"msg\":\"" : "level=ERROR msg=\"");
    len = append(line, len, size, words->message);
    len = append(line, len, size, json ? "\",\"policy\":\"" : "\" policy=\"");
    len = append(line, len, size, policy);
    len = append(line, len, size, json ? "\",\"where\":\"" : "\" where=\"");
    len = append(line, len, size, where);
    line[len++] = '"';
    if (json)
        line[len++] = '}';
    line[len++] = '\n';
    if (!log_output_takes(words->log->output, len))
        return; // nobody reads the log
    log_output_add(words->log->output, (struct span){ line, len });
    (void)log_output_flush(words->log->output); // what is left, the supervisor writes
}

struct hang_hooks last_words_hooks(struct last_words *words)
{
    return (struct hang_hooks){ .refuse = refuse, .report = report, .arg = words };
}
