// Redaction against a model that walks the text by recursion and holds each value's place against
// each path, step by step. The first line has the paths, with spaces between them and names to keep
// behind bars: "Mounts.*.Source Config.Env|TZ|LC_*". What changed is JSON, and has nothing more to
// take away. In pieces, however cut, the text becomes the same.
#include "base/check.h"
#include "reader.h"
#include "json/grammar.h"
#include "json/redact.h"
#include "json/redact_path.h"

#include <stdint.h>
#include <stdlib.h>

#define PATHS_MAX 4
#define NAMES_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
    struct redact_path paths[PATHS_MAX];
    size_t count;
    const char *end;
    struct buffer out;
    bool fails; // more white space than may be held
};

// Where a value is, from the inside out.
struct place {
    const struct place *outer;
    bool is_name;
    struct buffer name;
    bool is_long; // the name, too long to be looked at
    size_t index;
};

// --- places and paths ---------------------------------------------------------------------------

static void put_unicode(struct buffer *b, unsigned long c)
{
    static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

    buffer_add_char(b, (char)(first[more] + (c >> (6 * more))));
    while (more-- > 0)
        buffer_add_char(b, (char)(0x80 + (c >> (6 * more)) % 0x40));
}

static unsigned long four_digits(const char *p)
{
    char digits[5] = { p[0], p[1], p[2], p[3], '\0' };

    return strtoul(digits, NULL, 16);
}

// 'p' is behind the quote of a string that is right.
static void decode(const char *p, struct buffer *out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";

    buffer_init(out, 1 << 16);
    buffer_add_char(out, ' '); // so that there is memory
    buffer_reset(out);
    for (; *p != '"'; p++) {
        const char *known = NULL;

        if (*p != '\\') {
            buffer_add_char(out, *p);
            continue;
        }
        if (*++p != 'u') {
            known = strchr(from, *p);
            buffer_add_char(out, known ? to[known - from] : *p);
            continue;
        }

        unsigned long c = four_digits(p + 1), low = 0;

        p += 4;
        if (c / 0x400 == 0x36 && p[1] == '\\' && p[2] == 'u')
            low = four_digits(p + 3);
        if (low / 0x400 == 0x37) {
            c = 0x10000 + c % 0x400 * 0x400 + low % 0x400;
            p += 6;
        }
        put_unicode(out, c / 0x800 == 0x1b ? 0xfffd : c);
    }
}

// Tries every end for each star, from the last piece on.
static bool fits(const struct name_pattern *p, unsigned piece, struct span name)
{
    struct span first = p->pieces[piece];

    if (piece == 0)
        return p->count == 1 ? span_is(name, first) : span_starts(name, first);
    if (name.len < first.len)
        return false;
    if (piece + 1 == p->count)
        return memcmp(name.at + name.len - first.len, first.at, first.len) == 0 &&
               fits(p, piece - 1, (struct span){ name.at, name.len - first.len });
    for (size_t at = name.len - first.len + 1; at-- > 0;)
        if (memcmp(name.at + at, first.at, first.len) == 0)
            return fits(p, piece - 1,
                        (struct span){ name.at, at }); // the last one leaves most room
    return false;
}

static bool step_fits(const struct redact_step *step, const struct place *place)
{
    switch (step->kind) {
    case REDACT_ANY:
        return true;
    case REDACT_INDEX:
        return !place->is_name && place->index == step->index;
    case REDACT_NAME:
        if (place->is_long)
            return step->name.count > 1;
        return place->is_name && fits(&step->name, step->name.count - 1, buffer_span(&place->name));
    }
    return false;
}

static bool path_fits(const struct redact_path *path, const struct place *place)
{
    size_t n = path->step_count;

    for (; place && n > 0; place = place->outer)
        if (!step_fits(&path->steps[--n], place))
            return false;
    return !place && n == 0;
}

// --- the walk -----------------------------------------------------------------------------------

static const char *walk(struct model *m, const char *p, const struct place *place);

static const char *value_end(const struct model *m, const char *p)
{
    const char *end = reader_value(p, m->end, GRAMMAR_DEPTH_MAX);

    CHECK(end);
    return end;
}

static void put_empty(struct model *m, char first)
{
    buffer_add_string(&m->out, first == '"'                   ? "\"\""
                               : first == '['                 ? "[]"
                               : first == '{'                 ? "{}"
                               : first == 't' || first == 'f' ? "false"
                               : first == 'n'                 ? "null"
                                                              : "0");
}

// Of a string that ends at 'end': whether a sign "=" is said by what is looked at of it.
static bool has_early_sign(const char *p, const char *end)
{
    const char *limit = end - p - 2 > REDACT_LOOK_MAX ? p + 1 + REDACT_LOOK_MAX : end;

    for (p++; p < limit && *p != '"'; p++) {
        if (*p == '=')
            return true;
        if (*p != '\\')
            continue;
        if (*++p == 'u') {
            if (p + 4 < limit && four_digits(p + 1) == '=')
                return true;
            p += 4;
        }
    }
    return false;
}

// True if all paths to the array keep the element and none leads to it.
static bool element_stays(const struct model *m, const char *p, const struct place *place)
{
    const char *end = reader_value(p, m->end, GRAMMAR_DEPTH_MAX);
    struct buffer text;
    bool stays = *p == '"';

    if (!stays || (end - p - 2 > REDACT_LOOK_MAX && !has_early_sign(p, end)))
        return false;
    decode(p + 1, &text);
    for (size_t i = 0; i < m->count; i++) {
        const struct redact_path *path = &m->paths[i];
        struct span name = buffer_span(&text);
        bool kept = false;

        if (path_fits(path, place))
            stays = false;
        if (!path_fits(path, place->outer))
            continue;
        for (size_t k = 0; k < name.len; k++)
            if (name.at[k] == '=')
                name.len = k;
        for (size_t k = 0; k < path->keep_count; k++)
            kept = kept || fits(&path->keep[k], path->keep[k].count - 1, name);
        stays = stays && kept;
    }
    buffer_clear(&text);
    return stays;
}

static const char *walk_kept(struct model *m, const char *p, const struct place *outer)
{
    struct place place = { .outer = outer };
    bool first = true;

    buffer_add_char(&m->out, *p++);
    if (*reader_space(p, m->end) == ']') {
        m->fails = m->fails || reader_space(p, m->end) - p > REDACT_GAP_MAX;
        buffer_add(&m->out, p, (size_t)(reader_space(p, m->end) + 1 - p));
        return reader_space(p, m->end) + 1;
    }
    for (;; place.index++) {
        const char *from = p, *element = reader_space(p, m->end);

        m->fails = m->fails || element - from > REDACT_GAP_MAX;
        p = reader_space(value_end(m, element), m->end);
        if (element_stays(m, element, &place)) {
            if (!first)
                buffer_add_char(&m->out, ',');
            buffer_add(&m->out, from, (size_t)(p - from));
            first = false;
        }
        if (*p++ == ']')
            break;
    }
    buffer_add_char(&m->out, ']');
    return p;
}

static const char *walk_brackets(struct model *m, const char *p, const struct place *outer)
{
    struct place place = { .outer = outer };
    char close = *p == '{' ? '}' : ']';

    place.is_name = *p == '{';
    for (;; place.index++) {
        const char *from = p;

        p = reader_space(p + 1, m->end); // behind the bracket or the comma
        if (*p == close) {
            buffer_add(&m->out, from, (size_t)(p + 1 - from));
            return p + 1;
        }
        if (place.is_name) {
            decode(p + 1, &place.name);
            place.is_long = reader_string(p, m->end) - p - 2 > REDACT_LOOK_MAX;
            p = reader_space(reader_string(p, m->end), m->end);
            p = reader_space(p + 1, m->end);
        }
        buffer_add(&m->out, from, (size_t)(p - from));
        from = walk(m, p, &place);
        if (place.is_name)
            buffer_clear(&place.name);
        p = reader_space(from, m->end);
        buffer_add(&m->out, from, (size_t)(p - from));
        if (*p == close) {
            buffer_add_char(&m->out, close);
            return p + 1;
        }
    }
}

static const char *walk(struct model *m, const char *p, const struct place *place)
{
    const char *end;
    bool ends = false, keeps = *p == '[';

    for (size_t i = 0; place && i < m->count; i++) {
        if (path_fits(&m->paths[i], place)) {
            ends = true;
            keeps = keeps && m->paths[i].keep_count > 0;
        }
    }
    if (ends && keeps)
        return walk_kept(m, p, place);
    if (!ends && (*p == '{' || *p == '['))
        return walk_brackets(m, p, place);
    end = value_end(m, p);
    if (ends)
        put_empty(m, *p);
    else
        buffer_add(&m->out, p, (size_t)(end - p));
    return end;
}

// --- one input ----------------------------------------------------------------------------------

static struct span next_word(const char **p, const char *end, const char *stops)
{
    struct span word = { *p, 0 };

    while (*p + word.len < end && !strchr(stops, (*p)[word.len]))
        word.len++;
    *p += word.len;
    return word;
}

// Adds one path to the set and to the model; neither or both take it.
static void add_path(struct redact_set *set, struct model *m, const char **p, const char *end)
{
    struct span names[NAMES_MAX], path = next_word(p, end, " |");
    struct redact_path *read = &m->paths[m->count];
    struct err err = { "" }, again = { "" };
    size_t count = 0;
    int result;

    while (*p < end && **p == '|' && count < NAMES_MAX) {
        ++*p;
        names[count++] = next_word(p, end, " |");
    }
    result = redact_keep(set, path, names, count, &err);
    CHECK(redact_path_read(read, path, names, count, &again) == result);
    CHECK((result != 0) == (err.text[0] != '\0') && strcmp(err.text, again.text) == 0);
    if (result != 0)
        redact_path_clear(read);
    else
        m->count++;
}

// Whether some elements go by name and others by position: what is left has other positions.
static bool positions_move(const struct model *m)
{
    bool keeps = false, counts = false;

    for (size_t i = 0; i < m->count; i++) {
        keeps = keeps || m->paths[i].keep_count > 0;
        for (size_t k = 0; k < m->paths[i].step_count; k++)
            counts = counts || m->paths[i].steps[k].kind == REDACT_INDEX;
    }
    return keeps && counts;
}

// The text as the model has it, in m->out; false if it is not one value.
static bool walk_all(struct model *m, struct span text)
{
    const char *from = reader_space(text.at, m->end);
    const char *to = reader_value(from, m->end, GRAMMAR_DEPTH_MAX);

    if (!to || reader_space(to, m->end) != m->end)
        return false;
    buffer_add(&m->out, text.at, (size_t)(from - text.at));
    CHECK(walk(m, from, NULL) == to);
    buffer_add(&m->out, to, (size_t)(m->end - to));
    CHECK(!m->out.failed);
    return !m->fails;
}

static void sink(void *arg, struct span text)
{
    CHECK(text.len > 0);
    buffer_add_span(arg, text);
}

// Pieces of lengths that follow from a seed: some of one byte, some long.
static void check_pieces(const struct redact_set *set, struct span text, bool whole,
                         struct span expected, uint32_t seed)
{
    struct buffer out;
    struct redact_stream *stream = redact_stream_new(set, sink, &out);
    int result = 0;

    CHECK(stream);
    buffer_init(&out, 1 << 16);
    for (size_t at = 0, len; at < text.len && result == 0; at += len) {
        struct span piece;

        seed = seed * 1103515245 + 12345;
        len = 1 + (seed >> 16) % (seed >> 28 < 12 ? 8 : 2000);
        len = len < text.len - at ? len : text.len - at;
        // Memory of its own, so that nothing is read behind it, or when it is gone.
        char *copy = malloc(len);

        CHECK(copy);
        memcpy(copy, text.at + at, len);
        piece = (struct span){ copy, len };
        result = redact_stream_feed(stream, piece);
        free(copy);
    }
    if (result == 0)
        result = redact_stream_end(stream);
    CHECK((result == 0) == whole);
    CHECK(!whole || span_is(buffer_span(&out), expected));
    redact_stream_free(stream);
    buffer_clear(&out);
}

static void check(const struct redact_set *set, struct model *m, struct span text, uint32_t seed)
{
    struct buffer out, again;
    enum redact_result result;
    bool whole = walk_all(m, text);

    buffer_init(&out, 1 << 16);
    buffer_init(&again, 1 << 16);
    result = redact_apply(set, text, &out);
    CHECK((result == REDACT_FAIL) == !whole);
    if (result == REDACT_CHANGED) {
        CHECK(span_is(buffer_span(&m->out), buffer_span(&out)) &&
              !span_is(buffer_span(&out), text));
        CHECK(positions_move(m) || redact_apply(set, buffer_span(&out), &again) == REDACT_SAME);
    } else {
        CHECK(out.len == 0 && (!whole || span_is(buffer_span(&m->out), text)));
    }
    check_pieces(set, text, whole, buffer_span(&m->out), 0); // mostly short ones
    check_pieces(set, text, whole, buffer_span(&m->out), seed);
    buffer_clear(&out);
    buffer_clear(&again);
}

static uint32_t sum_of(const uint8_t *data, size_t size)
{
    uint32_t sum = 2166136261u;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ data[i]) * 16777619u;
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct redact_set *set = redact_new();
    struct model m = { .count = 0 };
    const char *p = (const char *)data, *end = p + size, *line = p ? memchr(p, '\n', size) : NULL;

    CHECK(set);
    if (line) {
        m.end = end;
        buffer_init(&m.out, 1 << 16);
        while (p < line && m.count < PATHS_MAX) {
            add_path(set, &m, &p, line);
            if (p < line)
                p++;
        }
        check(set, &m, (struct span){ line + 1, (size_t)(end - line - 1) }, sum_of(data, size));
        buffer_clear(&m.out);
    }
    for (size_t i = 0; i < m.count; i++)
        redact_path_clear(&m.paths[i]);
    redact_free(set);
    return 0;
}
