#include "json/document_text.h"

#include "base/number.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 100 // bytes of a key in a message

static size_t number_of(struct text_at t)
{
    return (size_t)(t.at - t.begin) + 1;
}

bool document_fail(struct text_at t, struct err *err, const char *why)
{
    (void)err_set(err, "byte %zu: %s", number_of(t), why);
    return false;
}

struct shown {
    char text[16];
};

// The byte at 'at', fit for a message.
static struct shown describe(const char *at, const char *end)
{
    struct shown s = { "the end" };

    if (at == end)
        return s;
    if ((unsigned char)*at < 0x21 || (unsigned char)*at > 0x7e)
        snprintf(s.text, sizeof(s.text), "byte 0x%02x", (unsigned char)*at);
    else
        snprintf(s.text, sizeof(s.text), "'%c'", *at);
    return s;
}

bool document_expected(struct text_at t, struct err *err, const char *what)
{
    (void)err_set(err, "byte %zu: expected %s, found %s", number_of(t), what,
                  describe(t.at, t.end).text);
    return false;
}

// A key as messages quote it: the beginning of a long one.
static struct key_shown {
    char text[SHOWN_MAX + 6];
} show_key(struct span key)
{
    struct key_shown s;
    size_t len = key.len > SHOWN_MAX ? utf8_right((struct span){ key.at, SHOWN_MAX }) : key.len;

    memcpy(s.text + 1, key.at, len);
    s.text[0] = '"';
    (void)snprintf(s.text + 1 + len, sizeof(s.text) - 1 - len, "%s\"", len < key.len ? "..." : "");
    return s;
}

bool document_fail_key(struct text_at t, struct err *err, struct span key, const char *why)
{
    (void)err_set(err, "byte %zu: the key %s %s", number_of(t), show_key(key).text, why);
    return false;
}

bool document_expected_colon(struct text_at t, struct err *err, struct span key)
{
    (void)err_set(err, "byte %zu: expected ':' after the key %s, found %s", number_of(t),
                  show_key(key).text, describe(t.at, t.end).text);
    return false;
}

bool document_fail_twins(struct text_at t, struct err *err, struct span key, struct span first)
{
    if (span_is(key, first))
        return document_fail_key(t, err, key, "comes twice");
    (void)err_set(err, "byte %zu: the key %s comes twice, first as %s", number_of(t),
                  show_key(key).text, show_key(first).text);
    return false;
}

// --- strings ------------------------------------------------------------------------------------

// The unit of the escape \uXXXX at p; 0 if there is none.
static unsigned unit_at(const char *p, const char *end)
{
    unsigned unit = 0;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return 0;
    for (int i = 2; i < 6; i++) {
        unsigned c = (unsigned char)p[i];

        unit = unit << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

// The first half of a surrogate pair that has no other half; 'raw' has whole escapes only.
static const char *lone_half(const char *p, const char *end)
{
    while ((p = memchr(p, '\\', (size_t)(end - p)))) {
        unsigned unit = unit_at(p, end), low = unit_at(p + (unit > 0 ? 6 : 2), end);

        if (unit >= 0xd800 && unit <= 0xdfff) {
            if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff)
                return p;
            p += 6;
        }
        p += unit > 0 || p[1] == 'u' ? 6 : 2;
    }
    return NULL;
}

// Whether what is between 'from' and 't.at', which the grammar allows, is right; if not, err says
// so.
static bool check_string(struct text_at t, const char *from, bool escaped, struct err *err)
{
    struct span raw = { from, (size_t)(t.at - from) };
    const char *half = escaped ? lone_half(from, t.at) : NULL;
    size_t right = utf8_right(raw);

    if (right < raw.len && (!half || from + right < half)) {
        t.at = from + right;
        return document_fail(t, err, "invalid UTF-8 inside a string");
    }
    if (!half)
        return true;
    t.at = half;
    (void)err_set(err, "byte %zu: %.6s is half of a surrogate pair", number_of(t), half);
    return false;
}

// The grammar stops at a backslash, at a control character, or where the text ends.
static const char *fail_string(const struct grammar *g, struct text_at t, const char *from,
                               const char *escape, bool escaped, struct err *err)
{
    bool in_escape = g->state == GRAMMAR_ESCAPE || g->state == GRAMMAR_HEX;

    t.at = in_escape ? escape : g->fault ? g->fault_at : t.end;
    if (!check_string(t, from, escaped, err))
        return NULL;
    if (in_escape)
        (void)err_set(err, "byte %zu: a backslash and %s mean nothing", number_of(t),
                      describe(t.at + 1, t.end).text);
    else if (t.at == t.end)
        (void)document_fail(t, err, "the text ends inside a string");
    else
        (void)err_set(err, "byte %zu: byte 0x%02x inside a string must be escaped", number_of(t),
                      (unsigned char)*t.at);
    return NULL;
}

const char *document_string(struct grammar *g, struct text_at t, bool *escaped, struct err *err)
{
    const char *from = t.at + 1, *p = grammar_run(g, t.at, t.end), *escape = from;

    *escaped = false;
    for (;;) {
        const char *next = p < t.end ? grammar_run(g, p, t.end) : NULL;

        if (!next)
            return fail_string(g, t, from, escape, *escaped, err);
        if (g->state == GRAMMAR_ESCAPE) {
            escape = next - 1;
            *escaped = true;
        } else if (g->state != GRAMMAR_STRING && g->state != GRAMMAR_HEX) {
            t.at = next - 1;
            return check_string(t, from, *escaped, err) ? next : NULL;
        }
        p = next;
    }
}

// --- numbers and literals -----------------------------------------------------------------------

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_in_number(char c)
{
    return c == '+' || c == '-' || c == '.';
}

const char *document_number(struct grammar *g, struct text_at t, struct err *err)
{
    const char *p = t.at, *whole = NULL; // behind the longest number

    while (p < t.end) {
        const char *next = grammar_run(g, p, t.end);

        if (next && (!grammar_in_number(g) || grammar_is_whole_number(g->state)))
            whole = next;
        if (!next || !grammar_in_number(g))
            break;
        p = next;
    }
    if (!whole) {
        t.at++;
        (void)err_set(err, "byte %zu: expected a digit after '-', found %s", number_of(t) - 1,
                      describe(t.at, t.end).text);
        return NULL;
    }
    if (whole == t.end || (!is_letter_or_digit(*whole) && !is_in_number(*whole))) {
        if (!number_overflows((struct span){ t.at, (size_t)(whole - t.at) })) {
            grammar_end_number(g);
            return whole;
        }
        (void)document_fail(t, err, "the number is too large");
        return NULL;
    }
    t.at = whole;
    (void)err_set(err, "byte %zu: %s does not belong to a number", number_of(t),
                  describe(whole, t.end).text);
    return NULL;
}

const char *document_literal(struct grammar *g, struct text_at t, struct err *err)
{
    const char *p = grammar_run(g, t.at, t.end);

    while (p && p < t.end && g->state == GRAMMAR_LITERAL)
        p = grammar_run(g, p, t.end);
    if (p && g->state != GRAMMAR_LITERAL && (p == t.end || (!is_letter_or_digit(*p) && *p != '_')))
        return p;
    (void)document_expected(t, err, "a value");
    return NULL;
}
