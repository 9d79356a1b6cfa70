#include "json/redact.h"

#include "base/check.h"
#include "json/grammar.h"
#include "json/redact_path.h"
#include "json/unescape.h"

#include <stdlib.h>
#include <string.h>

// Sets of paths are bits; a path is its number.
struct redact_set {
    struct redact_path paths[REDACT_PATHS_MAX];
    size_t count;
    size_t size;
    uint64_t all;
    uint64_t ending[REDACT_STEPS_MAX + 1]; // those with so many steps
    uint64_t keeping;
};

struct scan {
    const struct redact_set *set;
    struct grammar grammar;
    const char *end;
    struct buffer *out;
    const char *copied; // what is before it is in 'out', or left out
    bool changed;
    struct buffer text; // of a key or an element with escapes
    bool failed;        // in that
    bool started;
    uint64_t coming; // the paths that the key just read goes along
    // For each open bracket: the paths that lead into it, and how many elements began.
    uint64_t alive[REDACT_STEPS_MAX + 1];
    uint64_t firsts[REDACT_STEPS_MAX + 1]; // see first_bits()
    size_t index[REDACT_STEPS_MAX + 1];
};

// --- sets ---------------------------------------------------------------------------------------

struct redact_set *redact_new(void)
{
    struct redact_set *set = calloc(1, sizeof(*set));

    if (set)
        set->size = sizeof(*set);
    return set;
}

void redact_free(struct redact_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        redact_path_clear(&set->paths[i]);
    free(set);
}

size_t redact_size(const struct redact_set *set)
{
    return set->size;
}

int redact_keep(struct redact_set *set, struct span path, const struct span *names, size_t count,
                struct err *err)
{
    if (set->count == REDACT_PATHS_MAX)
        return err_set(err, "more than %d paths", REDACT_PATHS_MAX);

    struct redact_path *added = &set->paths[set->count];
    uint64_t bit = UINT64_C(1) << set->count;

    if (redact_path_read(added, path, names, count, err) != 0) {
        redact_path_clear(added);
        return -1;
    }
    set->all |= bit;
    set->ending[added->step_count] |= bit;
    if (count > 0)
        set->keeping |= bit;
    set->size += added->size;
    set->count++;
    return 0;
}

int redact_add(struct redact_set *set, struct span path, struct err *err)
{
    return redact_keep(set, path, NULL, 0, err);
}

// --- which paths a value is on ------------------------------------------------------------------

static bool takes(const struct redact_step *step, bool in_object, struct span name, size_t index)
{
    switch (step->kind) {
    case REDACT_ANY:
        return true;
    case REDACT_NAME:
        return in_object && name_pattern_fits(&step->name, name);
    case REDACT_INDEX:
        return !in_object && step->index == index;
    }
    return true;
}

// Of the paths in 'bits', which have more than n steps, those whose n-th is this name or index.
static uint64_t follow(const struct redact_set *set, uint64_t bits, size_t n, bool in_object,
                       struct span name, size_t index)
{
    uint64_t found = 0;

    for (; bits != 0; bits &= bits - 1) {
        const struct redact_path *path = &set->paths[__builtin_ctzll(bits)];

        CHECK(n < path->step_count);
        if (takes(&path->steps[n], in_object, name, index))
            found |= bits & -bits;
    }
    return found;
}

// Those of the paths that end at a value within so many brackets.
static uint64_t ending(const struct redact_set *set, uint64_t paths, size_t depth)
{
    return depth <= REDACT_STEPS_MAX ? paths & set->ending[depth] : 0;
}

static uint64_t first_bit(char c)
{
    return UINT64_C(1) << ((unsigned char)c % 64);
}

// With which bytes a name may begin that one of the paths goes on with: most names begin with none
// of them and need no closer look.
static uint64_t first_bits(const struct redact_set *set, uint64_t paths, size_t n)
{
    uint64_t bits = 0;

    for (; paths != 0; paths &= paths - 1) {
        const struct redact_step *step = &set->paths[__builtin_ctzll(paths)].steps[n];

        if (step->kind == REDACT_ANY ||
            (step->kind == REDACT_NAME && step->name.pieces[0].len == 0))
            return UINT64_MAX;
        if (step->kind == REDACT_NAME)
            bits |= first_bit(*step->name.pieces[0].at);
    }
    return bits;
}

static uint64_t follow_name(const struct scan *s, struct span name)
{
    unsigned depth = s->grammar.depth;

    if (name.len > 0 && (s->firsts[depth] & first_bit(*name.at)) == 0)
        return 0;
    return follow(s->set, s->alive[depth], depth - 1, true, name, 0);
}

static uint64_t follow_index(struct scan *s)
{
    unsigned depth = s->grammar.depth;

    return follow(s->set, s->alive[depth], depth - 1, false, SPAN(""), s->index[depth]++);
}

// --- output -------------------------------------------------------------------------------------

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

// What is between the two becomes 'text'.
static void put(struct scan *s, const char *from, const char *to, struct span text)
{
    if (span_is((struct span){ from, (size_t)(to - from) }, text))
        return;
    buffer_add(s->out, s->copied, (size_t)(from - s->copied));
    buffer_add_span(s->out, text);
    s->copied = to;
    s->changed = true;
}

static struct span empty_value(char first)
{
    switch (first) {
    case '"':
        return SPAN("\"\"");
    case '[':
        return SPAN("[]");
    case '{':
        return SPAN("{}");
    case 't':
    case 'f':
        return SPAN("false");
    case 'n':
        return SPAN("null");
    default:
        return SPAN("0");
    }
}

// --- values -------------------------------------------------------------------------------------

// Each of these begins at a value, or as it says, and returns where it ends; NULL at a fault.

static const char *skip_value(struct scan *s, const char *p)
{
    return grammar_skip(&s->grammar, p, s->end, s->grammar.depth);
}

// The text of a whole string.
static struct span text_of(struct scan *s, struct span string)
{
    struct span raw = { string.at + 1, string.len - 2 };

    if (!memchr(raw.at, '\\', raw.len))
        return raw;
    buffer_reset(&s->text);
    unescape(raw, &s->text);
    s->failed = s->failed || s->text.failed;
    return s->text.failed ? SPAN("") : buffer_span(&s->text);
}

static const char *empty(struct scan *s, const char *p)
{
    const char *next = skip_value(s, p);

    if (next)
        put(s, p, next, empty_value(*p));
    return next;
}

static bool is_kept(const struct redact_path *path, struct span name)
{
    for (size_t i = 0; i < path->keep_count; i++)
        if (name_pattern_fits(&path->keep[i], name))
            return true;
    return false;
}

static bool all_keep(struct scan *s, uint64_t paths, struct span element)
{
    if (element.len < 2 || *element.at != '"')
        return false;

    struct span name = text_of(s, element);
    const char *sign = name.len > 0 ? memchr(name.at, '=', name.len) : NULL;

    if (sign)
        name.len = (size_t)(sign - name.at);
    for (size_t i = 0; i < s->set->count; i++)
        if ((paths >> i & 1) != 0 && !is_kept(&s->set->paths[i], name))
            return false;
    return true;
}

// The element between 'from' and 'to', with the white space around it, goes with one comma.
static void take_out(struct scan *s, const char *from, const char *to, bool behind_another)
{
    if (behind_another)
        from--;
    else if (*to == ',')
        to++;
    put(s, from, to, SPAN(""));
}

// At an array of which those elements stay that all of 'keep' keep. An element that another of the
// paths would empty goes, too.
static const char *thin_out(struct scan *s, const char *p, uint64_t keep, uint64_t others)
{
    struct grammar *g = &s->grammar;
    unsigned depth = g->depth + 1;
    bool any_kept = false;
    size_t index = 0;

    p = grammar_run(g, p, s->end);
    while (p && p < s->end && g->depth == depth) {
        const char *from = p, *element = skip_space(p, s->end), *end;

        if (element == s->end || !grammar_begins_value(g, *element))
            return element == s->end ? element : grammar_run(g, element, s->end);
        end = skip_value(s, element);
        if (!end || (p = skip_space(end, s->end)) == s->end)
            return end ? p : NULL;

        uint64_t at = follow(s->set, others, depth - 1, false, SPAN(""), index++);
        bool stays = ending(s->set, at, depth) == 0 &&
                     all_keep(s, keep, (struct span){ element, (size_t)(end - element) });

        if (!stays)
            take_out(s, from, p, any_kept);
        any_kept = any_kept || stays;
        p = grammar_run(g, p, s->end); // the comma or the bracket
    }
    return p;
}

static const char *take_value(struct scan *s, const char *p)
{
    struct grammar *g = &s->grammar;
    unsigned depth = g->depth;
    uint64_t paths = s->set->all;

    if (depth > 0)
        paths = grammar_in_object(g) ? s->coming : follow_index(s);
    s->started = true;
    if (paths == 0)
        return skip_value(s, p);

    uint64_t last = ending(s->set, paths, depth);

    if (last != 0 && *p == '[' && (last & ~s->set->keeping) == 0)
        return thin_out(s, p, last, paths & ~last);
    if (last != 0)
        return empty(s, p);
    if (*p != '{' && *p != '[')
        return skip_value(s, p);
    s->alive[depth + 1] = paths;
    s->firsts[depth + 1] = first_bits(s->set, paths, depth);
    s->index[depth + 1] = 0;
    return grammar_run(g, p, s->end);
}

// At the quote that begins a key. Mostly the key is all that has to be read.
static const char *take_key(struct scan *s, const char *p)
{
    struct grammar *g = &s->grammar;
    const char *from = p, *next = grammar_key(g, p, s->end);

    if (next) {
        s->coming = follow_name(s, (struct span){ from + 1, (size_t)(next - from) - 3 });
        return next;
    }
    do {
        p = grammar_run(g, p, s->end);
    } while (p && p < s->end && g->state != GRAMMAR_COLON);
    if (p && g->state == GRAMMAR_COLON)
        s->coming = follow_name(s, text_of(s, (struct span){ from, (size_t)(p - from) }));
    return p;
}

static const char *take_any(struct scan *s, const char *p)
{
    struct grammar *g = &s->grammar;

    if (*p == '"' && (g->state == GRAMMAR_FIRST_KEY || g->state == GRAMMAR_KEY))
        return take_key(s, p);
    if (!grammar_begins_value(g, *p))
        return grammar_run(g, p, s->end);
    if (s->started && g->depth == 0)
        return NULL; // a second value
    return take_value(s, p);
}

static bool scan(struct scan *s, const char *p)
{
    while (p && p < s->end)
        p = take_any(s, p);
    return p && s->started && grammar_end(&s->grammar) && !s->failed;
}

enum redact_result redact_apply(const struct redact_set *set, struct span text, struct buffer *out)
{
    struct scan s = { .set = set, .end = text.at + text.len, .out = out, .copied = text.at };
    bool whole;

    buffer_reset(out);
    buffer_init(&s.text, text.len + 1);
    grammar_init(&s.grammar, GRAMMAR_DEPTH_MAX);
    whole = scan(&s, text.at);
    buffer_clear(&s.text);
    if (whole && !s.changed)
        return REDACT_SAME;
    if (whole)
        buffer_add(out, s.copied, (size_t)(s.end - s.copied));
    if (whole && !out->failed)
        return REDACT_CHANGED;
    buffer_reset(out);
    return REDACT_FAIL;
}
