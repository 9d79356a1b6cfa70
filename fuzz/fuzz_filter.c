// The filter against a model that reads the whole text by recursion and writes what must be left.
// An item's bytes decide what the judge does with it. They agree on what is wrong, and where
// nothing is, on every byte of the output; where something is, cuts decide only how much of it goes
// out. The first byte chooses the lists, the size of the pieces, and whether objects that are too
// long are redacted.
#include "base/buffer.h"
#include "base/check.h"
#include "reader.h"
#include "json/filter.h"
#include "json/redact.h"

#include <stdint.h>

#define DEPTH    16
#define ITEM_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const lists[] = { "a", "b.c", "b.d", "" };
static const struct cut_rules shapes[] = {
    { .depth = DEPTH },
    { .depth = DEPTH, .lists = lists + 3, .list_count = 1 },
    { .depth = DEPTH, .lists = lists, .list_count = 1 },
    { .depth = DEPTH, .lists = lists, .list_count = 3 },
};

// --- the judge ----------------------------------------------------------------------------------

static enum filter_verdict decide(size_t list, struct span item)
{
    unsigned sum = (unsigned)list;

    for (size_t i = 0; i < item.len; i++)
        sum = sum * 31 + (unsigned char)item.at[i];
    return sum % 13 == 0 ? FILTER_FAIL : (enum filter_verdict)(sum % 3);
}

static void replace(size_t list, struct span item, struct buffer *out)
{
    buffer_printf(out, "{\"%zu\":", list);
    buffer_add_span(out, item);
    buffer_add_char(out, '}');
}

static enum filter_verdict judge(void *arg, size_t list, struct span item,
                                 struct buffer *replacement)
{
    enum filter_verdict verdict;

    (void)arg;
    if (!item.at)
        return FILTER_DROP; // it is too long
    verdict = decide(list, item);
    CHECK(item.len > 0 && item.len <= ITEM_MAX && replacement->len == 0);
    CHECK(reader_value(item.at, item.at + item.len, DEPTH) == item.at + item.len);
    if (verdict == FILTER_REPLACE)
        replace(list, item, replacement);
    return verdict;
}

static void sink(void *arg, struct span text)
{
    CHECK(text.len > 0);
    buffer_add_span(arg, text);
}

static enum filter_verdict judge_rest(void *arg, size_t list, struct span rest,
                                      struct buffer *replacement)
{
    (void)arg;
    CHECK(list <= 3 && replacement->len == 0);
    CHECK(reader_value(rest.at, rest.at + rest.len, DEPTH) == rest.at + rest.len);
    return FILTER_KEEP;
}

static struct redact_set *redacted; // NULL: nothing is redacted as it comes

static const struct redact_set *streamer(void *arg, size_t list, struct span start)
{
    (void)arg;
    (void)list;
    return *start.at == '{' ? redacted : NULL;
}

static int filter(const struct cut_rules *rules, struct span text, size_t piece, bool rests,
                  struct buffer *out)
{
    struct filter f;
    int result = 0;

    buffer_init(out, 1 << 20);
    filter_init(&f, rules, ITEM_MAX, judge, NULL, sink, out);
    filter_stream_long(&f, streamer);
    if (rests)
        filter_rests(&f, judge_rest);
    for (size_t from = 0; from < text.len && result == 0; from += piece)
        result = filter_feed(&f, text.at + from, text.len - from < piece ? text.len - from : piece);
    if (result == 0)
        result = filter_end(&f);
    CHECK((result == 0) == (filter_fault(&f) == NULL));
    CHECK(result == 0 || (filter_feed(&f, "1", 1) == -1 && filter_end(&f) == -1));
    filter_clear(&f);
    return result;
}

// --- the model ----------------------------------------------------------------------------------
// Writes as it goes, and returns NULL at the first thing that is wrong.

struct model {
    const struct cut_rules *rules;
    const char *end;
    struct buffer out;
};

static const char *put(struct model *m, const char *from, const char *to)
{
    buffer_add(&m->out, from, (size_t)(to - from));
    return to;
}

static const char *put_space(struct model *m, const char *p)
{
    return put(m, p, reader_space(p, m->end));
}

// fuzz_redact.c looks at what that does.
static void put_redacted(struct model *m, struct span item)
{
    struct buffer out;

    buffer_init(&out, 1 << 20);
    switch (redact_apply(redacted, item, &out)) {
    case REDACT_SAME:
        buffer_add_span(&m->out, item);
        break;
    case REDACT_CHANGED:
        buffer_add_span(&m->out, buffer_span(&out));
        break;
    case REDACT_FAIL:
        CHECK(item.len == 0); // what is an item can be redacted
        break;
    }
    buffer_clear(&out);
}

// Behind the item. 'gap' is what goes before it if it stays; *stays says whether it does.
static const char *put_item(struct model *m, const char *p, size_t list, unsigned depth,
                            struct span gap, bool *stays)
{
    const char *end = reader_value(p, m->end, depth);
    struct span item = { p, end ? (size_t)(end - p) : 0 };
    enum filter_verdict verdict;

    if (!end)
        return NULL;
    bool is_redacted = item.len > ITEM_MAX && redacted && *p == '{';

    verdict = item.len > ITEM_MAX ? FILTER_DROP : decide(list, item);
    if (verdict == FILTER_FAIL)
        return NULL;
    *stays = verdict != FILTER_DROP || is_redacted;
    if (*stays)
        buffer_add_span(&m->out, gap);
    if (is_redacted)
        put_redacted(m, item);
    if (verdict == FILTER_KEEP)
        buffer_add_span(&m->out, item);
    if (verdict == FILTER_REPLACE)
        replace(list, item, &m->out);
    return end;
}

static const char *put_list(struct model *m, const char *p, size_t list, unsigned depth)
{
    struct span gap = { p, 0 };
    bool any = false, stays;

    p = put_space(m, put(m, p, p + 1));
    if (p < m->end && *p == ']')
        return put(m, p, p + 1);
    for (;;) {
        if (p == m->end || !(p = put_item(m, p, list, depth - 1, gap, &stays)))
            return NULL;
        any = any || stays;
        p = put_space(m, p);
        if (p == m->end || (*p != ',' && *p != ']'))
            return NULL;
        if (*p == ']')
            return put(m, p, p + 1);
        gap = (struct span){ p, (size_t)(reader_space(p + 1, m->end) - p) };
        p += gap.len;
        if (!any)
            gap = (struct span){ gap.at + 1, gap.len - 1 };
    }
}

static const char *put_value(struct model *m, const char *p, const char *path, unsigned depth);

// "b" and the key "c" make "b.c"; too long a path is the path of nothing.
static void join(char *out, size_t size, const char *path, struct span key)
{
    size_t len = strlen(path);

    out[0] = '\0';
    if (key.len == 0 || len + key.len + 2 > size || memchr(key.at, '.', key.len) ||
        memchr(key.at, '\0', key.len)) {
        out[0] = '?';
        out[1] = '\0';
        return;
    }
    memcpy(out, path, len);
    if (len > 0)
        out[len++] = '.';
    memcpy(out + len, key.at, key.len);
    out[len + key.len] = '\0';
}

// An object on the way to lists.
static const char *put_object(struct model *m, const char *p, const char *path, unsigned depth)
{
    char inner[32];

    p = put_space(m, put(m, p, p + 1));
    if (p < m->end && *p == '}')
        return put(m, p, p + 1);
    for (;;) {
        const char *key = p;

        if (p == m->end || *p != '"' || !(p = reader_string(p, m->end)))
            return NULL;
        if (memchr(key, '\\', (size_t)(p - key)))
            return NULL;
        join(inner, sizeof(inner), path, (struct span){ key + 1, (size_t)(p - key) - 2 });
        p = put_space(m, put(m, key, p));
        if (p == m->end || *p != ':')
            return NULL;
        p = put_space(m, put(m, p, p + 1));
        if (p == m->end || !(p = put_value(m, p, inner, depth - 1)))
            return NULL;
        p = put_space(m, p);
        if (p == m->end || (*p != ',' && *p != '}'))
            return NULL;
        p = put(m, p, p + 1);
        if (p[-1] == '}')
            return p;
        p = put_space(m, p);
    }
}

// True if the list is below the path.
static bool is_below(const char *path, const char *list)
{
    size_t len = strlen(path);

    return len == 0 ? *list != '\0' : strncmp(list, path, len) == 0 && list[len] == '.';
}

static const char *put_value(struct model *m, const char *p, const char *path, unsigned depth)
{
    const char *end = reader_value(p, m->end, depth);

    for (size_t i = 0; i < m->rules->list_count && (*p != 'n' || !end); i++) {
        if (strcmp(m->rules->lists[i], path) == 0)
            return *p == '[' ? put_list(m, p, i, depth) : NULL;
        if (is_below(path, m->rules->lists[i]))
            return *p == '{' ? put_object(m, p, path, depth) : NULL;
    }
    return end ? put(m, p, end) : NULL;
}

// Top-level values; what is behind one that is dropped goes with it.
static bool put_values(struct model *m, const char *p)
{
    bool stays;

    p = put_space(m, p);
    while (p < m->end) {
        p = put_item(m, p, 0, DEPTH, SPAN(""), &stays);
        if (!p)
            return false;
        p = stays ? put_space(m, p) : reader_space(p, m->end);
    }
    return true;
}

static bool put_all(struct model *m, const char *p)
{
    if (m->rules->list_count == 0)
        return put_values(m, p);
    p = put_space(m, p);
    p = p < m->end ? put_value(m, p, "", DEPTH) : NULL;
    return p && put_space(m, p) == m->end;
}

// What is beside the lists changes its place, and nothing else: what was wrong stays wrong, what
// was not is whole.
static void check_rests(const struct cut_rules *rules, struct span text, size_t piece, int result,
                        size_t len)
{
    struct buffer whole, pieces;

    CHECK(filter(rules, text, text.len, true, &whole) == result);
    CHECK(filter(rules, text, piece, true, &pieces) == result);
    if (result == 0) {
        const char *from, *end = whole.data + whole.len;

        CHECK(span_is(buffer_span(&whole), buffer_span(&pieces)) && whole.len <= len);
        from = reader_space(whole.data, end);
        from = reader_value(from, end, DEPTH);
        CHECK(from && reader_space(from, end) == end);
    }
    buffer_clear(&whole);
    buffer_clear(&pieces);
}

// --- one input ----------------------------------------------------------------------------------

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;

    struct span text = { (const char *)data + 1, size - 1 };
    struct model m = { .rules = &shapes[data[0] % 4], .end = text.at + text.len };
    struct err err;

    redacted = data[0] & 0x40 ? redact_new() : NULL;
    CHECK(!redacted || redact_add(redacted, SPAN("*.a"), &err) == 0);

    struct buffer whole, pieces;
    int result = filter(m.rules, text, text.len, false, &whole);
    bool good;

    CHECK(filter(m.rules, text, 1 + data[0] / 4 % 16, false, &pieces) == result);
    buffer_init(&m.out, 1 << 20);
    good = put_all(&m, text.at);
    CHECK(!m.out.failed && !whole.failed && good == (result == 0));
    if (good)
        CHECK(span_is(buffer_span(&whole), buffer_span(&m.out)));
    if (good)
        CHECK(whole.len == pieces.len);
    CHECK(whole.len <= pieces.len && span_starts(buffer_span(&pieces), buffer_span(&whole)));
    if (m.rules->list_count > 0)
        check_rests(m.rules, text, 1 + data[0] / 4 % 16, result, whole.len);
    buffer_clear(&whole);
    buffer_clear(&pieces);
    buffer_clear(&m.out);
    redact_free(redacted);
    return 0;
}
