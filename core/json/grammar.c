#include "json/grammar.h"

#include "base/check.h"
#include "json/plain.h"

#include <string.h>

void grammar_init(struct grammar *g, unsigned depth_limit)
{
    CHECK(depth_limit <= GRAMMAR_DEPTH_MAX);
    *g = (struct grammar){ .state = GRAMMAR_TOP, .limit = depth_limit };
}

static const char *bad(struct grammar *g, const char *at, const char *why)
{
    g->fault = why;
    g->fault_at = at;
    return NULL;
}

bool grammar_in_object(const struct grammar *g)
{
    return g->depth > 0 && (g->objects[(g->depth - 1) / 8] >> ((g->depth - 1) % 8) & 1) != 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void end_value(struct grammar *g)
{
    g->state = g->depth > 0 ? GRAMMAR_AFTER : GRAMMAR_TOP;
}

static const char *open_bracket(struct grammar *g, const char *p)
{
    uint8_t bit = (uint8_t)(1u << (g->depth % 8));

    if (g->depth == g->limit)
        return bad(g, p, "brackets nested too deeply");
    if (*p == '{')
        g->objects[g->depth / 8] |= bit;
    else
        g->objects[g->depth / 8] &= (uint8_t)~bit;
    g->depth++;
    g->state = *p == '{' ? GRAMMAR_FIRST_KEY : GRAMMAR_FIRST_VALUE;
    return p + 1;
}

static const char *close_bracket(struct grammar *g, const char *p)
{
    g->depth--;
    end_value(g);
    return p + 1;
}

static const char *begin_string(struct grammar *g, const char *p, bool in_key)
{
    g->state = GRAMMAR_STRING;
    g->in_key = in_key;
    return p + 1;
}

static const char *begin_literal(struct grammar *g, const char *p, const char *rest)
{
    g->state = GRAMMAR_LITERAL;
    g->rest = rest;
    return p + 1;
}

static const char *begin_value(struct grammar *g, const char *p)
{
    switch (*p) {
    case '"':
        return begin_string(g, p, false);
    case '{':
    case '[':
        return open_bracket(g, p);
    case 't':
        return begin_literal(g, p, "rue");
    case 'f':
        return begin_literal(g, p, "alse");
    case 'n':
        return begin_literal(g, p, "ull");
    case '-':
        g->state = GRAMMAR_MINUS;
        return p + 1;
    case '0':
        g->state = GRAMMAR_ZERO;
        return p + 1;
    default:
        if (!is_digit(*p))
            return bad(g, p, "no value where one must begin");
        g->state = GRAMMAR_DIGITS;
        return p + 1;
    }
}

static const char *run_string(struct grammar *g, const char *p, const char *end)
{
    p = plain_end(p, end);
    if (p == end)
        return p;
    if (*p == '\\') {
        g->state = GRAMMAR_ESCAPE;
        return p + 1;
    }
    if (*p != '"')
        return bad(g, p, "a control character in a string");
    if (g->in_key)
        g->state = GRAMMAR_COLON;
    else
        end_value(g);
    return p + 1;
}

static const char *run_escape(struct grammar *g, const char *p)
{
    if (*p == 'u') {
        g->state = GRAMMAR_HEX;
        g->hex = 4;
        return p + 1;
    }
    if (*p == '\0' || !strchr("\"\\/bfnrt", *p))
        return bad(g, p, "an escape that JSON does not have");
    g->state = GRAMMAR_STRING;
    return p + 1;
}

static const char *run_hex(struct grammar *g, const char *p)
{
    if (!is_digit(*p) && !(*p >= 'a' && *p <= 'f') && !(*p >= 'A' && *p <= 'F'))
        return bad(g, p, "an escape without four hexadecimal digits");
    if (--g->hex == 0)
        g->state = GRAMMAR_STRING;
    return p + 1;
}

static const char *run_literal(struct grammar *g, const char *p)
{
    if (*p != *g->rest)
        return bad(g, p, "a word that is not true, false or null");
    if (*++g->rest == '\0')
        end_value(g);
    return p + 1;
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

// Where a number may go on from its state with that byte; the state itself if it may not.
static enum grammar_state next_in_number(enum grammar_state state, char c)
{
    bool digit = is_digit(c), e = c == 'e' || c == 'E';

    if (state == GRAMMAR_MINUS && digit)
        return c == '0' ? GRAMMAR_ZERO : GRAMMAR_DIGITS;
    if ((state == GRAMMAR_ZERO || state == GRAMMAR_DIGITS) && c == '.')
        return GRAMMAR_POINT;
    if (state == GRAMMAR_POINT && digit)
        return GRAMMAR_FRACTION;
    if ((state == GRAMMAR_ZERO || state == GRAMMAR_DIGITS || state == GRAMMAR_FRACTION) && e)
        return GRAMMAR_E;
    if (state == GRAMMAR_E && (c == '+' || c == '-'))
        return GRAMMAR_E_SIGN;
    if ((state == GRAMMAR_E || state == GRAMMAR_E_SIGN) && digit)
        return GRAMMAR_EXPONENT;
    return state;
}

bool grammar_is_whole_number(enum grammar_state state)
{
    return state == GRAMMAR_ZERO || state == GRAMMAR_DIGITS || state == GRAMMAR_FRACTION ||
           state == GRAMMAR_EXPONENT;
}

bool grammar_in_number(const struct grammar *g)
{
    return g->state >= GRAMMAR_MINUS && g->state <= GRAMMAR_EXPONENT;
}

static const char *run_number(struct grammar *g, const char *p, const char *end)
{
    if (g->state == GRAMMAR_DIGITS || g->state == GRAMMAR_FRACTION || g->state == GRAMMAR_EXPONENT)
        p = skip_digits(p, end);
    if (p == end)
        return p;

    enum grammar_state next = next_in_number(g->state, *p);

    if (next != g->state) {
        g->state = next;
        return p + 1;
    }
    if (!grammar_is_whole_number(g->state) || is_digit(*p)) // a digit behind a leading zero
        return bad(g, p, "a number that JSON does not have");
    end_value(g);
    return p;
}

static const char *run_key(struct grammar *g, const char *p)
{
    if (*p == '"')
        return begin_string(g, p, true);
    if (*p == '}' && g->state == GRAMMAR_FIRST_KEY)
        return close_bracket(g, p);
    return bad(g, p, "no key where one must begin");
}

static const char *run_after(struct grammar *g, const char *p)
{
    bool object = grammar_in_object(g);

    if (*p == ',') {
        g->state = object ? GRAMMAR_KEY : GRAMMAR_VALUE;
        return p + 1;
    }
    if (*p != (object ? '}' : ']'))
        return bad(g, p, "neither a comma nor the closing bracket behind a value");
    return close_bracket(g, p);
}

// Between tokens, where white space may stand.
static const char *run_between(struct grammar *g, const char *p, const char *end)
{
    if (is_space(*p)) {
        while (p < end && is_space(*p))
            p++;
        return p;
    }
    switch (g->state) {
    case GRAMMAR_FIRST_KEY:
    case GRAMMAR_KEY:
        return run_key(g, p);
    case GRAMMAR_COLON:
        if (*p != ':')
            return bad(g, p, "no colon behind a key");
        g->state = GRAMMAR_VALUE;
        return p + 1;
    case GRAMMAR_AFTER:
        return run_after(g, p);
    case GRAMMAR_FIRST_VALUE:
        return *p == ']' ? close_bracket(g, p) : begin_value(g, p);
    default:
        return begin_value(g, p);
    }
}

const char *grammar_run(struct grammar *g, const char *p, const char *end)
{
    switch (g->state) {
    case GRAMMAR_TOP:
    case GRAMMAR_VALUE:
    case GRAMMAR_FIRST_VALUE:
    case GRAMMAR_FIRST_KEY:
    case GRAMMAR_KEY:
    case GRAMMAR_COLON:
    case GRAMMAR_AFTER:
        return run_between(g, p, end);
    case GRAMMAR_STRING:
        return run_string(g, p, end);
    case GRAMMAR_ESCAPE:
        return run_escape(g, p);
    case GRAMMAR_HEX:
        return run_hex(g, p);
    case GRAMMAR_LITERAL:
        return run_literal(g, p);
    case GRAMMAR_MINUS:
    case GRAMMAR_ZERO:
    case GRAMMAR_DIGITS:
    case GRAMMAR_POINT:
    case GRAMMAR_FRACTION:
    case GRAMMAR_E:
    case GRAMMAR_E_SIGN:
    case GRAMMAR_EXPONENT:
        return run_number(g, p, end);
    }
    return bad(g, p, "a state that the grammar does not have");
}

// Behind a string that is all there and has no escapes; NULL if it is not such a one.
static const char *whole_string(const char *p, const char *end)
{
    if (*p != '"')
        return NULL;
    p = plain_end(p + 1, end);
    return p < end && *p == '"' ? p + 1 : NULL;
}

const char *grammar_key(struct grammar *g, const char *p, const char *end)
{
    if (g->state != GRAMMAR_KEY && g->state != GRAMMAR_FIRST_KEY)
        return NULL;
    p = whole_string(p, end);
    if (!p || p == end || *p != ':')
        return NULL;
    g->state = GRAMMAR_VALUE;
    return p + 1;
}

const char *grammar_string(struct grammar *g, const char *p, const char *end)
{
    if (g->state != GRAMMAR_VALUE && g->state != GRAMMAR_FIRST_VALUE)
        return NULL;
    p = whole_string(p, end);
    if (p)
        end_value(g);
    return p;
}

bool grammar_is_behind_value(const struct grammar *g, unsigned depth)
{
    return g->depth == depth && (g->state == GRAMMAR_AFTER || g->state == GRAMMAR_TOP);
}

// Strings are most of a text, so that whole ones are worth a way of their own.
const char *grammar_skip(struct grammar *g, const char *p, const char *end, unsigned depth)
{
    do {
        const char *next = grammar_key(g, p, end);

        if (!next)
            next = grammar_string(g, p, end);
        p = next ? next : grammar_run(g, p, end);
    } while (p && p < end && !grammar_is_behind_value(g, depth));
    return p;
}

bool grammar_begins_value(const struct grammar *g, char next)
{
    switch (g->state) {
    case GRAMMAR_TOP:
    case GRAMMAR_VALUE:
        return !is_space(next);
    case GRAMMAR_FIRST_VALUE:
        return !is_space(next) && next != ']';
    default:
        return false;
    }
}

void grammar_end_number(struct grammar *g)
{
    if (grammar_is_whole_number(g->state))
        end_value(g);
}

bool grammar_end(struct grammar *g)
{
    if (g->depth == 0)
        grammar_end_number(g);
    if (g->state == GRAMMAR_TOP)
        return true;
    g->fault = "the text ends inside of a value";
    return false;
}
