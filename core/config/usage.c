#include "config/usage.h"

#include "config/option_value.h"

#include <inttypes.h>
#include <string.h>

// The entry whose kind and bounds count: the one that this is another name of, if it is.
static const struct option *judge_of(const struct options *o, const struct option *entry)
{
    for (size_t i = 0; entry->sets && i < options_count(o); i++) {
        const struct option *other = options_entry(o, i);

        if (strcmp(other->name, entry->sets) == 0)
            return other;
    }
    return entry;
}

static void add_range(const struct option *entry, struct buffer *out)
{
    bool is_number = entry->kind == OPTION_NUMBER || entry->kind == OPTION_SIZE;
    const char *unit = entry->unit ? entry->unit : "";
    const char *gap = entry->unit ? " " : "";

    if (!is_number || (entry->min == 0 && entry->max == 0)) {
        buffer_add_string(out, unit);
        return;
    }
    if (entry->max == 0)
        buffer_printf(out, "at least %" PRIu64 "%s%s", entry->min, gap, unit);
    else
        buffer_printf(out, "%" PRIu64 " to %" PRIu64 "%s%s", entry->min, entry->max, gap, unit);
}

// --- text ----------------------------------------------------------------------------------------

#define TEXT_COLUMNS 96
#define TEXT_INDENT  6

void usage_add_wrapped(struct buffer *out, const char *text)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column > 0 && column + 1 + len > TEXT_COLUMNS - TEXT_INDENT) {
            buffer_add_char(out, '\n');
            column = 0;
        }
        buffer_printf(out, "%*s", column == 0 ? TEXT_INDENT : 1, "");
        buffer_add(out, text, len);
        column += len + (column > 0);
        text += len;
        text += strspn(text, " ");
    }
    buffer_add_char(out, '\n');
}

// "alert, crit, ...": the words that an option takes.
static void add_words(const struct option *entry, struct buffer *out)
{
    for (const struct option_word *word = entry->words; word->word; word++) {
        buffer_add_string(out, word == entry->words ? "" : ", ");
        buffer_add_string(out, word->word);
    }
}

static void add_variables(const struct option *entry, struct buffer *out)
{
    const char *variable = entry->env;

    for (size_t i = 0; variable; variable = option_variable(entry, ++i))
        buffer_printf(out, "%s%s", i > 0 ? ", " : entry->name[0] ? "   " : "  ", variable);
    buffer_add_string(out, entry->env_family ? "[_...]" : "");
}

static void add_entry(const struct options *o, const struct option *entry, struct buffer *out)
{
    const struct option *judge = judge_of(o, entry);
    const char *form = option_value_may_lack(entry, judge) ? "" : option_value_form(judge->kind);

    if (entry->name[0] != '\0')
        buffer_printf(out, "  -%s%s%s", entry->name, form[0] ? " " : "", form);
    add_variables(entry, out);
    if (entry->initial && entry->initial[0] != '\0')
        buffer_printf(out, "   (default %s%s%s)", entry->initial,
                      judge->unit && judge->kind == OPTION_NUMBER ? " " : "",
                      judge->unit && judge->kind == OPTION_NUMBER ? judge->unit : "");
    buffer_add_char(out, '\n');
    if (entry->help)
        usage_add_wrapped(out, entry->help);
    if (entry->words) {
        buffer_printf(out, "%*sTakes ", TEXT_INDENT, "");
        add_words(entry, out);
        buffer_add_string(out, ".\n");
    }
    if (entry->sets)
        buffer_printf(out, "%*s%s -%s.\n", TEXT_INDENT, "",
                      entry->words ? "Sets" : "Another name of", entry->sets);
}

static void add_heading(const char *owner, struct buffer *out)
{
    if (strcmp(owner, "core") == 0)
        buffer_add_string(out, "\nOptions of the core:\n");
    else
        buffer_printf(out, "\nOptions of %s:\n", owner);
}

static void add_all(const struct options *o, struct buffer *out)
{
    const char *owner = "";

    for (size_t i = 0; i < options_count(o); i++) {
        const struct option *entry = options_entry(o, i);

        if (strcmp(owner, entry->owner) != 0)
            add_heading(entry->owner, out);
        owner = entry->owner;
        add_entry(o, entry, out);
    }
}

void usage_write(const struct options *o, const struct options *own, struct buffer *out)
{
    buffer_add_string(
        out,
        "moonward: lets through to the Docker Engine what a policy in Lua allows.\n\n"
        "  moonward [serve] [options]\n"
        "  moonward check [options]\n"
        "  moonward explain [options] METHOD PATH      (more of it: moonward explain -help)\n"
        "  moonward compare [VARIABLE=VALUE...] [options] -with [VARIABLE=VALUE...] [options]\n"
        "                                              (what two set-ups decide differently)\n"
        "  moonward policies [-policydir DIR] [NAME]   (all of them, or the text of one)\n"
        "  moonward healthcheck\n"
        "  moonward help [markdown] [options]\n"
        "  moonward version\n\n"
        "Options are written -name=value, -name value or --name=value; a switch is -name or\n"
        "-name=false. An option goes before its variable, a variable before the default.\n");
    if (own)
        add_all(own, out);
    add_all(o, out);
}

void usage_short(struct buffer *out)
{
    buffer_add_string(
        out, "usage: moonward [serve | check | explain] [options], "
             "moonward compare, moonward policies, moonward healthcheck, moonward version\n"
             "`moonward -help` lists all options\n");
}

// --- Markdown ------------------------------------------------------------------------------------

// A bar would end the cell.
static void add_cell(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
}

static void add_code(struct buffer *out, const char *before, const char *text, const char *after)
{
    if (text && text[0] != '\0') {
        buffer_printf(out, "`%s", before);
        add_cell(out, text);
        buffer_printf(out, "%s`", after);
    }
    buffer_add_string(out, " | ");
}

static void add_takes(const struct option *entry, const struct option *judge, struct buffer *out)
{
    static const char *const words[] = {
        [OPTION_TEXT] = "text",  [OPTION_SWITCH] = "switch", [OPTION_NUMBER] = "number",
        [OPTION_OCTAL] = "mode", [OPTION_SIZE] = "size",     [OPTION_LIST] = "text, repeatable",
        [OPTION_FILE] = "file",
    };
    struct buffer range;

    if (entry->words) {
        add_words(entry, out);
        buffer_add_string(out, " | ");
        return;
    }
    buffer_init(&range, 256);
    add_range(judge, &range);
    buffer_add_string(out, words[judge->kind]);
    if (entry->commas)
        buffer_add_string(out, ", commas between");
    if (range.len > 0)
        buffer_add_string(out, ", ");
    buffer_add_span(out, buffer_span(&range));
    buffer_add_string(out, " | ");
    buffer_clear(&range);
}

static const char *last_variable(const struct option *entry)
{
    const char *last = entry->env, *variable = last;

    for (size_t i = 0; variable; variable = option_variable(entry, ++i))
        last = variable;
    return last;
}

static void markdown_entry(const struct options *o, const struct option *entry, struct buffer *out)
{
    buffer_add_string(out, "| ");
    add_code(out, "-", entry->name, "");
    for (size_t i = 1; option_variable(entry, i - 1) && option_variable(entry, i); i++)
        buffer_printf(out, "`%s`, ", option_variable(entry, i - 1));
    add_code(out, "", last_variable(entry), entry->env_family ? "[_...]" : "");
    add_code(out, "", entry->initial, "");
    add_takes(entry, judge_of(o, entry), out);
    if (entry->help)
        add_cell(out, entry->help);
    if (entry->sets)
        buffer_printf(out, " %s `-%s`.", entry->words ? "Sets" : "Another name of", entry->sets);
    buffer_add_string(out, " |\n");
}

void usage_markdown(const struct options *o, const char *owner, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < options_count(o); i++) {
        const struct option *entry = options_entry(o, i);

        if (strcmp(entry->owner, owner) != 0)
            continue;
        if (!any)
            buffer_add_string(out, "| option | variable | default | takes | what it does |\n"
                                   "| --- | --- | --- | --- | --- |\n");
        any = true;
        markdown_entry(o, entry, out);
    }
}
