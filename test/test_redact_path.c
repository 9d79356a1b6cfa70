// Paths of redaction: which there are, and what is said of the others.
#include "test.h"

#include "base/attr.h"
#include "json/redact.h"

#include <stdio.h>
#include <string.h>

// A keep list is written behind the path: "Config.Env|TZ|LC_*".
static int add(struct redact_set *set, const char *text, struct err *err)
{
    struct span names[REDACT_KEEP_MAX + 1];
    struct span path = { text, strcspn(text, "|") };
    size_t count = 0;

    for (const char *p = text + path.len; *p == '|'; p = names[count - 1].at + names[count - 1].len)
        names[count++] = (struct span){ p + 1, strcspn(p + 1, "|") };
    return redact_keep(set, path, names, count, err);
}

// The message of a path that is refused; "" if it is not.
static const char *message_of(const char *path, struct err *err)
{
    struct redact_set *set = redact_new();

    EXPECT(set);
    err->text[0] = '\0';
    EXPECT((add(set, path, err) == 0) == (err->text[0] == '\0'));
    redact_free(set);
    return err->text;
}

static void test_what_is_no_path_is_explained(void)
{
    static const struct {
        const char *path, *why;
    } cases[] = {
        { ".", "a name is missing, at character 1" },
        { ".a", "a name is missing, at character 1" },
        { "a.", "a name is missing, at character 3" },
        { "a..b", "a name is missing, at character 3" },
        { "a[*].", "a name is missing, at character 6" },
        { "a b", "such a character needs a quoted name: [\"...\"], at character 2" },
        { "a*", "such a character needs a quoted name: [\"...\"], at character 2" },
        { "a'b", "such a character needs a quoted name: [\"...\"], at character 2" },
        { "a]", "such a character needs a quoted name: [\"...\"], at character 2" },
        { "$.a", "such a character needs a quoted name: [\"...\"], at character 1" },
        { "a\n", "such a character needs a quoted name: [\"...\"], at character 2" },
        { "*a", "a star within a name needs quotes: [\"a*\"], at character 2" },
        { "**", "a star within a name needs quotes: [\"a*\"], at character 2" },
        { "a[", "expected *, a number or a quoted name behind [, at character 3" },
        { "a[]", "expected *, a number or a quoted name behind [, at character 3" },
        { "a[x]", "expected *, a number or a quoted name behind [, at character 3" },
        { "a[-1]", "expected *, a number or a quoted name behind [, at character 3" },
        { "a[*", "expected *, a number or a quoted name behind [, at character 3" },
        { "a[1", "expected ], at character 4" },
        { "a[\"x\"", "expected ], at character 6" },
        { "a[1]b", "expected . or [, at character 5" },
        { "a.[1]", "no dot before [, at character 3" },
        { "a[\"x", "the closing quote is missing, at character 3" },
        { "a[\"x\\\"]", "the closing quote is missing, at character 3" },
        { "a[\"x\\y\"]", "a backslash before something other than *, \" or \\, at character 5" },
        { "a.1", "write a number as [0] for an element, [\"0\"] for a name, at character 3" },
        { "a[1234567890]", "a number too large for an element, at character 12" },
        { "[\"*********\"]", "too many stars in a name, at character 11" },
        { "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", "more than 16 steps, at character 32" },
    };
    char expected[256];
    struct err err;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(expected, sizeof(expected), "'%s' is not a path: %s", cases[i].path, cases[i].why);
        if (strcmp(message_of(cases[i].path, &err), expected) != 0)
            fprintf(stderr, "%s\n%s\n", expected, err.text);
        EXPECT(strcmp(err.text, expected) == 0);
    }
    EXPECT(strcmp(message_of("", &err), "the path is empty; to drop a whole item use 'only'") == 0);
    EXPECT(strcmp(message_of("Env|", &err), "'' is not a name to keep: it is empty") == 0);
    EXPECT(strcmp(message_of("Env|A=B", &err),
                  "'A=B' is not a name to keep: it is a name only, without =") == 0);
    EXPECT(strcmp(message_of("[\"********\"].a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", &err), "") == 0);
}

static void test_sets_and_paths_have_limits(void)
{
    static char name[REDACT_PATH_MAX + 2];
    struct redact_set *set = redact_new();
    struct span names[REDACT_KEEP_MAX + 1];
    struct err err;

    EXPECT(set);
    memset(name, 'a', REDACT_PATH_MAX + 1);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        names[i] = (struct span){ name, REDACT_PATH_MAX };
    EXPECT(redact_add(set, span_of(name), &err) == -1);
    EXPECT(strcmp(err.text, "a path of more than 256 characters") == 0);
    EXPECT(redact_keep(set, SPAN("a"), names, REDACT_KEEP_MAX + 1, &err) == -1);
    EXPECT(strcmp(err.text, "more than 64 names to keep") == 0);
    EXPECT(redact_keep(set, SPAN("a"), names, REDACT_KEEP_MAX, &err) == 0);
    for (size_t i = 1; i < REDACT_PATHS_MAX; i++)
        EXPECT(redact_add(set, (struct span){ name, REDACT_PATH_MAX }, &err) == 0);
    EXPECT(redact_add(set, SPAN("a"), &err) == -1);
    EXPECT(strcmp(err.text, "more than 64 paths") == 0);
    redact_free(set);
}

int main(void)
{
    RUN(test_what_is_no_path_is_explained);
    RUN(test_sets_and_paths_have_limits);
    return 0;
}
