#include "json/cut.h"

#include "base/check.h"
#include "base/span.h"

#include <string.h>

size_t cut_list(const struct cut *c)
{
    return c->list;
}

const char *cut_fault(const struct cut *c)
{
    return c->grammar.fault;
}

uint64_t cut_offset(const struct cut *c)
{
    return c->offset;
}

// --- paths --------------------------------------------------------------------------------------

static unsigned count_names(const char *path)
{
    unsigned n = *path != '\0';

    for (; *path; path++)
        n += *path == '.';
    return n;
}

void cut_init(struct cut *c, const struct cut_rules *rules)
{
    CHECK(rules->list_count <= CUT_LISTS_MAX);
    for (size_t i = 0; i < rules->list_count; i++)
        CHECK(count_names(rules->lists[i]) <= CUT_NAMES_MAX);
    *c = (struct cut){ .rules = rules };
    grammar_init(&c->grammar, rules->depth);
}

// The n-th name of a path, counted from 0.
static struct span name_at(const char *path, unsigned n)
{
    for (; n > 0; n--)
        path = strchr(path, '.') + 1;
    return (struct span){ path, strcspn(path, ".") };
}

uint32_t cut_all(const struct cut_rules *rules)
{
    return (1u << rules->list_count) - 1;
}

uint32_t cut_follow(const struct cut_rules *rules, uint32_t lists, unsigned n, struct span key)
{
    uint32_t found = 0;

    for (size_t i = 0; i < rules->list_count; i++)
        if ((lists >> i & 1) != 0 && span_is(name_at(rules->lists[i], n), key))
            found |= 1u << i;
    return found;
}

bool cut_ends(const struct cut_rules *rules, size_t list, unsigned depth)
{
    return count_names(rules->lists[list]) == depth;
}

// Of the lists in 'bits', those whose n-th name is the key just read.
static uint32_t follow_key(const struct cut *c, uint32_t bits, unsigned n)
{
    if (c->key_len > sizeof(c->key))
        return 0;
    return cut_follow(c->rules, bits, n, (struct span){ c->key, c->key_len });
}

// The lists that may be in the object that is innermost now.
static uint32_t in_object(const struct cut *c)
{
    return c->grammar.depth <= CUT_NAMES_MAX ? c->open[c->grammar.depth] : 0;
}

// Collects the bytes of a key that may lead to a list.
static const char *run_key(struct cut *c, const char *p, const char *end)
{
    struct grammar *g = &c->grammar;
    const char *next = grammar_run(g, p, end);

    if (!next)
        return NULL;
    if (g->state == GRAMMAR_ESCAPE) {
        g->fault = "an escape in a key that leads to a list";
        g->fault_at = next - 1;
        return NULL;
    }

    size_t n = (size_t)(next - p) - (g->state == GRAMMAR_COLON); // without the quote

    if (c->key_len + n <= sizeof(c->key))
        memcpy(c->key + c->key_len, p, n);
    c->key_len = c->key_len + n <= sizeof(c->key) ? c->key_len + n : sizeof(c->key) + 1;
    if (g->state == GRAMMAR_COLON) {
        c->coming = follow_key(c, in_object(c), g->depth - 1);
        c->key_len = 0;
    }
    return next;
}

static const char *misshapen(struct cut *c, const char *p, const char *why)
{
    c->grammar.fault = why;
    c->grammar.fault_at = p;
    return NULL;
}

// A value begins that is no item: it may be a list, or an object on the way to one.
static const char *begin_other(struct cut *c, const char *p, const char *end)
{
    struct grammar *g = &c->grammar;
    unsigned depth = g->depth;
    uint32_t bits = c->coming;

    if (depth == 0 && c->started)
        return misshapen(c, p, "more than one value");
    if (depth == 0)
        bits = cut_all(c->rules);
    c->started = true;
    c->coming = 0;
    for (size_t i = 0; i < c->rules->list_count; i++) {
        bool ends_here = cut_ends(c->rules, i, depth);

        if ((bits >> i & 1) == 0 || *p == 'n')
            continue;
        if (*p != (ends_here ? '[' : '{'))
            return misshapen(c, p, "another type of value where a list was expected");
        if (ends_here) {
            c->list = i;
            c->list_depth = depth + 1;
        }
    }
    if (depth < CUT_NAMES_MAX)
        c->open[depth + 1] = bits;
    return grammar_run(g, p, end);
}

// --- ranges -------------------------------------------------------------------------------------

static enum cut_kind bad(struct cut *c, const char *data, size_t *used)
{
    *used = (size_t)(c->grammar.fault_at - data);
    c->offset += *used;
    return CUT_BAD;
}

static enum cut_kind done(struct cut *c, enum cut_kind kind, size_t n, size_t *used)
{
    *used = n;
    c->offset += n;
    return kind;
}

static enum cut_kind step_item(struct cut *c, const char *data, const char *end, size_t *used)
{
    const char *p = grammar_skip(&c->grammar, data, end, c->item_depth);

    if (!p)
        return bad(c, data, used);
    if (!grammar_is_behind_value(&c->grammar, c->item_depth))
        return done(c, CUT_ITEM, (size_t)(p - data), used);
    c->in_item = false;
    return done(c, CUT_ITEM_END, (size_t)(p - data), used);
}

// Where items are: at the top without lists, else directly inside of a list.
static bool among_items(const struct cut *c)
{
    if (c->rules->list_count == 0)
        return c->grammar.depth == 0;
    return c->list_depth > 0 && c->grammar.depth == c->list_depth;
}

static const char *run_outside(struct cut *c, const char *p, const char *end)
{
    struct grammar *g = &c->grammar;

    if (g->state == GRAMMAR_STRING && g->in_key && in_object(c) != 0)
        return run_key(c, p, end);
    if (grammar_begins_value(g, *p))
        return begin_other(c, p, end);

    const char *next = grammar_run(g, p, end);

    if (g->depth < c->list_depth)
        c->list_depth = 0;
    return next;
}

static enum cut_kind step_outside(struct cut *c, const char *data, const char *end, size_t *used)
{
    struct grammar *g = &c->grammar;

    for (const char *p = data; p < end;) {
        bool item = among_items(c) && grammar_begins_value(g, *p);
        bool comma = among_items(c) && g->state == GRAMMAR_AFTER && *p == ',';

        if ((item || comma) && p > data)
            return done(c, CUT_PASS, (size_t)(p - data), used);
        if (item) {
            c->in_item = true;
            c->item_depth = g->depth;
            return step_item(c, p, end, used);
        }

        const char *next = run_outside(c, p, end);

        if (!next)
            return bad(c, data, used);
        p = next;
        if (comma)
            return done(c, CUT_COMMA, 1, used);
    }
    return done(c, CUT_PASS, (size_t)(end - data), used);
}

enum cut_kind cut_step(struct cut *c, const char *data, size_t len, size_t *used)
{
    *used = 0;
    if (c->grammar.fault)
        return CUT_BAD;
    if (len == 0)
        return CUT_MORE;
    if (c->in_item)
        return step_item(c, data, data + len, used);
    return step_outside(c, data, data + len, used);
}

enum cut_kind cut_end(struct cut *c)
{
    if (c->grammar.fault || !grammar_end(&c->grammar))
        return CUT_BAD;
    if (c->rules->list_count > 0 && !c->started) {
        c->grammar.fault = "no value at all";
        return CUT_BAD;
    }
    if (c->in_item) {
        c->in_item = false;
        return CUT_ITEM_END;
    }
    return CUT_MORE;
}
