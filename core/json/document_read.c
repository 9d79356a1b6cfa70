// document_read: reads a text into the nodes of document.h.
#include "json/document.h"

#include "json/document_text.h"
#include "json/fold.h"
#include "json/grammar.h"
#include "json/key_table.h"
#include "json/twins.h"
#include "json/unescape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64
#define FEW        16 // members that are compared one by one; of more the keys are hashed

// An array or object that is open.
struct level {
    uint32_t node;
    uint32_t last;  // its last element or member; 0: none yet
    bool hashed;    // its keys are in the table
    uint32_t first; // the member whose twin the one to come is; 0: it is none
    size_t comma;   // before the member to come
    size_t key;     // where that begins
};

struct reader {
    struct document *d;
    const struct document_rules *rules;
    struct grammar grammar;
    const char *p, *end;
    struct err *err;
    struct level levels[DOCUMENT_DEPTH_MAX + 1]; // of each open bracket, from 1 on
    struct node coming;                          // has the key of the member to come
    struct key_table table;
    struct twins twins;
};

// --- reading ------------------------------------------------------------------------------------

static bool no_memory(struct reader *r)
{
    (void)err_set(r->err, "not enough memory");
    return false;
}

static struct text_at at(const struct reader *r, const char *p)
{
    return (struct text_at){ r->d->text, p, r->end };
}

static bool expected(const struct reader *r, const char *what)
{
    return document_expected(at(r, r->p), r->err, what);
}

static struct level *innermost(struct reader *r)
{
    return &r->levels[r->grammar.depth];
}

// Whether there is room for a node in all that has a limit.
static bool has_room(struct reader *r)
{
    struct document *d = r->d;
    size_t room = d->room > 0 ? 2 * d->room : FIRST_ROOM;
    struct node *nodes;

    if (d->count < d->room)
        return true;
    nodes = realloc(d->nodes, room * sizeof(*nodes));
    if (!nodes)
        return no_memory(r);
    d->nodes = nodes;
    d->room = room;
    return true;
}

// Adds the node of the value that begins here.
static uint32_t add_node(struct reader *r, enum node_type type)
{
    struct document *d = r->d;
    struct level *level = innermost(r);
    uint32_t number = (uint32_t)d->count++;

    d->nodes[number] = r->coming;
    d->nodes[number].at = (uint32_t)(r->p - d->text);
    d->nodes[number].type = (uint8_t)type;
    r->coming = (struct node){ .key = 0 }; // elements have no key
    if (r->grammar.depth == 0)
        return number;
    d->nodes[number].parent = level->node;
    d->nodes[level->node].count++;
    if (level->last > 0)
        d->nodes[level->last].next = number;
    level->last = number;
    return number;
}

// --- keys ---------------------------------------------------------------------------------------

static bool decode_key(struct reader *r, struct span raw)
{
    struct buffer *keys = &r->d->keys;

    if (keys->max == 0)
        buffer_init(keys, (size_t)(r->end - r->d->text) + 1);
    r->coming.key = (uint32_t)keys->len;
    unescape(raw, keys);
    if (keys->failed)
        return no_memory(r);
    r->coming.key_len = (uint32_t)keys->len - r->coming.key;
    r->coming.key_decoded = true;
    return true;
}

// At the quote.
static bool read_key(struct reader *r)
{
    const char *quote = r->p;
    bool escaped;
    struct span key;

    r->p = document_string(&r->grammar, at(r, quote), &escaped, r->err);
    if (!r->p)
        return false;
    key = (struct span){ quote + 1, (size_t)(r->p - quote) - 2 };
    r->coming =
        (struct node){ .key = (uint32_t)(key.at - r->d->text), .key_len = (uint32_t)key.len };
    innermost(r)->key = (size_t)(quote - r->d->text);
    if (escaped && !decode_key(r, key))
        return false;
    key = document_key(r->d, &r->coming);
    if (memchr(key.at, '\0', key.len))
        return document_fail(at(r, quote), r->err, "a key holds a NUL");
    if (r->d->nodes[innermost(r)->node].type == NODE_STRUCT && fold_has_partner(key))
        return document_fail_key(at(r, quote), r->err, key,
                                 "holds a character that the engine reads as an ASCII letter");
    return true;
}

// At what should be a colon.
static bool read_colon(struct reader *r)
{
    struct level *level = innermost(r);
    struct span key = document_key(r->d, &r->coming);
    const struct node *object = &r->d->nodes[level->node], *first;

    if (r->p == r->end || *r->p != ':')
        return document_expected_colon(at(r, r->p), r->err, key);
    r->p = grammar_run(&r->grammar, r->p, r->end);
    if (r->rules->exact)
        return true;
    if (level->hashed) {
        level->first = key_table_find(&r->table, r->d, level->node, key);
    } else {
        first = document_find(r->d, object, key);
        level->first = first ? (uint32_t)(first - r->d->nodes) : 0;
    }
    return true;
}

// A member that is no twin is over.
static bool remember(struct reader *r, struct level *level, uint32_t member)
{
    const struct node *object = &r->d->nodes[level->node];

    if (r->rules->exact)
        return true;
    if (level->hashed)
        return key_table_add(&r->table, r->d, level->node, member) || no_memory(r);
    if (object->count < FEW)
        return true;
    level->hashed = true;
    for (const struct node *n = document_first(object); n; n = document_next(r->d, n))
        if (!key_table_add(&r->table, r->d, level->node, (uint32_t)(n - r->d->nodes)))
            return no_memory(r);
    return true;
}

// --- twins --------------------------------------------------------------------------------------

static bool take_twin(struct reader *r, struct level *level, const struct node *node)
{
    const struct document *d = r->d;
    const struct node *first = &d->nodes[level->first];

    if (!span_is(document_source(d, first), document_source(d, node)))
        return document_fail_twins(at(r, d->text + level->key), r->err, document_key(d, node),
                                   document_key(d, first));
    return twins_add(&r->twins, level->comma, (size_t)(r->p - d->text)) || no_memory(r);
}

// --- values -------------------------------------------------------------------------------------

// A value is over, and what it is in is innermost again.
static bool end_value(struct reader *r, uint32_t number)
{
    struct level *level = innermost(r);
    struct node *node = &r->d->nodes[number];

    node->len = (uint32_t)((size_t)(r->p - r->d->text) - node->at);
    if (r->grammar.depth == 0 || r->d->nodes[level->node].type == NODE_ARRAY)
        return true;
    return level->first > 0 ? take_twin(r, level, node) : remember(r, level, number);
}

static bool is_map(struct reader *r)
{
    const struct node *outer = &r->d->nodes[innermost(r)->node];
    struct span key = document_key(r->d, &r->coming);

    if (r->rules->exact)
        return true;
    if (r->grammar.depth == 0 || outer->type != NODE_STRUCT)
        return false;
    for (size_t i = 0; i < r->rules->map_count; i++) {
        const struct document_map *map = &r->rules->maps[i];

        if (fold_same(map->name, key) &&
            (map->inside.len == 0 || fold_same(map->inside, document_key(r->d, outer))))
            return true;
    }
    return false;
}

static bool open_bracket(struct reader *r)
{
    enum node_type type = *r->p == '[' ? NODE_ARRAY : is_map(r) ? NODE_MAP : NODE_STRUCT;
    uint32_t number;
    char why[40];

    if (r->grammar.depth == DOCUMENT_DEPTH_MAX) {
        (void)snprintf(why, sizeof(why), "nested deeper than %d", DOCUMENT_DEPTH_MAX);
        return document_fail(at(r, r->p), r->err, why);
    }
    number = add_node(r, type);
    r->p = grammar_run(&r->grammar, r->p, r->end);
    *innermost(r) = (struct level){ .node = number };
    return true;
}

static bool close_bracket(struct reader *r)
{
    uint32_t number = innermost(r)->node;
    struct node *node = &r->d->nodes[number];

    node->flat = innermost(r)->last == number + node->count;
    r->p = grammar_run(&r->grammar, r->p, r->end);
    return end_value(r, number);
}

static bool read_word(struct reader *r)
{
    const char *begin = r->p, *end;
    enum node_type type = NODE_NUMBER;
    bool escaped = false;
    uint32_t number;

    switch (*begin) {
    case '"':
        type = NODE_STRING;
        end = document_string(&r->grammar, at(r, begin), &escaped, r->err);
        break;
    case 't':
    case 'f':
    case 'n':
        type = *begin == 't' ? NODE_TRUE : *begin == 'f' ? NODE_FALSE : NODE_NULL;
        end = document_literal(&r->grammar, at(r, begin), r->err);
        break;
    default:
        if (*begin != '-' && !(*begin >= '0' && *begin <= '9'))
            return expected(r, "a value");
        end = document_number(&r->grammar, at(r, begin), r->err);
    }
    if (!end)
        return false;
    number = add_node(r, type);
    r->d->nodes[number].escaped = escaped;
    r->p = end;
    return end_value(r, number);
}

static bool read_value(struct reader *r)
{
    char why[40];

    if (r->d->count == r->rules->values) {
        (void)snprintf(why, sizeof(why), "more than %zu values", r->rules->values);
        return document_fail(at(r, r->p), r->err, why);
    }
    if (!has_room(r))
        return false;
    if (r->p < r->end && (*r->p == '{' || *r->p == '['))
        return open_bracket(r);
    return r->p < r->end ? read_word(r) : expected(r, "a value");
}

// Behind a value.
static bool read_after(struct reader *r)
{
    bool in_object = grammar_in_object(&r->grammar);
    bool some = r->p < r->end;

    if (some && *r->p == (in_object ? '}' : ']'))
        return close_bracket(r);
    if (!some || *r->p != ',')
        return expected(r, in_object ? "',' or '}' in an object" : "',' or ']' in an array");
    innermost(r)->comma = (size_t)(r->p - r->d->text);
    r->p = grammar_run(&r->grammar, r->p, r->end);
    return true;
}

// What comes next, which is no white space but may be the end.
static bool step(struct reader *r)
{
    bool some = r->p < r->end;

    switch (r->grammar.state) {
    case GRAMMAR_FIRST_KEY:
        if (some && *r->p == '}')
            return close_bracket(r);
        return some && *r->p == '"' ? read_key(r) : expected(r, "a key in double quotes");
    case GRAMMAR_KEY:
        return some && *r->p == '"' ? read_key(r) : expected(r, "a key in double quotes");
    case GRAMMAR_COLON:
        return read_colon(r);
    case GRAMMAR_FIRST_VALUE:
        return some && *r->p == ']' ? close_bracket(r) : read_value(r);
    case GRAMMAR_AFTER:
        return read_after(r);
    default:
        return read_value(r);
    }
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p;
}

static bool read_text(struct reader *r)
{
    if (span_starts((struct span){ r->p, (size_t)(r->end - r->p) }, SPAN("\xef\xbb\xbf")))
        return document_fail(at(r, r->p), r->err, "a byte order mark");
    r->p = skip_space(r->p, r->end);
    if (r->p == r->end)
        return document_fail(at(r, r->p), r->err, "expected a value, the text is empty");
    do {
        if (!step(r))
            return false;
        r->p = skip_space(r->p, r->end);
    } while (r->grammar.depth > 0);
    return r->p == r->end || expected(r, "the end");
}

static enum document_result write_single(const struct reader *r, struct span text,
                                         struct buffer *single)
{
    twins_write(&r->twins, text, single);
    if (!single->failed)
        return DOCUMENT_TWINS;
    (void)err_set(r->err, "not enough memory");
    return DOCUMENT_BAD;
}

enum document_result document_read(struct document *d, struct span text,
                                   const struct document_rules *rules, struct buffer *single,
                                   struct err *err)
{
    struct reader r = { .d = d, .rules = rules, .p = text.at, .end = text.at + text.len };
    enum document_result result = DOCUMENT_OK;

    r.err = err;
    *d = (struct document){ .text = text.at };
    if (text.len >= UINT32_MAX) {
        (void)err_set(err, "byte %zu: more than can be read", (size_t)UINT32_MAX);
        return DOCUMENT_BAD;
    }
    grammar_init(&r.grammar, DOCUMENT_DEPTH_MAX);
    r.table.seed = rules->seed;
    if (!read_text(&r))
        result = DOCUMENT_BAD;
    else if (r.twins.count > 0)
        result = write_single(&r, text, single);
    key_table_clear(&r.table);
    twins_clear(&r.twins);
    if (result != DOCUMENT_OK)
        document_clear(d);
    return result;
}
