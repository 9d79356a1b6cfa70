// policies: which policies there are, in one sentence each; or the text of one.
#include "command/commands.h"
#include "command/prepare.h"
#include "config/nearest.h"
#include "config/usage.h"
#include "lua/bundle.h"
#include "lua/hang.h"
#include "lua/host.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX  256
#define NAME_SIZE  64 // of a policy
#define TEXT_MAX   (64u << 10)
#define ANSWER_MAX (4u << 20)

// The core options that say where policies are and what they may use.
static const char *const borrowed[] = { "policydir", "policymemory", "policyinstructions",
                                        "policytime", "policyhang" };

// --- names ---------------------------------------------------------------------------------------

struct names {
    char at[NAMES_MAX][NAME_SIZE];
    size_t count;
};

static bool ends_with(struct span text, struct span tail)
{
    return text.len > tail.len &&
           span_is((struct span){ text.at + text.len - tail.len, tail.len }, tail);
}

// Takes "default.lua" in as "default", unless it is the spec of one.
static void add_file(struct names *names, const char *file)
{
    struct span text = span_of(file);
    size_t len = text.len - 4;

    if (!ends_with(text, SPAN(".lua")) || ends_with(text, SPAN("_spec.lua")) || len >= NAME_SIZE ||
        names->count == NAMES_MAX)
        return;
    memcpy(names->at[names->count], file, len);
    names->at[names->count++][len] = '\0';
}

static void add_bundled(struct names *names)
{
    for (size_t i = 0; i < bundle_count; i++) {
        if (span_starts(span_of(bundle_files[i].name), SPAN("policies/")))
            add_file(names, bundle_files[i].name + sizeof("policies/") - 1);
    }
}

static int add_folder(struct names *names, const char *dir, struct err *err)
{
    struct dirent **files = NULL;
    int count = scandir(dir, &files, NULL, alphasort);

    if (count < 0)
        return err_set(err, "-policydir %.200s: %s", dir, strerror(errno));
    for (int i = 0; i < count; i++) {
        add_file(names, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    return 0;
}

// --- the list ------------------------------------------------------------------------------------

// Up to the first full stop with a blank behind it.
static void add_sentence(struct buffer *out, const char *summary)
{
    const char *end = strstr(summary, ". ");
    char sentence[1024];

    (void)snprintf(sentence, sizeof(sentence), "%.*s",
                   (int)(end ? (size_t)(end - summary) + 1 : strlen(summary)), summary);
    usage_add_wrapped(out, sentence);
}

static void add_options(struct buffer *out, const struct host *host)
{
    struct buffer names;

    buffer_init(&names, TEXT_MAX);
    for (size_t i = 0; i < host_option_count(host); i++) {
        const struct option *entry = host_option(host, i);
        bool has_flag = entry->name[0] != '\0';

        if (!entry->refused)
            buffer_printf(&names, "%s%s ", has_flag ? "-" : "",
                          has_flag ? entry->name : entry->env);
    }
    const char *text = buffer_text(&names);

    if (text && text[0] != '\0')
        usage_add_wrapped(out, text);
    buffer_clear(&names);
}

static void add_policy(struct buffer *out, const struct options *o, struct hang *hang,
                       const char *name, const char *dir)
{
    struct log silent = { .fd = -1, .least = LOG_ERROR };
    struct host_limits limits = {
        .memory = options_number(o, "policymemory"),
        .instructions = options_number(o, "policyinstructions"),
        .burst_us = options_number(o, "policytime") * 1000,
    };
    struct err err = { "" };
    struct host *host = host_new(&limits, NULL, &silent, &err);

    if (host)
        host_watch(host, hang);
    buffer_printf(out, "  %s\n", name);
    if (!host || host_load(host, name, dir, &err) != 0) {
        usage_add_wrapped(out, "cannot be loaded:");
        usage_add_wrapped(out, err.text);
    } else {
        if (host_policy_summary(host, 0))
            add_sentence(out, host_policy_summary(host, 0));
        add_options(out, host);
    }
    host_free(host);
}

static int list(const struct options *o, struct hang *hang, struct buffer *out, struct err *err)
{
    const char *dir = options_text(o, "policydir");
    struct names own = { .count = 0 }, bundled = { .count = 0 };

    add_bundled(&bundled);
    if (dir[0] != '\0') {
        if (add_folder(&own, dir, err) != 0)
            return -1;
        buffer_printf(out, "In %s, found before those that ship:\n", dir);
        for (size_t i = 0; i < own.count; i++)
            add_policy(out, o, hang, own.at[i], dir);
        buffer_printf(out, "%s\nThose that ship:\n", own.count > 0 ? "" : "  none\n");
    }
    for (size_t i = 0; i < bundled.count; i++)
        add_policy(out, o, hang, bundled.at[i], NULL);
    buffer_add_string(out, "\nmoonward policies NAME prints a policy, moonward help -policy NAME "
                           "explains its options.\n");
    return 0;
}

static int list_watched(const struct options *o, struct buffer *out, struct err *err)
{
    struct hang *hang = hang_new((unsigned)options_number(o, "policyhang"), &prepare_hang, err);
    int status = hang ? list(o, hang, out, err) : -1;

    hang_free(hang);
    return status;
}

// --- one -----------------------------------------------------------------------------------------

static int add_copy(struct buffer *out, FILE *file, const char *path, struct err *err)
{
    char chunk[4096];
    size_t n = 0;
    bool failed = false;

    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buffer_add(out, chunk, n);
    failed = ferror(file) != 0;
    fclose(file);
    return failed ? err_set(err, "%.200s: reading failed", path) : 0;
}

static int unknown(const char *name, const char *dir, struct err *err)
{
    struct nearest nearest;
    struct names names = { .count = 0 };

    if (dir[0] != '\0' && add_folder(&names, dir, err) != 0)
        return -1;
    add_bundled(&names);
    nearest_init(&nearest, span_of(name));
    for (size_t i = 0; i < names.count; i++)
        nearest_offer(&nearest, names.at[i]);
    if (nearest.best)
        return err_set(err, "no policy is called \"%.100s\"; did you mean %s?", name, nearest.best);
    return err_set(err, "no policy is called \"%.100s\"; moonward policies lists them", name);
}

// A name has no slash, so that it names nothing elsewhere.
static int add_text(struct buffer *out, const struct options *o, const char *name, struct err *err)
{
    const char *dir = options_text(o, "policydir");
    const struct bundle_file *bundled = NULL;
    FILE *file = NULL;
    char path[4096];

    if (strchr(name, '/'))
        return err_set(err, "expected the name of a policy, got \"%.200s\"", name);
    (void)snprintf(path, sizeof(path), "%s/%s.lua", dir, name);
    if (dir[0] != '\0')
        file = fopen(path, "re");
    if (file)
        return add_copy(out, file, path, err);
    (void)snprintf(path, sizeof(path), "policies/%s.lua", name);
    bundled = bundle_find(path);
    if (!bundled)
        return unknown(name, dir, err);
    buffer_add(out, bundled->text, bundled->len);
    return 0;
}

// -------------------------------------------------------------------------------------------------

static struct options *declare(struct err *err)
{
    struct options *o = options_new();

    for (size_t i = 0; o && i < core_option_count; i++) {
        for (size_t k = 0; k < ARRAY_LEN(borrowed); k++) {
            if (strcmp(core_options[i].name, borrowed[k]) == 0 &&
                options_declare(o, &core_options[i], err) != 0) {
                options_free(o);
                return NULL;
            }
        }
    }
    if (!o)
        err_set(err, "no memory for the options");
    return o;
}

// Variables of other options are none of this command's business, whatever is wrong with them.
static int write_answer(struct options *o, const struct launch *launch, struct buffer *out)
{
    struct option_words words = { .max = 1 };
    struct err err = { "" };
    int status = 0;

    switch (options_parse(o, launch->argc, launch->argv, NULL, &words, &err)) {
    case OPTIONS_OK:
        break;
    case OPTIONS_HELP:
        usage_write(o, NULL, out);
        return 0;
    case OPTIONS_BAD_FLAG:
        return prepare_complain(&err, 2);
    case OPTIONS_BAD_VALUE:
        return prepare_complain(&err, 1);
    }
    status = options_scan(o, 0, NULL, launch->environ, &err);
    if (status == 0)
        status = words.count > 0 ? add_text(out, o, words.at[0], &err) : list_watched(o, out, &err);
    return status == 0 ? 0 : prepare_complain(&err, 1);
}

static int run(struct options *o, const struct launch *launch)
{
    struct buffer out;
    int status = 0;

    buffer_init(&out, ANSWER_MAX);
    status = write_answer(o, launch, &out);
    if (status == 0 && (out.failed || fwrite(out.data, 1, out.len, stdout) != out.len))
        status = 1;
    buffer_clear(&out);
    return status;
}

int policies_run(const struct launch *launch)
{
    struct err err = { "" };
    struct options *o = declare(&err);
    int status = o ? run(o, launch) : prepare_complain(&err, 1);

    options_free(o);
    return status;
}
