// redact_thin: arrays of which only the elements with some names stay.
#include "json/redact_parts.h"

#include <string.h>

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

static void emit_held(struct redact_stream *s)
{
    if (s->held.len > 0)
        s->sink(s->arg, buffer_span(&s->held));
    buffer_reset(&s->held);
}

static bool is_over(const struct redact_stream *s, unsigned depth)
{
    return grammar_is_behind_value(&s->grammar, depth);
}

static bool is_kept(const struct redact_path *path, struct span name)
{
    for (size_t i = 0; i < path->keep_count; i++)
        if (name_pattern_fits(&path->keep[i], name))
            return true;
    return false;
}

// Whether all paths to the array keep an element; 'raw' is what stands behind its quote, or as much
// of that as is looked at.
static bool all_keep(struct redact_stream *s, struct span raw)
{
    struct span name = redact_text_of(s, raw);
    const char *sign = name.len > 0 ? memchr(name.at, '=', name.len) : NULL;

    if (!sign && raw.len > REDACT_LOOK_MAX)
        return false; // a longer name than anybody keeps
    if (sign)
        name.len = (size_t)(sign - name.at);
    for (size_t i = 0; i < s->set->count; i++)
        if ((s->thin.keep >> i & 1) != 0 && !is_kept(&s->set->paths[i], name))
            return false;
    return true;
}

static const char *keep_element(struct redact_stream *s, const char *p)
{
    emit_held(s);
    s->thin.any_stays = true;
    s->mode = REDACT_IN_STAYS;
    return p;
}

// The element goes with the white space around it, and with one comma.
static const char *drop_element(struct redact_stream *s, const char *p)
{
    redact_emit(s, s->copied, s->hold);
    buffer_reset(&s->held);
    s->copied = p;
    s->changed = true;
    s->mode = REDACT_IN_GOES;
    return p;
}

// Of an element with so many bytes behind its quote, of which the last may be in the piece: as much
// as is looked at, and a byte that says so where there is more.
static struct span beginning_of(struct redact_stream *s, size_t len)
{
    size_t front = s->thin.gap + 1, most = len > REDACT_LOOK_MAX ? REDACT_LOOK_MAX + 1 : len;
    const char *at = s->hold;

    if (s->held.len > 0) {
        buffer_add(&s->held, s->hold, front + most - s->held.len);
        at = s->held.data;
        s->failed = s->failed || s->held.failed;
    }
    return s->failed ? SPAN("") : (struct span){ at + front, most };
}

// In an element that is a text, or at its first byte.
static const char *go_on_with_name(struct redact_stream *s, const char *p)
{
    unsigned depth = s->grammar.depth;
    const char *next = grammar_skip(&s->grammar, p, s->end, depth);
    bool is_whole = is_over(s, depth);
    size_t before = s->held.len, len;

    if (!next)
        return NULL;
    len = before + (size_t)(next - s->hold) - s->thin.gap - 1 - is_whole;
    if (!is_whole && len <= REDACT_LOOK_MAX)
        return next;

    bool stays = all_keep(s, beginning_of(s, len));

    if (s->failed)
        return NULL;
    if (!stays)
        return drop_element(s, next);
    s->held.len = before; // the rest lies in the piece
    return keep_element(s, next);
}

static const char *take_front(struct redact_stream *s, const char *p)
{
    struct grammar *g = &s->grammar;
    const char *from = p;
    unsigned depth = g->depth;

    p = skip_space(p, s->end);
    s->thin.gap += (size_t)(p - from);
    if (s->thin.gap - s->thin.any_stays > REDACT_GAP_MAX) // the comma is among it
        return NULL;
    if (p == s->end)
        return p;
    if (!grammar_begins_value(g, *p)) { // there are none
        emit_held(s);
        s->mode = REDACT_IN_WALK;
        return grammar_run(g, p, s->end);
    }

    uint64_t at =
        redact_set_follow(s->set, s->thin.others, depth - 1, false, SPAN(""), s->thin.index++);

    if (*p == '"' && redact_set_ending(s->set, at, depth) == 0) {
        s->mode = REDACT_IN_NAME;
        return go_on_with_name(s, p);
    }
    p = grammar_skip(g, p, s->end, depth);
    return p ? drop_element(s, p) : NULL;
}

// At the comma or the bracket behind an element.
static const char *end_element(struct redact_stream *s, const char *p)
{
    const char *next = grammar_run(&s->grammar, p, s->end);

    if (!next || *p != ',') {
        s->mode = REDACT_IN_WALK;
        return next;
    }
    s->mode = REDACT_IN_FRONT;
    s->thin.gap = s->thin.any_stays;
    s->hold = s->thin.any_stays ? p : next;
    if (!s->thin.any_stays)
        s->copied = next;
    return next;
}

// In, or behind, an element of which is known whether it stays.
static const char *go_on_behind(struct redact_stream *s, const char *p)
{
    unsigned depth = s->until + 1;

    if (!is_over(s, depth))
        p = grammar_skip(&s->grammar, p, s->end, depth);
    if (p && is_over(s, depth))
        p = skip_space(p, s->end);
    if (s->mode == REDACT_IN_GOES)
        s->copied = p;
    return p && p < s->end ? end_element(s, p) : p;
}

const char *redact_thin_out(struct redact_stream *s, const char *p, uint64_t keep, uint64_t others)
{
    s->thin.keep = keep;
    s->thin.others = others;
    s->thin.index = s->thin.gap = 0;
    s->thin.any_stays = false;
    s->mode = REDACT_IN_FRONT;
    p = grammar_run(&s->grammar, p, s->end);
    s->hold = p;
    return p;
}

const char *redact_go_on_thinning(struct redact_stream *s, const char *p)
{
    if (s->mode == REDACT_IN_FRONT)
        return take_front(s, p);
    return s->mode == REDACT_IN_NAME ? go_on_with_name(s, p) : go_on_behind(s, p);
}
