#include "json/redact_path.h"

#include "json/redact.h"

#include <stdlib.h>
#include <string.h>

#define INDEX_DIGITS 9

struct reader {
    const char *at, *end;
    char *store;
    const char *fault; // a constant; it is at 'at'
    struct redact_step steps[REDACT_STEPS_MAX];
    size_t count;
};

static bool fail(struct reader *r, const char *why)
{
    r->fault = why;
    return false;
}

static bool comes(const struct reader *r, const char *text)
{
    return span_starts((struct span){ r->at, (size_t)(r->end - r->at) }, span_of(text));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_index(struct reader *r, struct redact_step *step)
{
    int digits = 0;

    for (; r->at < r->end && is_digit(*r->at); r->at++) {
        if (++digits > INDEX_DIGITS)
            return fail(r, "a number too large for an element");
        step->index = step->index * 10 + (size_t)(*r->at - '0');
    }
    step->kind = REDACT_INDEX;
    return digits > 0 || fail(r, "expected *, a number or a quoted name behind [");
}

static bool read_quoted(struct reader *r, struct redact_step *step)
{
    const char *quote = r->at++;

    step->kind = REDACT_NAME;
    r->fault = name_pattern_read(&step->name, &r->at, r->end, '"', &r->store);
    if (r->fault && r->at == r->end)
        r->at = quote;
    return !r->fault;
}

static bool read_bracket(struct reader *r, struct redact_step *step)
{
    r->at++;
    if (comes(r, "*]")) {
        step->kind = REDACT_ANY;
        r->at++;
    } else if (!(comes(r, "\"") ? read_quoted(r, step) : read_index(r, step))) {
        return false;
    }
    if (!comes(r, "]"))
        return fail(r, "expected ]");
    r->at++;
    return true;
}

// A byte of a name without quotes. Others would be read in two ways by two readers.
static bool is_plain(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f && !strchr(".[]\"'*$\\", c);
}

static bool read_plain(struct reader *r, struct redact_step *step)
{
    const char *from = r->at;
    bool digits = true;

    while (r->at < r->end && is_plain(*r->at))
        digits = is_digit(*r->at++) && digits;
    if (r->at < r->end && *r->at != '.' && *r->at != '[')
        return fail(r, "such a character needs a quoted name: [\"...\"]");
    if (r->at == from)
        return fail(r, "a name is missing");
    if (digits) {
        r->at = from;
        return fail(r, "write a number as [0] for an element, [\"0\"] for a name");
    }
    step->kind = REDACT_NAME;
    step->name.count = 1;
    step->name.pieces[0] = (struct span){ r->store, (size_t)(r->at - from) };
    memcpy(r->store, from, (size_t)(r->at - from));
    r->store += r->at - from;
    return true;
}

static bool read_star(struct reader *r, struct redact_step *step)
{
    step->kind = REDACT_ANY;
    r->at++;
    return r->at == r->end || *r->at == '.' || *r->at == '[' ||
           fail(r, "a star within a name needs quotes: [\"a*\"]");
}

_Static_assert(REDACT_STEPS_MAX == 16, "read_step() says so");

static bool read_step(struct reader *r)
{
    struct redact_step *step = &r->steps[r->count];

    if (r->count == REDACT_STEPS_MAX)
        return fail(r, "more than 16 steps");
    *step = (struct redact_step){ .index = 0 };
    r->count++;
    if (comes(r, "["))
        return read_bracket(r, step);
    if (r->count > 1) {
        if (!comes(r, "."))
            return fail(r, "expected . or [");
        r->at++;
        if (comes(r, "["))
            return fail(r, "no dot before [");
    }
    return comes(r, "*") ? read_star(r, step) : read_plain(r, step);
}

static bool read_steps(struct reader *r)
{
    do {
        if (!read_step(r))
            return false;
    } while (r->at < r->end);
    return true;
}

static int read_keep(struct redact_path *path, const struct span *names, size_t count, char *store,
                     struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = names[i].at, *end = at + names[i].len;
        const char *why = name_pattern_read(&path->keep[i], &at, end, '\0', &store);

        if (!why && names[i].len == 0)
            why = "it is empty";
        if (!why && memchr(names[i].at, '=', names[i].len))
            why = "it is a name only, without =";
        if (why)
            return err_set(err, "'%.*s' is not a name to keep: %s", (int)names[i].len, names[i].at,
                           why);
    }
    path->keep_count = count;
    return 0;
}

static int check_lengths(struct span text, const struct span *keep, size_t count, struct err *err)
{
    if (text.len == 0)
        return err_set(err, "the path is empty; to drop a whole item use 'only'");
    if (text.len > REDACT_PATH_MAX)
        return err_set(err, "a path of more than %d characters", REDACT_PATH_MAX);
    if (count > REDACT_KEEP_MAX)
        return err_set(err, "more than %d names to keep", REDACT_KEEP_MAX);
    for (size_t i = 0; i < count; i++)
        if (keep[i].len > REDACT_PATH_MAX)
            return err_set(err, "a name to keep of more than %d characters", REDACT_PATH_MAX);
    return 0;
}

static int read_path(struct redact_path *path, struct span text, char **store, struct err *err)
{
    struct reader r = { .at = text.at, .end = text.at + text.len, .store = *store };

    if (!read_steps(&r))
        return err_set(err, "'%.*s' is not a path: %s, at character %zu", (int)text.len, text.at,
                       r.fault, (size_t)(r.at - text.at) + 1);
    path->steps = calloc(r.count, sizeof(*r.steps));
    if (!path->steps)
        return err_set(err, "not enough memory");
    memcpy(path->steps, r.steps, r.count * sizeof(*r.steps));
    path->step_count = r.count;
    path->size += r.count * sizeof(*r.steps);
    *store = r.store;
    return 0;
}

int redact_path_read(struct redact_path *path, struct span text, const struct span *keep,
                     size_t keep_count, struct err *err)
{
    size_t length = text.len;
    char *store;

    *path = (struct redact_path){ .step_count = 0 };
    if (check_lengths(text, keep, keep_count, err) != 0)
        return -1;
    for (size_t i = 0; i < keep_count; i++)
        length += keep[i].len;
    path->store = store = malloc(length);
    path->keep = calloc(keep_count + 1, sizeof(*path->keep));
    path->size = length + (keep_count + 1) * sizeof(*path->keep);
    if (!path->store || !path->keep)
        return err_set(err, "not enough memory");
    if (read_path(path, text, &store, err) != 0)
        return -1;
    return read_keep(path, keep, keep_count, store, err);
}

void redact_path_clear(struct redact_path *path)
{
    free(path->steps);
    free(path->keep);
    free(path->store);
    *path = (struct redact_path){ .step_count = 0 };
}
