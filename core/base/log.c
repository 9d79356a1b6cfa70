#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES  (64u << 10)
#define VALUE_MAX_BYTES (4u << 10)

static const char *const names[] = {
    [LOG_DEBUG] = "DEBUG", [LOG_INFO] = "INFO", [LOG_WARN] = "WARN", [LOG_ERROR] = "ERROR"
};

bool log_wants(const struct log *log, enum log_level level)
{
    return level >= log->least;
}

int log_level_read(const char *name, enum log_level *out)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcasecmp(name, names[i]) == 0) {
            *out = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

// JSON's escapes; bytes above 0x7e as \u00xx too, because nobody promised UTF-8.
static void add_escaped(struct buffer *line, struct span text)
{
    size_t len = text.len < VALUE_MAX_BYTES ? text.len : VALUE_MAX_BYTES;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c == '"' || c == '\\')
            buffer_printf(line, "\\%c", c);
        else if (c == '\n')
            buffer_add_string(line, "\\n");
        else if (c == '\r')
            buffer_add_string(line, "\\r");
        else if (c == '\t')
            buffer_add_string(line, "\\t");
        else if (c < 0x20 || c > 0x7e)
            buffer_printf(line, "\\u%04x", c);
        else
            buffer_add_char(line, (char)c);
    }
    if (len < text.len)
        buffer_add_string(line, "...");
}

static void add_quoted(struct buffer *line, struct span text)
{
    buffer_add_char(line, '"');
    add_escaped(line, text);
    buffer_add_char(line, '"');
}

// slog quotes a value only where it has to.
static bool is_bare(struct span text)
{
    if (text.len == 0 || text.len > VALUE_MAX_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\')
            return false;
    }
    return true;
}

static void add_text(struct buffer *line, bool json, struct span text)
{
    if (!json && is_bare(text))
        buffer_add_span(line, text);
    else
        add_quoted(line, text);
}

static void add_key(struct buffer *line, bool json, const char *key)
{
    if (line->len > 1) // not the first: JSON has its brace already
        buffer_add_char(line, json ? ',' : ' ');
    if (json)
        buffer_printf(line, "\"%s\":", key);
    else
        buffer_printf(line, "%s=", key);
}

static void add_time(struct buffer *line, bool json)
{
    uint64_t now = clock_wall_us();
    time_t seconds = (time_t)(now / 1000000);
    struct tm tm;
    char text[40];

    if (!gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return;
    add_key(line, json, "time");
    buffer_printf(line, json ? "\"%s.%03uZ\"" : "%s.%03uZ", text, (unsigned)(now / 1000 % 1000));
}

static void add_field(struct buffer *line, bool json, const struct log_field *field)
{
    if (!field->is_number && field->text.len == 0)
        return;
    add_key(line, json, field->key);
    if (field->is_number)
        buffer_printf(line, "%lld", (long long)field->number);
    else
        add_text(line, json, field->text);
}

// Whoever reads the log may be slow or gone; a lost line must not stop the proxy.
static void put(int fd, struct span line)
{
    while (line.len > 0) {
        ssize_t n = write(fd, line.at, line.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        line.at += n;
        line.len -= (size_t)n;
    }
}

void log_write(const struct log *log, enum log_level level, const char *message,
               const struct log_field *fields, size_t n)
{
    struct buffer line;

    if (!log_wants(log, level))
        return;
    buffer_init(&line, LINE_MAX_BYTES);
    if (log->json)
        buffer_add_char(&line, '{');
    add_time(&line, log->json);
    add_key(&line, log->json, "level");
    add_text(&line, log->json, span_of(names[level]));
    add_key(&line, log->json, "msg");
    add_text(&line, log->json, span_of(message));
    for (size_t i = 0; i < n; i++)
        add_field(&line, log->json, &fields[i]);
    buffer_add_string(&line, log->json ? "}\n" : "\n");
    if (!line.failed)
        put(log->fd, buffer_span(&line));
    buffer_clear(&line);
}
