#include "json/redact.h"

#include "json/redact_parts.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX (REDACT_GAP_MAX + REDACT_LOOK_MAX + 16)

// --- output -------------------------------------------------------------------------------------

// What is between the two becomes 'text'.
static void put(struct redact_stream *s, const char *from, const char *to, struct span text)
{
    if (span_is((struct span){ from, (size_t)(to - from) }, text))
        return;
    redact_emit(s, s->copied, from);
    redact_emit(s, text.at, text.at + text.len);
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

// --- names --------------------------------------------------------------------------------------

static uint64_t follow_key(struct redact_stream *s, struct span raw, bool has_escapes)
{
    unsigned depth = s->grammar.depth;
    uint64_t alive = s->alive[depth];

    if (alive == 0)
        return 0;
    if (raw.len > REDACT_LOOK_MAX)
        return redact_set_follow_long(s->set, alive, depth - 1);
    if (has_escapes)
        raw = redact_text_of(s, raw);
    if (raw.len > 0 && (s->firsts[depth] & redact_set_first_bit(*raw.at)) == 0)
        return 0;
    return redact_set_follow(s->set, alive, depth - 1, true, raw, 0);
}

static uint64_t follow_index(struct redact_stream *s)
{
    unsigned depth = s->grammar.depth;

    return redact_set_follow(s->set, s->alive[depth], depth - 1, false, SPAN(""),
                             s->index[depth]++);
}

// --- values -------------------------------------------------------------------------------------

// Each of these begins where its mode says, and returns how far it came: the end of what it is
// about, or of the piece; NULL at a fault.

static bool is_over(const struct redact_stream *s, unsigned depth)
{
    return grammar_is_behind_value(&s->grammar, depth);
}

static const char *pass(struct redact_stream *s, const char *p)
{
    p = grammar_skip(&s->grammar, p, s->end, s->until);
    s->mode = is_over(s, s->until) ? REDACT_IN_WALK : REDACT_IN_PASS;
    return p;
}

static const char *go_on_emptying(struct redact_stream *s, const char *p)
{
    p = grammar_skip(&s->grammar, p, s->end, s->until);
    s->mode = is_over(s, s->until) ? REDACT_IN_WALK : REDACT_IN_EMPTY;
    s->copied = p;
    return p;
}

static const char *empty(struct redact_stream *s, const char *p)
{
    struct span rest = empty_value(*p);
    const char *from = p;

    p = grammar_skip(&s->grammar, p, s->end, s->until);
    if (!p)
        return NULL;
    if (is_over(s, s->until)) {
        put(s, from, p, rest);
        return p;
    }
    s->mode = REDACT_IN_EMPTY;
    redact_emit(s, s->copied, from);
    redact_emit(s, rest.at, rest.at + rest.len);
    s->copied = p;
    s->changed = true;
    return p;
}

static const char *take_value(struct redact_stream *s, const char *p)
{
    struct grammar *g = &s->grammar;
    unsigned depth = g->depth;
    uint64_t paths = s->set->all;

    if (depth > 0)
        paths = grammar_in_object(g) ? s->coming : follow_index(s);
    s->started = true;
    s->until = depth;
    if (paths == 0)
        return pass(s, p);

    uint64_t last = redact_set_ending(s->set, paths, depth);

    if (last != 0 && *p == '[' && (last & ~s->set->keeping) == 0)
        return redact_thin_out(s, p, last, paths & ~last);
    if (last != 0)
        return empty(s, p);
    if (*p != '{' && *p != '[')
        return pass(s, p);
    s->alive[depth + 1] = paths;
    s->firsts[depth + 1] = redact_set_first_bits(s->set, paths, depth);
    s->index[depth + 1] = 0;
    return grammar_run(g, p, s->end);
}

// --- keys ---------------------------------------------------------------------------------------

static void hold_key(struct redact_stream *s, const char *to)
{
    size_t len = (size_t)(to - s->hold), room = REDACT_LOOK_MAX + 2 - s->held.len;

    s->key_len += len;
    buffer_add(&s->held, s->hold, len < room ? len : room);
}

static const char *go_on_with_key(struct redact_stream *s, const char *p)
{
    struct grammar *g = &s->grammar;
    struct span raw = { s->hold, 0 };

    do {
        p = grammar_run(g, p, s->end);
    } while (p && p < s->end && g->state != GRAMMAR_COLON);
    if (!p || g->state != GRAMMAR_COLON)
        return p;
    raw.len = (size_t)(p - s->hold);
    if (s->key_len > 0) {
        hold_key(s, p);
        raw = (struct span){ s->held.data, s->key_len };
    }
    s->failed = s->failed || s->held.failed;
    if (!s->failed)
        s->coming = follow_key(s, (struct span){ raw.at + 1, raw.len - 2 }, true);
    buffer_reset(&s->held);
    s->key_len = 0;
    s->mode = REDACT_IN_WALK;
    return p;
}

// At the quote that begins a key. Mostly the key is all that has to be read.
static const char *take_key(struct redact_stream *s, const char *p)
{
    const char *from = p, *next = grammar_key(&s->grammar, p, s->end);

    if (next) {
        s->coming = follow_key(s, (struct span){ from + 1, (size_t)(next - from) - 3 }, false);
        return next;
    }
    s->mode = REDACT_IN_KEY;
    s->hold = p;
    return go_on_with_key(s, p);
}

// --- pieces -------------------------------------------------------------------------------------

static const char *walk(struct redact_stream *s, const char *p)
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

static const char *step(struct redact_stream *s, const char *p)
{
    switch (s->mode) {
    case REDACT_IN_WALK:
        return walk(s, p);
    case REDACT_IN_PASS:
        return pass(s, p);
    case REDACT_IN_EMPTY:
        return go_on_emptying(s, p);
    case REDACT_IN_KEY:
        return go_on_with_key(s, p);
    case REDACT_IN_FRONT:
    case REDACT_IN_NAME:
    case REDACT_IN_STAYS:
    case REDACT_IN_GOES:
        return redact_go_on_thinning(s, p);
    }
    return NULL;
}

// False at a fault.
static bool run(struct redact_stream *s, struct span piece)
{
    const char *p = piece.at;

    s->copied = s->hold = p;
    s->end = p + piece.len;
    while (p && p < s->end)
        p = step(s, p);
    return p && !s->failed;
}

// What has to wait for the next piece is copied, the rest goes out.
static void hold_back(struct redact_stream *s)
{
    if (s->mode == REDACT_IN_FRONT || s->mode == REDACT_IN_NAME) {
        redact_emit(s, s->copied, s->hold);
        buffer_add(&s->held, s->hold, (size_t)(s->end - s->hold));
        s->failed = s->failed || s->held.failed;
        return;
    }
    if (s->mode == REDACT_IN_KEY)
        hold_key(s, s->end);
    redact_emit(s, s->copied, s->end);
}

static bool is_whole(struct redact_stream *s)
{
    return s->started && grammar_end(&s->grammar) && !s->failed;
}

static void init(struct redact_stream *s, const struct redact_set *set, redact_sink sink, void *arg)
{
    *s = (struct redact_stream){ .set = set, .sink = sink, .arg = arg };
    buffer_init(&s->held, HELD_MAX);
    buffer_init(&s->text, REDACT_LOOK_MAX + 1);
    grammar_init(&s->grammar, GRAMMAR_DEPTH_MAX);
}

static void clear(struct redact_stream *s)
{
    buffer_clear(&s->held);
    buffer_clear(&s->text);
}

struct redact_stream *redact_stream_new(const struct redact_set *set, redact_sink sink, void *arg)
{
    struct redact_stream *s = malloc(sizeof(*s));

    if (s)
        init(s, set, sink, arg);
    return s;
}

void redact_stream_free(struct redact_stream *s)
{
    if (!s)
        return;
    clear(s);
    free(s);
}

int redact_stream_feed(struct redact_stream *s, struct span piece)
{
    if (s->failed || piece.len == 0)
        return s->failed ? -1 : 0;
    if (run(s, piece))
        hold_back(s);
    else
        s->failed = true;
    return s->failed ? -1 : 0;
}

int redact_stream_end(struct redact_stream *s)
{
    return is_whole(s) ? 0 : -1;
}

static void add_to_buffer(void *arg, struct span text)
{
    buffer_add_span(arg, text);
}

enum redact_result redact_apply(const struct redact_set *set, struct span text, struct buffer *out)
{
    struct redact_stream s;
    bool whole;

    buffer_reset(out);
    init(&s, set, add_to_buffer, out);
    whole = run(&s, text) && is_whole(&s);
    clear(&s);
    if (whole && !s.changed)
        return REDACT_SAME;
    if (whole)
        redact_emit(&s, s.copied, s.end);
    if (whole && !out->failed)
        return REDACT_CHANGED;
    buffer_reset(out);
    return REDACT_FAIL;
}
