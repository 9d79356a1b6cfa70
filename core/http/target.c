#include "http/target.h"

#include "http/target_parts.h"

#include <stdlib.h>
#include <string.h>

// False for the bytes that no target may hold unescaped: controls, space, DEL, non-ASCII, "#", "\".
static bool is_clean(struct span raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = (unsigned char)raw.at[i];

        if (c <= ' ' || c > '~' || c == '#' || c == '\\')
            return false;
    }
    return true;
}

static size_t count_pairs(struct span query)
{
    size_t n = 1;

    for (size_t i = 0; i < query.len; i++)
        n += query.at[i] == '&';
    return n;
}

// One allocation: the pairs, the decoded bytes (never more than the raw ones), the canonical form
// (an escape for each byte, and a "=" that a pair may lack).
static int make_room(struct target *target, size_t pairs, size_t raw, struct target_out *out)
{
    size_t size = pairs * sizeof(*target->pairs);

    target->block = malloc(size + raw + 4 * raw + 1);
    if (!target->block)
        return -1;
    target->pairs = (struct query_pair *)(void *)target->block;
    out->decoded = target->block + size;
    out->canonical = out->decoded + raw;
    return 0;
}

// What a target begins with says which form it has (RFC 9112, section 3.2).
static enum head_status check_form(struct span raw, struct head_error *error)
{
    if (raw.len == 0 || raw.at[0] != '/')
        return head_bad(error, 400, "the request target does not begin with a slash");
    if (!is_clean(raw))
        return head_bad(error, 400, "a byte in the request target that must be percent-escaped");
    return HEAD_OK;
}

enum head_status target_read(struct target *target, struct span raw,
                             const struct target_rules *rules, struct head_error *error)
{
    struct target_out out;

    *target = (struct target){ .block = NULL };
    if (check_form(raw, error) != HEAD_OK)
        return HEAD_BAD;

    const char *mark = memchr(raw.at, '?', raw.len);
    struct span path = { raw.at, mark ? (size_t)(mark - raw.at) : raw.len };
    struct span query = { mark ? mark + 1 : NULL, mark ? raw.len - path.len - 1 : 0 };
    size_t pairs = count_pairs(query);

    if (make_room(target, pairs < rules->pairs ? pairs : rules->pairs, raw.len, &out) != 0)
        return head_bad(error, 503, "out of memory");

    char *canonical = out.canonical;

    if (target_read_path(target, path, rules, &out, error) != HEAD_OK ||
        target_read_query(target, query, rules, &out, error) != HEAD_OK) {
        target_clear(target);
        return HEAD_BAD;
    }
    target->canonical = (struct span){ canonical, (size_t)(out.canonical - canonical) };
    return HEAD_OK;
}

void target_clear(struct target *target)
{
    free(target->block);
    *target = (struct target){ .block = NULL };
}
