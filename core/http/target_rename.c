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
static size_t room_for(const struct target *target, struct span path, const struct query_pair *set,
                       size_t count)
{
    size_t size = sizeof("/v") + target->version.len + 3 * path.len, values = 0;

    for (size_t i = 0; i < count; i++) {
        values += set[i].value.len;
        size += sizeof("&=") + 3 * (set[i].key.len + set[i].value.len);
    }
    for (size_t i = 0; i < target->pair_count; i++)
        size += sizeof("&=") + 3 * (target->pairs[i].key.len + target->pairs[i].value.len + values);
    return size;
}

// The pair with that key; NULL: there is none.
static const struct query_pair *find(const struct query_pair *pairs, size_t count, struct span key)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(pairs[i].key, key))
            return &pairs[i];
    }
    return NULL;
}

static void write_pair(struct target_out *out, struct span key, struct span value, bool *any)
{
    add(out, *any ? SPAN("&") : SPAN("?"));
    *any = true;
    target_escape(out, key, TARGET_QUERY);
    add(out, SPAN("="));
    target_escape(out, value, TARGET_QUERY);
}

static void write_query(struct target_out *out, const struct target *target,
                        const struct query_pair *set, size_t count)
{
    bool any = false;

    for (size_t i = 0; i < target->pair_count; i++) {
        const struct query_pair *pair = &target->pairs[i], *other = find(set, count, pair->key);

        write_pair(out, pair->key, other ? other->value : pair->value, &any);
    }
    for (size_t i = 0; i < count; i++) {
        if (!find(target->pairs, target->pair_count, set[i].key))
            write_pair(out, set[i].key, set[i].value, &any);
    }
}

// What comes out is read like any target, so it can be nothing that a client could not have sent.
enum head_status target_rename(struct target *target, struct span path,
                               const struct query_pair *set, size_t count,
                               const struct target_rules *rules, struct head_error *error)
{
    char *raw = malloc(room_for(target, path, set, count));
    struct target_out out = { .canonical = raw };
    struct target renamed;

    if (!raw)
        return head_bad(error, 503, "out of memory");
    if (target->version.len > 0)
        add(&out, SPAN("/v"));
    add(&out, target->version);
    target_escape(&out, path.len > 0 ? path : target->path, TARGET_PATH);
    write_query(&out, target, set, count);

    enum head_status status =
        target_read(&renamed, (struct span){ raw, (size_t)(out.canonical - raw) }, rules, error);

    free(raw);
    if (status != HEAD_OK)
        return status;
    target_clear(target);
    *target = renamed;
    return HEAD_OK;
}
