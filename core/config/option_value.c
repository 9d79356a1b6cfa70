#include "config/option_value.h"

#include "base/number.h"
#include "config/file_mode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

// The words of Go's strconv.ParseBool; every other one is a mistake and not false.
static enum option_value_status read_switch(const char *text, uint64_t *number, struct err *err)
{
    static const char *const words[2][6] = {
        { "0", "f", "F", "false", "False", "FALSE" },
        { "1", "t", "T", "true", "True", "TRUE" },
    };

    for (size_t value = 0; value < 2; value++) {
        for (size_t i = 0; i < ARRAY_LEN(words[value]); i++) {
            if (strcmp(text, words[value][i]) == 0) {
                *number = value;
                return OPTION_VALUE_OK;
            }
        }
    }
    err_set(err, "expected true or false (or 1, t, 0, f), got \"%.200s\"", text);
    return OPTION_VALUE_SYNTAX;
}

// Takes the prefix of a Go integer literal off the text and says which base it means.
static unsigned take_base(struct span *text)
{
    unsigned base = 10;
    size_t prefix = 0;

    if (text->len > 1 && text->at[0] == '0') {
        char letter = text->at[1];

        base = 8; // "0600"
        prefix = 1;
        if (letter == 'x' || letter == 'X')
            base = 16;
        else if (letter == 'b' || letter == 'B')
            base = 2;
        if (base != 8 || letter == 'o' || letter == 'O')
            prefix = 2;
    }
    text->at += prefix;
    text->len -= prefix;
    return base;
}

// A whole number as Go's flag package takes it: with a base prefix and single underscores between
// digits.
static int read_literal(const char *text, uint64_t *number)
{
    struct span digits = span_of(text);
    unsigned base = take_base(&digits);
    char plain[72];
    size_t len = 0;
    bool may_underscore = digits.at != text; // 0x_ff is fine, _ff is not

    for (size_t i = 0; i < digits.len; i++) {
        bool is_underscore = digits.at[i] == '_';

        if ((is_underscore && (!may_underscore || i + 1 == digits.len)) || len == sizeof(plain))
            return -1;
        may_underscore = !is_underscore;
        if (!is_underscore)
            plain[len++] = digits.at[i];
    }
    return number_read((struct span){ plain, len }, base, UINT64_MAX, number);
}

static int read_size(const char *text, uint64_t *number)
{
    static const char letters[] = "kKmMgG";
    struct span digits = span_of(text);
    unsigned shift = 0;

    if (digits.len > 0) {
        const char *letter = strchr(letters, digits.at[digits.len - 1]);

        if (letter) {
            shift = 10 * ((unsigned)(letter - letters) / 2 + 1);
            digits.len--;
        }
    }
    if (number_read(digits, 10, UINT64_MAX >> shift, number) != 0)
        return -1;
    *number <<= shift;
    return 0;
}

static const char *spelling(const struct option *entry, enum option_source source)
{
    if (entry->kind == OPTION_SIZE)
        return "a size such as 4096, 64k or 1m";
    if (entry->kind == OPTION_OCTAL)
        return source == OPTION_ENV ? "a file mode in octal digits, such as 0660"
                                    : "a file mode, octal with a leading 0 as in 0660";
    return "a whole number";
}

static int read_number(const struct option *entry, enum option_source source, const char *text,
                       uint64_t *number)
{
    if (entry->kind == OPTION_SIZE)
        return read_size(text, number);
    if (source == OPTION_FLAG)
        return read_literal(text, number);
    return number_read(span_of(text), entry->kind == OPTION_OCTAL ? 8 : 10, UINT64_MAX, number);
}

static void complain_of_number(const struct option *entry, enum option_source source,
                               const char *text, struct err *err)
{
    char hint[160] = "";

    if (entry->kind == OPTION_OCTAL && source == OPTION_ENV)
        file_mode_hint(span_of(text), hint, sizeof(hint));
    err_set(err, "expected %s, got \"%.200s\"%s", spelling(entry, source), text, hint);
}

static enum option_value_status check_range(const struct option *entry, const char *text,
                                            uint64_t number, struct err *err)
{
    const char *unit = entry->unit ? entry->unit : "";
    const char *gap = entry->unit ? " " : "";

    if (number >= entry->min && (entry->max == 0 || number <= entry->max))
        return OPTION_VALUE_OK;
    if (entry->max == 0)
        err_set(err, "expected at least %" PRIu64 "%s%s, got \"%.200s\"", entry->min, gap, unit,
                text);
    else
        err_set(err, "expected %" PRIu64 " to %" PRIu64 "%s%s, got \"%.200s\"", entry->min,
                entry->max, gap, unit, text);
    return OPTION_VALUE_RANGE;
}

enum option_value_status option_value_read(const struct option *entry, enum option_source source,
                                           const char *text, uint64_t *number, struct err *err)
{
    switch (entry->kind) {
    case OPTION_TEXT:
    case OPTION_LIST:
    case OPTION_FILE:
        return OPTION_VALUE_OK;
    case OPTION_SWITCH:
        return read_switch(text, number, err);
    case OPTION_NUMBER:
    case OPTION_OCTAL:
    case OPTION_SIZE:
        break;
    }
    if (read_number(entry, source, text, number) != 0) {
        complain_of_number(entry, source, text, err);
        return OPTION_VALUE_SYNTAX;
    }
    return check_range(entry, text, *number, err);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span option_value_trim(struct span text)
{
    while (text.len > 0 && is_blank(text.at[0])) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

bool option_value_piece(const char **rest, struct span *piece)
{
    while (**rest != '\0') {
        size_t len = strcspn(*rest, ",");

        *piece = option_value_trim((struct span){ *rest, len });
        *rest += len + ((*rest)[len] == ',');
        if (piece->len > 0)
            return true;
    }
    return false;
}

// "$HOME" or "${HOME}" anywhere in it.
static bool has_variable(struct span text)
{
    static const char first[] = "{_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] == '$' && text.at[i + 1] != '\0' && strchr(first, text.at[i + 1]))
            return true;
    }
    return false;
}

int option_value_plain(const struct option *entry, enum option_source source, struct span text,
                       struct err *err)
{
    struct span bare = option_value_trim(text);
    bool is_core = strcmp(entry->owner, "core") == 0; // a policy's texts may be anything
    int len = (int)(bare.len < 200 ? bare.len : 200);
    bool is_quoted = bare.len > 1 && (bare.at[0] == '"' || bare.at[0] == '\'') &&
                     bare.at[bare.len - 1] == bare.at[0];

    if (is_quoted)
        return err_set(err,
                       "the quotes are part of the value, %.*s: in a list of compose or an env "
                       "file they stay; write it without, %.*s",
                       len, bare.at, len > 2 ? len - 2 : 0, bare.at + 1);
    if (bare.len < text.len && source == OPTION_ENV && is_core)
        return err_set(err, "the blanks around the value \"%.*s\" are part of it; write it without",
                       len, bare.at);
    if (is_core && has_variable(text))
        return err_set(err,
                       "\"%.*s\" has a variable that nobody expands: a shell or compose does, "
                       "moonward does not",
                       len, bare.at);
    return 0;
}

const char *option_value_word(const struct option *entry, const char *text, struct err *err)
{
    char list[256] = "";
    size_t used = 0;

    if (!entry->words)
        return text;
    for (const struct option_word *word = entry->words; word->word; word++) {
        if (strcasecmp(word->word, text) == 0)
            return word->means;

        int len =
            snprintf(list + used, sizeof(list) - used, "%s%s", used > 0 ? ", " : "", word->word);

        used = used + (size_t)len < sizeof(list) ? used + (size_t)len : sizeof(list) - 1;
    }
    err_set(err, "expected one of %s; got \"%.100s\"", list, text);
    return NULL;
}

bool option_value_may_lack(const struct option *entry, const struct option *judge)
{
    for (const struct option_word *word = entry->words; word && word->word; word++) {
        if (strcasecmp(word->word, "true") == 0)
            return true;
    }
    return judge->kind == OPTION_SWITCH;
}

const char *option_value_form(enum option_kind kind)
{
    switch (kind) {
    case OPTION_TEXT:
        return "TEXT";
    case OPTION_SWITCH:
        return "";
    case OPTION_NUMBER:
        return "NUMBER";
    case OPTION_OCTAL:
        return "MODE";
    case OPTION_SIZE:
        return "SIZE";
    case OPTION_LIST:
        return "TEXT, repeatable";
    case OPTION_FILE:
        return "FILE";
    }
    return "";
}
