#include "http/target.h"
#include "http/target_parts.h"

#include <stdlib.h>
#include <string.h>

static void add(struct target_out *out, struct span text)
{
    if (text.len > 0)
        memcpy(out->canonical, text.at, text.len);
    out->canonical += text.len;
}

// An escape for each byte is the most that anything grows by.
static size_t room_for(const struct target *target, struct span path, struct span value)
{
    size_t size = sizeof("/v") + target->version.len + 3 * path.len;

    for (size_t i = 0; i < target->pair_count; i++)
        size +=
            sizeof("&=") + 3 * (target->pairs[i].key.len + target->pairs[i].value.len + value.len);
    return size;
}

static void write_query(struct target_out *out, const struct target *target, struct span key,
                        struct span value)
{
    for (size_t i = 0; i < target->pair_count; i++) {
        const struct query_pair *pair = &target->pairs[i];
        bool renamed = key.len > 0 && span_is(pair->key, key);

        add(out, i == 0 ? SPAN("?") : SPAN("&"));
        target_escape(out, pair->key, TARGET_QUERY);
        add(out, SPAN("="));
        target_escape(out, renamed ? value : pair->value, TARGET_QUERY);
    }
}

// What comes out is read like any target, so it can be nothing that a client could not have sent.
enum head_status target_rename(struct target *target, struct span path, struct span key,
                               struct span value, const struct target_rules *rules,
                               struct head_error *error)
{
    char *raw = malloc(room_for(target, path, value));
    struct target_out out = { .canonical = raw };
    struct target renamed;

    if (!raw)
        return head_bad(error, 503, "out of memory");
    if (target->version.len > 0)
        add(&out, SPAN("/v"));
    add(&out, target->version);
    target_escape(&out, path.len > 0 ? path : target->path, TARGET_PATH);
    write_query(&out, target, key, value);

    enum head_status status =
        target_read(&renamed, (struct span){ raw, (size_t)(out.canonical - raw) }, rules, error);

    free(raw);
    if (status != HEAD_OK)
        return status;
    target_clear(target);
    *target = renamed;
    return HEAD_OK;
}
