#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log_output.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LINE_MAX_BYTES  (64u << 10)
#define VALUE_MAX_BYTES (4u << 10)
#define NOTICE_MAX      256u // of lines that were lost
#define LINE_USUAL      1024 // most are shorter

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

// A bit for each character: those that are written as they are, and of these the ones that need no
// quotes.
#define BIT(c) (UINT64_C(1) << ((c) % 64))
static const uint64_t plain[] = { ~UINT64_C(0) << ' ' & ~BIT('"'), ~BIT('\\') & ~BIT(127), 0, 0 };
static const uint64_t bare[] = { ~UINT64_C(0) << '!' & ~BIT('"') & ~BIT('='),
                                 ~BIT('\\') & ~BIT(127), 0, 0 };

static bool is_in(const uint64_t set[4], char c)
{
    unsigned char byte = (unsigned char)c;

    return (set[byte / 64] >> byte % 64 & 1) != 0;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

// Nonzero if one of the word's bytes is this one.
static uint64_t has(uint64_t word, unsigned char c)
{
    uint64_t rest = word ^ EACH(c);

    return (rest - EACH(1)) & ~rest & EACH(0x80);
}

// How many bytes a text begins with that are all in the set, 'plain' or 'bare'; eight at a time.
static size_t run_of(const uint64_t set[4], const char *at, size_t len)
{
    bool needs_bare = set == bare;
    uint64_t below = needs_bare ? EACH('!') : EACH(' ');
    size_t n = 0;

    for (; len - n >= sizeof(uint64_t); n += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, at + n, sizeof(word));
        if (((((word - below) & ~word) | word) & EACH(0x80)) | has(word, '"') | has(word, '\\') |
            has(word, 127) | (needs_bare ? has(word, '=') : 0))
            break;
    }
    while (n < len && is_in(set, at[n]))
        n++;
    return n;
}

// JSON's escapes; bytes above 0x7e as \u00xx too, because nobody promised UTF-8.
static void add_escape(struct buffer *line, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

    switch (c) {
    case '"':
    case '\\':
        text[1] = (char)c;
        break;
    case '\n':
        text[1] = 'n';
        break;
    case '\r':
        text[1] = 'r';
        break;
    case '\t':
        text[1] = 't';
        break;
    default:
        break;
    }
    buffer_add(line, text, text[1] == 'u' ? sizeof(text) : 2);
}

static void add_escaped(struct buffer *line, struct span text)
{
    size_t len = text.len < VALUE_MAX_BYTES ? text.len : VALUE_MAX_BYTES;

    for (size_t at = 0; at < len; at++) {
        size_t n = run_of(plain, text.at + at, len - at);

        buffer_add(line, text.at + at, n);
        at += n;
        if (at < len)
            add_escape(line, (unsigned char)text.at[at]);
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
    return text.len > 0 && text.len <= VALUE_MAX_BYTES &&
           run_of(bare, text.at, text.len) == text.len;
}

static char *put_span(char *at, struct span text)
{
    memcpy(at, text.at, text.len);
    return at + text.len;
}

// The key, with what separates it, and room for 'more' bytes behind it, where the value begins.
static char *add_key(struct buffer *line, bool json, const char *key, size_t more)
{
    struct span name = span_of(key);
    bool is_first = line->len <= 1; // JSON has its brace already
    char *room = buffer_room(line, name.len + 4 + more), *at = room;

    if (!at)
        return NULL;
    if (!is_first)
        *at++ = json ? ',' : ' ';
    if (json)
        *at++ = '"';
    at = put_span(at, name);
    if (json)
        *at++ = '"';
    *at++ = json ? ':' : '=';
    buffer_filled(line, (size_t)(at - room));
    return at;
}

static void add_text(struct buffer *line, bool json, const char *key, struct span text)
{
    bool is_plain = !json && is_bare(text);
    char *at = add_key(line, json, key, is_plain ? text.len : 0);

    if (at && is_plain) {
        (void)put_span(at, text);
        buffer_filled(line, text.len);
    } else {
        add_quoted(line, text);
    }
}

static void add_number(struct buffer *line, bool json, const char *key, int64_t number)
{
    (void)add_key(line, json, key, 0);
    if (number < 0)
        buffer_add_char(line, '-');
    buffer_add_number(line, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

static void add_time(struct buffer *line, const struct log *log)
{
    struct clock_text fresh = { .second = 0 };
    struct span time = log->output ? log_output_time(log->output) : clock_wall_text(&fresh);

    (void)add_key(line, log->json, "time", 0);
    if (log->json)
        buffer_add_char(line, '"');
    buffer_add_span(line, time);
    if (log->json)
        buffer_add_char(line, '"');
}

static void add_field(struct buffer *line, bool json, const struct log_field *field)
{
    if (!field->is_number && field->text.len == 0)
        return;
    if (field->is_number)
        add_number(line, json, field->key, field->number);
    else
        add_text(line, json, field->key, field->text);
}

static void compose(struct buffer *line, const struct log *log, enum log_level level,
                    const char *message, const struct log_field *fields, size_t n)
{
    if (log->json)
        buffer_add_char(line, '{');
    add_time(line, log);
    add_text(line, log->json, "level", span_of(names[level]));
    add_text(line, log->json, "msg", span_of(message));
    for (size_t i = 0; i < n; i++)
        add_field(line, log->json, &fields[i]);
    buffer_add_string(line, log->json ? "}\n" : "\n");
}

// A file that a command made for itself, or its standard error: it waits where it has to.
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

static void say_loss(const struct log *log)
{
    struct log_field lines = LOG_NUMBER("lines", log_output_lost(log->output));
    struct buffer notice;

    buffer_init(&notice, NOTICE_MAX);
    compose(&notice, log, LOG_WARN, "lines of the log were lost, since nobody read it", &lines, 1);
    log_output_lose(log->output, 0);
    log_output_add(log->output, buffer_span(&notice));
    buffer_clear(&notice);
}

static void hold(const struct log *log, struct span line)
{
    if (!log_output_takes(log->output, line.len + NOTICE_MAX)) {
        log_output_lose(log->output, 1);
        return;
    }
    if (log_output_lost(log->output) > 0)
        say_loss(log);
    log_output_add(log->output, line);
}

bool log_flush(const struct log *log)
{
    if (!log_output_flush(log->output))
        return false;
    if (log_output_lost(log->output) > 0)
        say_loss(log);
    return log_output_flush(log->output);
}

void log_write(const struct log *log, enum log_level level, const char *message,
               const struct log_field *fields, size_t n)
{
    struct buffer line;
    char room[LINE_USUAL];

    if (!log_wants(log, level))
        return;
    buffer_init_in(&line, LINE_MAX_BYTES, room, sizeof(room));
    compose(&line, log, level, message, fields, n);
    if (!log->output)
        put(log->fd, buffer_span(&line));
    else if (line.failed) // it would be longer than any reader takes
        log_output_lose(log->output, 1);
    else
        hold(log, buffer_span(&line));
    buffer_clear(&line);
}
