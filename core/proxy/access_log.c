#include "proxy/access_log.h"

#include "base/buffer.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_BYTES (4u << 10)
#define RULE_MAX_BYTES 64u
#define TEXT_USUAL     512 // most paths are shorter

static bool has_password(struct span value)
{
    const char *scheme = value.len > 0 ? memmem(value.at, value.len, "://", 3) : NULL;

    return scheme && memchr(scheme, '@', value.len - (size_t)(scheme - value.at));
}

static bool is_secret(const struct query_pair *pair)
{
    return span_is_nocase(pair->key, SPAN("buildargs")) || has_password(pair->value);
}

// The line shows the beginning of what is too long, and never nothing.
static void add_some(struct buffer *out, struct span text)
{
    size_t room = out->len < PATH_MAX_BYTES ? PATH_MAX_BYTES - out->len : 0;

    buffer_add(out, text.at, text.len < room ? text.len : room);
}

static void add_pair(struct buffer *out, const struct query_pair *pair, char before)
{
    buffer_add_char(out, before);
    add_some(out, pair->key);
    buffer_add_char(out, '=');
    if (is_secret(pair))
        buffer_add_string(out, "***");
    else
        add_some(out, pair->value);
}

// Decoded, for people to read; log.c escapes what could mislead.
static void add_path(struct buffer *out, const struct target *target)
{
    if (target->path.len == 0)
        return;
    if (target->version.len > 0) {
        buffer_add_string(out, "/v");
        buffer_add_span(out, target->version);
    }
    add_some(out, target->path);
    for (size_t i = 0; i < target->pair_count && out->len < PATH_MAX_BYTES; i++)
        add_pair(out, &target->pairs[i], i == 0 ? '?' : '&');
}

static void add_client(struct buffer *out, const struct peer *peer)
{
    bool is_v6 = strchr(peer->address, ':') != NULL;

    if (peer->has_credentials) {
        buffer_add_string(out, "pid:");
        buffer_add_number(out, (uint64_t)peer->pid);
        buffer_add_string(out, ",uid:");
        buffer_add_number(out, peer->uid);
        return;
    }
    if (is_v6)
        buffer_add_char(out, '[');
    buffer_add_string(out, peer->address);
    buffer_add_string(out, is_v6 ? "]:" : ":");
    buffer_add_number(out, peer->port);
}

static const char *message_of(enum access_event event, bool allowed, bool abandoned)
{
    if (abandoned)
        return "abandoned request";
    switch (event) {
    case ACCESS_OPENED:
        return "opened stream";
    case ACCESS_CLOSED:
        return "closed stream";
    case ACCESS_DONE:
        break;
    }
    return allowed ? "allowed request" : "blocked request";
}

static const char *verdict_of(const struct access_entry *e)
{
    if (!e->verdict)
        return e->abandoned ? "abandoned" : "refuse";
    return e->verdict->allowed ? "allow" : "deny";
}

// What the client is told begins with our name; in our own log that says nothing.
static const char *reason_of(const struct access_entry *e)
{
    static const char own_name[] = "moonward: ";

    if (e->verdict && !e->verdict->allowed)
        return e->verdict->reason;
    return strncmp(e->refusal, own_name, strlen(own_name)) == 0 ? e->refusal + strlen(own_name)
                                                                : e->refusal;
}

// Rules may be long regexes, and most lines are about what is allowed: these show the beginning.
static struct span rule_of(const struct verdict *v, char cut[RULE_MAX_BYTES + 4])
{
    if (!v || !v->allowed || strlen(v->rule) <= RULE_MAX_BYTES)
        return span_of(v ? v->rule : "");
    (void)snprintf(cut, RULE_MAX_BYTES + 4, "%.*s...", (int)RULE_MAX_BYTES, v->rule);
    return span_of(cut);
}

// What denied, of which more is told; NULL: nothing did.
static const struct verdict *denial_of(const struct access_entry *e)
{
    return e->verdict && !e->verdict->allowed ? e->verdict : NULL;
}

static const char *cut_of(const struct access_entry *e)
{
    return e->stalled ? "stalled" : e->cut ? "true" : "";
}

void access_log_write(const struct log *log, enum access_event event, const struct access_entry *e)
{
    const struct verdict *denial = denial_of(e);
    bool allowed = e->verdict && !denial;
    bool fine = e->abandoned || (allowed && e->refusal[0] == '\0' && !e->cut);
    enum log_level level = fine ? LOG_INFO : LOG_WARN;
    struct buffer path, client;
    char path_room[TEXT_USUAL], client_room[sizeof(e->peer->address) + 32], cut[RULE_MAX_BYTES + 4];

    if (!log_wants(log, level))
        return;
    buffer_init_in(&path, PATH_MAX_BYTES * 4, path_room, sizeof(path_room));
    buffer_init_in(&client, sizeof(client_room), client_room, sizeof(client_room));
    if (e->target->path.len > 0)
        add_path(&path, e->target);
    else
        add_some(&path, span_of(e->raw_target));
    add_client(&client, e->peer);
    log_line(log, level, message_of(event, allowed, e->abandoned),
             LOG_SPAN("client", buffer_span(&client)), LOG_TEXT("listener", e->listener),
             LOG_SPAN("method", e->method), LOG_SPAN("path", buffer_span(&path)),
             LOG_TEXT("operation", e->operation), LOG_TEXT("verdict", verdict_of(e)),
             LOG_TEXT("policy", e->verdict ? e->verdict->policy : e->asker),
             LOG_SPAN("rule", rule_of(e->verdict, cut)),
             LOG_TEXT("where", denial ? denial->where : ""), LOG_TEXT("reason", reason_of(e)),
             LOG_TEXT("hint", denial ? denial->hint : ""), LOG_TEXT("cut", cut_of(e)),
             LOG_NUMBER("status", e->status), LOG_NUMBER("duration_us", e->duration_us),
             LOG_NUMBER("bytes_in", e->bytes_in), LOG_NUMBER("bytes_out", e->bytes_out));
    buffer_clear(&client);
    buffer_clear(&path);
}
