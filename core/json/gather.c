#include "json/gather.h"

#include "base/check.h"

#define KEY_MAX (4u << 10)

void gather_init(struct gather *g, const struct cut_rules *rules, const struct gather_user *user)
{
    *g = (struct gather){ .rules = rules, .user = *user };
    grammar_init(&g->grammar, rules->depth);
    buffer_init(&g->key, KEY_MAX);
    buffer_init(&g->replacement, 2 * GATHER_REST_MAX);
    for (size_t i = 0; i <= CUT_NAMES_MAX; i++)
        buffer_init(&g->open[i].rest, GATHER_REST_MAX);
}

void gather_clear(struct gather *g)
{
    buffer_clear(&g->key);
    buffer_clear(&g->replacement);
    for (size_t i = 0; i <= CUT_NAMES_MAX; i++)
        buffer_clear(&g->open[i].rest);
}

const char *gather_fault(const struct gather *g)
{
    return g->fault ? g->fault : g->grammar.fault;
}

static bool fail(struct gather *g, const char *why)
{
    g->fault = why;
    return false;
}

static bool put(struct gather *g, struct span text)
{
    return text.len == 0 || g->user.sink(g->user.arg, text);
}

static struct span between(const char *from, const char *to)
{
    return (struct span){ from, (size_t)(to - from) };
}

// The comma before what goes on in the innermost object.
static bool put_comma(struct gather *g, bool *any)
{
    bool is_first = !*any;

    *any = true;
    return is_first || put(g, SPAN(","));
}

// --- objects ------------------------------------------------------------------------------------

static bool open_object(struct gather *g, uint32_t lists)
{
    unsigned depth = g->grammar.depth + 1;

    CHECK(depth <= CUT_NAMES_MAX); // no path has more names
    g->open[depth].lists = lists;
    g->open[depth].any = false;
    buffer_reset(&g->open[depth].rest);
    buffer_add_char(&g->open[depth].rest, '{');
    return put(g, SPAN("{"));
}

static bool put_rest(struct gather *g, unsigned depth)
{
    struct buffer *rest = &g->open[depth].rest;
    size_t list = depth == 1 ? g->rules->list_count : (size_t)__builtin_ctz(g->open[depth].lists);
    struct span text;

    buffer_add_char(rest, '}');
    if (rest->failed)
        return fail(g, "what is beside the lists is too long");
    buffer_reset(&g->replacement);
    if (!g->user.judge(g->user.arg, list, buffer_span(rest), &g->replacement))
        return false;
    text = buffer_span(&g->replacement);
    if (g->replacement.failed || text.len < 2 || text.at[0] != '{' || text.at[text.len - 1] != '}')
        return fail(g, "what is beside the lists was not replaced by an object");
    text = (struct span){ text.at + 1, text.len - 2 };
    return text.len == 0 || (put_comma(g, &g->open[depth].any) && put(g, text));
}

// --- values -------------------------------------------------------------------------------------

static bool leads_deeper(const struct gather *g, uint32_t lists)
{
    for (size_t i = 0; i < g->rules->list_count; i++)
        if ((lists >> i & 1) != 0 && !cut_ends(g->rules, i, g->grammar.depth))
            return true;
    return false;
}

static bool begin_value(struct gather *g, char first)
{
    unsigned depth = g->grammar.depth;
    uint32_t lists = depth == 0 ? cut_all(g->rules) : g->coming;

    g->value_depth = depth;
    g->mode = lists != 0 ? GATHER_PASS : GATHER_HOLD;
    if (g->mode == GATHER_HOLD) {
        struct buffer *rest = &g->open[depth].rest;

        if (rest->len > 1)
            buffer_add_char(rest, ',');
        buffer_add_span(rest, buffer_span(&g->key));
        buffer_add_char(rest, ':');
        return true;
    }
    if (depth > 0 &&
        (!put_comma(g, &g->open[depth].any) || !put(g, buffer_span(&g->key)) || !put(g, SPAN(":"))))
        return false;
    if (first != '{' || !leads_deeper(g, lists))
        return true; // whoever cuts it checks what it is
    g->mode = GATHER_BETWEEN;
    return open_object(g, lists);
}

static const char *step_value(struct gather *g, const char *p, const char *end)
{
    const char *next = grammar_skip(&g->grammar, p, end, g->value_depth);

    if (!next)
        return NULL;
    if (g->mode == GATHER_PASS && !put(g, between(p, next)))
        return NULL;
    if (g->mode == GATHER_HOLD)
        buffer_add_span(&g->open[g->value_depth].rest, between(p, next));
    if (grammar_is_behind_value(&g->grammar, g->value_depth))
        g->mode = GATHER_BETWEEN;
    return next;
}

// --- what is between them -----------------------------------------------------------------------

static const char *step_key(struct gather *g, const char *p, const char *end)
{
    const char *next = grammar_run(&g->grammar, p, end);
    unsigned depth = g->grammar.depth;

    if (!next)
        return NULL;
    buffer_add_span(&g->key, between(p, next));
    if (g->key.failed || g->grammar.state == GRAMMAR_ESCAPE) {
        (void)fail(g, "an escape in a key beside a list, or a long one");
        return NULL;
    }
    if (g->grammar.state == GRAMMAR_COLON) {
        struct span name = { g->key.data + 1, g->key.len - 2 };

        g->coming = cut_follow(g->rules, g->open[depth].lists, depth - 1, name);
        g->mode = GATHER_BETWEEN;
    }
    return next;
}

// White space outside of all goes on, that in objects does not.
static const char *step_between(struct gather *g, const char *p, const char *end)
{
    unsigned depth = g->grammar.depth;
    bool closes = *p == '}' && depth > 0;
    bool opens = false;

    if (*p == '"' && (g->grammar.state == GRAMMAR_FIRST_KEY || g->grammar.state == GRAMMAR_KEY)) {
        g->mode = GATHER_KEY;
        buffer_reset(&g->key);
        return step_key(g, p, end);
    }
    if (grammar_begins_value(&g->grammar, *p)) {
        if (!begin_value(g, *p))
            return NULL;
        if (g->mode != GATHER_BETWEEN)
            return step_value(g, p, end);
        opens = true; // put already
    }

    const char *next = grammar_run(&g->grammar, p, end);

    if (!next)
        return NULL;
    if (closes)
        return put_rest(g, depth) && put(g, SPAN("}")) ? next : NULL;
    return opens || depth > 0 || put(g, between(p, next)) ? next : NULL;
}

int gather_feed(struct gather *g, const char *data, size_t len)
{
    const char *p = data, *end = data + len;

    while (p && p < end) {
        if (g->mode == GATHER_KEY)
            p = step_key(g, p, end);
        else if (g->mode == GATHER_BETWEEN)
            p = step_between(g, p, end);
        else
            p = step_value(g, p, end);
    }
    return p ? 0 : -1;
}
