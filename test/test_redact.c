// Redaction: what of a JSON text stays, byte by byte, and which paths there are.
#include "test.h"

#include "base/attr.h"
#include "json/grammar.h"
#include "json/redact.h"

#include <stdio.h>
#include <string.h>

// A keep list in the tables below is written behind the path: "Config.Env|TZ|LC_*".
static int add(struct redact_set *set, const char *text, struct err *err)
{
    struct span names[REDACT_KEEP_MAX + 1];
    struct span path = { text, strcspn(text, "|") };
    size_t count = 0;

    for (const char *p = text + path.len; *p == '|'; p = names[count - 1].at + names[count - 1].len)
        names[count++] = (struct span){ p + 1, strcspn(p + 1, "|") };
    return redact_keep(set, path, names, count, err);
}

static struct redact_set *make(const char *const *paths)
{
    struct redact_set *set = redact_new();
    struct err err;

    EXPECT(set);
    for (; *paths; paths++)
        EXPECT(add(set, *paths, &err) == 0);
    return set;
}

static void add_to(void *arg, struct span text)
{
    buffer_add_span(arg, text);
}

// In pieces of so many bytes, the first of another length. False: it failed.
static bool in_pieces(const struct redact_set *set, struct span text, size_t first, size_t each,
                      struct buffer *out)
{
    struct redact_stream *stream = redact_stream_new(set, add_to, out);
    int result = 0;

    EXPECT(stream);
    buffer_reset(out);
    for (size_t at = 0, len = first; at < text.len && result == 0; at += len, len = each) {
        len = len < text.len - at ? len : text.len - at;
        result = redact_stream_feed(stream, (struct span){ text.at + at, len });
    }
    result = result == 0 ? redact_stream_end(stream) : result;
    redact_stream_free(stream);
    return result == 0;
}

// Whatever the pieces, the same comes out.
static void expect_pieces(const struct redact_set *set, struct span in, bool whole,
                          struct span expected)
{
    static const size_t lengths[] = { 1, 2, 3, 7, 1000, 1 << 20 };
    struct buffer out;

    buffer_init(&out, 1 << 20);
    for (size_t first = 1; first < 130; first++) {
        for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
            EXPECT(in_pieces(set, in, first, lengths[i], &out) == whole);
            EXPECT(!whole || span_is(buffer_span(&out), expected));
        }
    }
    buffer_clear(&out);
}

static void expect_result(struct redact_set *set, const char *in, const char *expected)
{
    struct buffer out, again;
    enum redact_result result;

    buffer_init(&out, 1 << 20);
    buffer_init(&again, 1 << 20);
    result = redact_apply(set, span_of(in), &out);
    if (result != (expected ? REDACT_CHANGED : REDACT_SAME) ||
        (expected && !span_is(buffer_span(&out), span_of(expected)))) {
        fprintf(stderr, "in   %s\nout  %.*s (%d)\n", in, (int)out.len, out.data, result);
        EXPECT(!"as expected");
    }
    EXPECT(expected || out.len == 0);
    expect_pieces(set, span_of(in), true, span_of(expected ? expected : in));
    if (expected)
        EXPECT(redact_apply(set, buffer_span(&out), &again) == REDACT_SAME);
    buffer_clear(&out);
    buffer_clear(&again);
}

struct row {
    const char *paths[4], *in, *out; // out NULL: unchanged
};

static void expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct redact_set *set = make(rows[i].paths);

        expect_result(set, rows[i].in, rows[i].out);
        redact_free(set);
    }
}

static void test_each_type_has_an_empty_value(void)
{
    static const struct row rows[] = {
        { { "a" }, "{\"a\":\"x\"}", "{\"a\":\"\"}" },
        { { "a" }, "{\"a\":[1,{\"b\":2}]}", "{\"a\":[]}" },
        { { "a" }, "{\"a\":{\"b\":[2]}}", "{\"a\":{}}" },
        { { "a" }, "{\"a\":-1.5e+7}", "{\"a\":0}" },
        { { "a" }, "{\"a\":1}", "{\"a\":0}" },
        { { "a" }, "{\"a\":true}", "{\"a\":false}" },
        { { "a" }, "{\"a\":false}", NULL },
        { { "a" }, "{\"a\":null}", NULL },
        { { "a" }, "{\"a\":\"\"}", NULL },
        { { "a" }, "{\"a\":[]}", NULL },
        { { "a" }, "{\"a\":{}}", NULL },
        { { "a" }, "{\"a\":0}", NULL },
        { { "a" }, "{\"a\":[ ]}", "{\"a\":[]}" },
        { { "a" }, "{\"a\":\"]},\\\"\"}", "{\"a\":\"\"}" },
    };

    expect_rows(rows, ARRAY_LEN(rows));
}

static void test_all_other_bytes_stay(void)
{
    static const struct row rows[] = {
        { { "b" },
          " { \"a\" : 1700000000123456789 , \"b\" :\t\"x\" ,\n\"c\":[ ] }\n",
          " { \"a\" : 1700000000123456789 , \"b\" :\t\"\" ,\n\"c\":[ ] }\n" },
        { { "b" }, "{\"a\":1.0,\"c\":\"\\u0041\\/\"}", NULL },
        { { "a", "c" }, "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":0,\"b\":2,\"c\":0}" },
        { { "a" }, "{}", NULL },
        { { "a" }, "[]", NULL },
        { { "a" }, "\"a\"", NULL },
        { { "a" }, "12", NULL },
        { { "a" }, " true\n", NULL },
        { { NULL }, "{\"a\":1}", NULL },
    };

    expect_rows(rows, ARRAY_LEN(rows));
}

static void test_paths_lead_to_values(void)
{
    static const struct row rows[] = {
        { { "Config.Env" },
          "{\"Config\":{\"Env\":[\"A=1\"],\"Tty\":true},\"Env\":[1]}",
          "{\"Config\":{\"Env\":[],\"Tty\":true},\"Env\":[1]}" },
        { { "Config.Env" }, "{\"Config\":[{\"Env\":[1]}],\"X\":{\"Config\":{\"Env\":1}}}", NULL },
        { { "Config.Env" }, "{\"config\":{\"env\":[1]},\"Config\":\"Env\"}", NULL },
        { { "Mounts.*.Source" },
          "{\"Mounts\":[{\"Source\":\"/a\",\"T\":1},{\"Source\":\"/b\"}]}",
          "{\"Mounts\":[{\"Source\":\"\",\"T\":1},{\"Source\":\"\"}]}" },
        { { "Mounts[*].Source" },
          "{\"Mounts\":[{\"Source\":\"/a\"}]}",
          "{\"Mounts\":[{\"Source\":\"\"}]}" },
        { { "Mounts.Source" }, "{\"Mounts\":[{\"Source\":\"/a\"}]}", NULL },
        { { "a[1]" }, "{\"a\":[1,2,3]}", "{\"a\":[1,0,3]}" },
        { { "a[10].b" },
          "{\"a\":[0,1,2,3,4,5,6,7,8,9,{\"b\":1}]}",
          "{\"a\":[0,1,2,3,4,5,6,7,8,9,{\"b\":0}]}" },
        { { "a[1]" }, "{\"a\":{\"1\":1}}", NULL },
        { { "a[\"1\"]" }, "{\"a\":{\"1\":1}}", "{\"a\":{\"1\":0}}" },
        { { "a[\"*\"]" }, "{\"a\":[1]}", NULL },
        { { "[1].a" }, "[[1],{\"a\":1},{\"a\":1}]", "[[1],{\"a\":0},{\"a\":1}]" },
        { { "*.x" },
          "{\"a\":{\"x\":1},\"b\":[{\"x\":1}],\"x\":1}",
          "{\"a\":{\"x\":0},\"b\":[{\"x\":1}],\"x\":1}" },
        { { "*" }, "{\"a\":1,\"b\":[2]}", "{\"a\":0,\"b\":[]}" },
        { { "*.*" }, "[[1,2],{\"a\":3},4]", "[[0,0],{\"a\":0},4]" },
        { { "NetworkSettings.Ports.80/tcp" },
          "{\"NetworkSettings\":{\"Ports\":{\"80/tcp\":[1]}}}",
          "{\"NetworkSettings\":{\"Ports\":{\"80/tcp\":[]}}}" },
        { { "a[\"x.y\"].z" }, "{\"a\":{\"x.y\":{\"z\":1}}}", "{\"a\":{\"x.y\":{\"z\":0}}}" },
        { { "a[\"\"]" }, "{\"a\":{\"\":1,\"b\":1}}", "{\"a\":{\"\":0,\"b\":1}}" },
        { { "a.b", "a.c" },
          "{\"a\":{\"b\":1,\"c\":2,\"d\":3}}",
          "{\"a\":{\"b\":0,\"c\":0,\"d\":3}}" },
        // The outermost wins.
        { { "a", "a.b" }, "{\"a\":{\"b\":1}}", "{\"a\":{}}" },
        { { "a.b", "a" }, "{\"a\":{\"b\":1}}", "{\"a\":{}}" },
        { { "a", "*.b" }, "{\"a\":{\"b\":1},\"c\":{\"b\":1}}", "{\"a\":{},\"c\":{\"b\":0}}" },
        // What is behind a longer way must not be taken for a shorter one.
        { { "a.b" }, "{\"a\":{\"c\":{\"b\":1},\"b\":1}}", "{\"a\":{\"c\":{\"b\":1},\"b\":0}}" },
        { { "a.b" }, "{\"a\":[[{\"b\":1}]],\"b\":1}", NULL },
        { { "a[1]", "b[0]" }, "{\"a\":[[1,1],2],\"b\":[3]}", "{\"a\":[[1,1],0],\"b\":[0]}" },
    };

    expect_rows(rows, ARRAY_LEN(rows));
}

static void test_names_have_stars(void)
{
    static const struct row rows[] = {
        { { "*.Labels[\"secret.*\"]" },
          "{\"Config\":{\"Labels\":{\"secret.a\":\"x\",\"secret.\":\"x\",\"secret\":\"y\"}}}",
          "{\"Config\":{\"Labels\":{\"secret.a\":\"\",\"secret.\":\"\",\"secret\":\"y\"}}}" },
        { { "[\"*a*b*\"]" },
          "{\"xaxbx\":1,\"ab\":1,\"ba\":1,\"aab\":1}",
          "{\"xaxbx\":0,\"ab\":0,\"ba\":1,\"aab\":0}" },
        { { "[\"a*a\"]" },
          "{\"a\":1,\"aa\":1,\"aba\":1,\"abab\":1}",
          "{\"a\":1,\"aa\":0,\"aba\":0,\"abab\":1}" },
        { { "[\"*ab*ab\"]" },
          "{\"abab\":1,\"ab\":1,\"aab\":1}",
          "{\"abab\":0,\"ab\":1,\"aab\":1}" },
        { { "[\"**\"]" }, "{\"\":1,\"a\":1}", "{\"\":0,\"a\":0}" },
        { { "[\"a\\\\*\\\"\"]" },
          "{\"a\\\\x\\\"\":1,\"a*\\\"\":1}",
          "{\"a\\\\x\\\"\":0,\"a*\\\"\":1}" },
        { { "[\"a\\*\"]" }, "{\"a*\":1,\"ab\":1}", "{\"a*\":0,\"ab\":1}" },
        { { "[\"?[a]\"]" }, "{\"?[a]\":1,\"xa\":1}", "{\"?[a]\":0,\"xa\":1}" },
    };

    expect_rows(rows, ARRAY_LEN(rows));
}

static void test_keys_count_as_what_they_say(void)
{
    static const struct row rows[] = {
        { { "Env" }, "{\"\\u0045nv\":1}", "{\"\\u0045nv\":0}" },
        { { "Env" }, "{\"\\u0045\\u006E\\u0076\":1}", "{\"\\u0045\\u006E\\u0076\":0}" },
        { { "a.b" }, "{\"\\u0061\":{\"\\u0062\":1}}", "{\"\\u0061\":{\"\\u0062\":0}}" },
        { { "[\"a&<b\"]" }, "{\"a\\u0026\\u003cb\":1}", "{\"a\\u0026\\u003cb\":0}" },
        { { "[\"a/\\\"\\\\\"]" }, "{\"a\\/\\\"\\\\\":1}", "{\"a\\/\\\"\\\\\":0}" },
        { { "[\"a\n\t\r\b\f\"]" }, "{\"a\\n\\t\\r\\b\\f\":1}", "{\"a\\n\\t\\r\\b\\f\":0}" },
        { { "\xc3\xa9" }, "{\"\\u00e9\":1,\"\xc3\xa9\":1}", "{\"\\u00e9\":0,\"\xc3\xa9\":0}" },
        { { "\xe2\x82\xac" }, "{\"\\u20AC\":1}", "{\"\\u20AC\":0}" },
        { { "\xf0\x9f\x98\x80" }, "{\"\\ud83d\\uDE00\":1}", "{\"\\ud83d\\uDE00\":0}" },
        { { "\xef\xbf\xbd" },
          "{\"\\ud83d\":1,\"\\ude00\":1,\"\\ud83d\\u0041\":1}",
          "{\"\\ud83d\":0,\"\\ude00\":0,\"\\ud83d\\u0041\":1}" },
        { { "a" },
          "{\"a\":1,\"a\":\"x\",\"b\":1,\"a\":[2]}",
          "{\"a\":0,\"a\":\"\",\"b\":1,\"a\":[]}" },
        { { "a.b" }, "{\"a\":{\"b\":1},\"a\":{\"b\":1}}", "{\"a\":{\"b\":0},\"a\":{\"b\":0}}" },
        { { "a" }, "{\"a\\u0000\":1}", NULL },
    };

    expect_rows(rows, ARRAY_LEN(rows));
}

static void test_elements_are_kept_by_name(void)
{
    static const struct row rows[] = {
        { { "Env|TZ" },
          "{\"Env\":[\"A=1\",\"TZ=UTC\",\"B=2\"],\"C\":[\"A=1\"]}",
          "{\"Env\":[\"TZ=UTC\"],\"C\":[\"A=1\"]}" },
        { { "Env|TZ" }, "{\"Env\":[\"TZ=UTC\",\"A=1\"]}", "{\"Env\":[\"TZ=UTC\"]}" },
        { { "Env|TZ" }, "{\"Env\":[\"A=1\",\"TZ=UTC\"]}", "{\"Env\":[\"TZ=UTC\"]}" },
        { { "Env|TZ" }, "{\"Env\":[\"TZ=UTC\"]}", NULL },
        { { "Env|TZ" }, "{\"Env\":[]}", NULL },
        { { "Env|TZ" }, "{\"Env\":[ ]}", NULL },
        { { "Env|TZ" }, "{\"Env\":[\"A=1\"]}", "{\"Env\":[]}" },
        { { "Env|TZ" }, "{\"Env\":[\"A=1\",\"B=1\"]}", "{\"Env\":[]}" },
        { { "Env|TZ|A" },
          "{\"Env\":[\"A=1\",\"B=1\",\"C\",\"TZ=\"]}",
          "{\"Env\":[\"A=1\",\"TZ=\"]}" },
        { { "Env|TZ" },
          "{\"Env\":[\"TZ\",\"TZX=1\",\"T=TZ\",\"=TZ\",\"\",\"tz=1\"]}",
          "{\"Env\":[\"TZ\"]}" },
        { { "Env|LC_*" },
          "{\"Env\":[\"LC_ALL=C\",\"XLC_A=1\",\"LC_\"]}",
          "{\"Env\":[\"LC_ALL=C\",\"LC_\"]}" },
        { { "Env|TZ" },
          "{\"Env\":[\"\\u0054Z=1\",\"TZ\\u003d1\",\"A\\u003dTZ=1\"]}",
          "{\"Env\":[\"\\u0054Z=1\",\"TZ\\u003d1\"]}" },
        { { "Env|TZ" }, "{\"Env\":[ \"A=1\" , \"TZ=1\" , \"B=1\"\n]}", "{\"Env\":[ \"TZ=1\" ]}" },
        { { "Env|TZ" },
          "{\"Env\":[ \"TZ=1\" , \"A=1\" ,\t\"TZ=2\"\n]}",
          "{\"Env\":[ \"TZ=1\" ,\t\"TZ=2\"\n]}" },
        { { "Env|TZ" }, "{\"Env\":[ \"A=1\" ]}", "{\"Env\":[]}" },
        { { "Env|TZ" },
          "{\"Env\":[1,null,{\"TZ\":1},[\"TZ=1\"],\"TZ=1\"]}",
          "{\"Env\":[\"TZ=1\"]}" },
        // Of another type nothing stays.
        { { "Env|TZ" }, "{\"Env\":{\"TZ\":\"1\"}}", "{\"Env\":{}}" },
        { { "Env|TZ" }, "{\"Env\":\"TZ=1\"}", "{\"Env\":\"\"}" },
        { { "Env|TZ" }, "{\"Env\":null}", NULL },
        // Several paths to one array.
        { { "Env|TZ", "Env" }, "{\"Env\":[\"TZ=1\"]}", "{\"Env\":[]}" },
        { { "*|TZ|A", "Env|TZ|B" },
          "{\"Env\":[\"TZ=1\",\"A=1\",\"B=1\"],\"X\":[\"A=1\",\"B=1\"]}",
          "{\"Env\":[\"TZ=1\"],\"X\":[\"A=1\"]}" },
        { { "Env|TZ", "Env[1]" }, "{\"Env\":[\"TZ=1\",\"TZ=2\"]}", "{\"Env\":[\"TZ=1\"]}" },
        { { "Env|TZ", "Env.*" }, "{\"Env\":[\"TZ=1\",\"TZ=2\"]}", "{\"Env\":[]}" },
        { { "Env|TZ", "Env.*.a" }, "{\"Env\":[\"TZ=1\",{\"a\":1}]}", "{\"Env\":[\"TZ=1\"]}" },
        { { "*.Env|TZ" },
          "[{\"Env\":[\"A=1\"]},{\"Env\":[\"TZ=1\",\"A=1\"]}]",
          "[{\"Env\":[]},{\"Env\":[\"TZ=1\"]}]" },
    };

    expect_rows(rows, ARRAY_LEN(rows));
}

static void test_nothing_comes_of_what_is_not_one_value(void)
{
    static const char *const texts[] = {
        "",
        " ",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\":1}}",
        "{\"a\":1}{}",
        "{\"a\":1} 2",
        "1 2",
        "{\"a\":tru}",
        "{\"a\":[1,]}",
        "{\"a\":[\"A=1\",]}",
        "{\"a\":[\"A=1\"",
        "{\"a\":[\"A=1\"}",
        "{\"a\":[\"A=1\" ",
        "{\"a\":[ ",
        "{\"a\":[,]}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":1,\"\\u00\":1}",
        "{a:1}",
        "{\"a\"",
        "{\"a\":",
        "{\"a",
        "{\"a\":1,\"b\":01}",
        "{\"a\":1,\"b\":{\"c\":[1}}",
    };
    static const char *const plain[] = { "a", NULL }, *const keep[] = { "a|TZ", NULL },
                             *const other[] = { "b.c", NULL };
    static const char *const *const all[] = { plain, keep, other };

    for (size_t k = 0; k < ARRAY_LEN(all); k++) {
        struct redact_set *set = make(all[k]);

        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
            struct buffer out;

            buffer_init(&out, 1 << 20);
            buffer_add_string(&out, "from before");
            EXPECT(redact_apply(set, span_of(texts[i]), &out) == REDACT_FAIL && out.len == 0);
            expect_pieces(set, span_of(texts[i]), false, SPAN(""));
            buffer_clear(&out);
        }
        redact_free(set);
    }
}

static void test_depth_and_length_have_limits(void)
{
    static const char *const paths[] = { "a", NULL };
    static char deep[2 * GRAMMAR_DEPTH_MAX + 16];
    struct redact_set *set = make(paths);
    struct buffer out;

    for (int depth = GRAMMAR_DEPTH_MAX; depth <= GRAMMAR_DEPTH_MAX + 1; depth++) {
        memset(deep, '[', (size_t)depth);
        memset(deep + depth, ']', (size_t)depth);
        deep[2 * depth] = '\0';
        buffer_init(&out, 4096);
        EXPECT(redact_apply(set, span_of(deep), &out) ==
               (depth > GRAMMAR_DEPTH_MAX ? REDACT_FAIL : REDACT_SAME));
        buffer_clear(&out);
    }
    buffer_init(&out, 10);
    EXPECT(redact_apply(set, SPAN("{\"a\":1,\"b\":2}"), &out) == REDACT_FAIL && out.len == 0);
    EXPECT(redact_apply(set, SPAN("{\"a\":12}"), &out) == REDACT_CHANGED);
    buffer_clear(&out);
    redact_free(set);
}

// 'before' and 'behind' stand around so many times 'c'.
static void write_long(struct buffer *out, const char *before, char c, int times,
                       const char *behind)
{
    buffer_add_string(out, before);
    while (times-- > 0)
        buffer_add_char(out, c);
    buffer_add_string(out, behind);
}

// Of names and elements no more is looked at than some bytes: what is longer goes.
static void test_what_is_looked_at_has_a_limit(void)
{
    static const struct {
        const char *path, *before, *behind; // of the text
        char c;
        int most;        // of those that are in between, so that it stays as it is
        const char *out; // what becomes of one that has one more; NULL: it cannot be redacted
    } rows[] = {
        { "[\"s*t\"]", "{\"s", "\":1}", 'x', REDACT_LOOK_MAX - 1, "\":0}" },
        { "[\"s*t\"]", "{\"\\u0073", "\":1}", 'x', REDACT_LOOK_MAX - 6, "\":0}" },
        { "a|x*", "{\"a\":[\"", "\"]}", 'x', REDACT_LOOK_MAX, "{\"a\":[]}" },
        { "a|x*", "{\"a\":[\"", "=1\"]}", 'x', REDACT_LOOK_MAX - 1, "{\"a\":[]}" },
        { "a|x*", "{\"a\":[\"", "\\u003d1\"]}", 'x', REDACT_LOOK_MAX - 6, "{\"a\":[]}" },
        { "a|x", "{\"a\":[", "\"x\"]}", ' ', REDACT_GAP_MAX, NULL },
        { "a|x", "{\"a\":[\"x\",", "\"x\"]}", ' ', REDACT_GAP_MAX, NULL },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer text, out, wanted;
        struct redact_set *set = redact_new();
        struct err err;

        EXPECT(set && add(set, rows[i].path, &err) == 0);
        buffer_init(&text, 1 << 16);
        buffer_init(&out, 1 << 16);
        buffer_init(&wanted, 1 << 16);
        write_long(&text, rows[i].before, rows[i].c, rows[i].most, rows[i].behind);
        expect_result(set, buffer_text(&text), NULL);
        buffer_reset(&text);
        write_long(&text, rows[i].before, rows[i].c, rows[i].most + 1, rows[i].behind);
        if (rows[i].out && rows[i].out[0] == '{')
            buffer_add_string(&wanted, rows[i].out);
        else if (rows[i].out)
            write_long(&wanted, rows[i].before, rows[i].c, rows[i].most + 1, rows[i].out);
        if (rows[i].out)
            expect_result(set, buffer_text(&text), buffer_text(&wanted));
        else
            EXPECT(redact_apply(set, buffer_span(&text), &out) == REDACT_FAIL);
        expect_pieces(set, buffer_span(&text), rows[i].out != NULL, buffer_span(&wanted));
        buffer_clear(&text);
        buffer_clear(&out);
        buffer_clear(&wanted);
        redact_free(set);
    }
}

// A path of so many steps, "a.a.a" with its last step given, and a text that it leads through.
static void write_deep(struct buffer *path, struct buffer *text, int steps, const char *value)
{
    buffer_reset(path);
    buffer_reset(text);
    for (int i = 0; i < steps; i++) {
        buffer_add_string(path, i > 0 ? ".a" : "a");
        buffer_add_string(text, "{\"a\":");
    }
    buffer_add_string(text, value);
    for (int i = 0; i < steps; i++)
        buffer_add_char(text, '}');
}

static void test_the_longest_path_leads_as_far_as_it_says(void)
{
    static const struct {
        const char *keep, *in, *out; // out NULL: unchanged
    } rows[] = {
        { "", "\"x\"", "\"\"" },
        { "", "[{\"a\":[1]}]", "[]" },
        { "|TZ", "[\"A=1\",\"TZ=1\",[\"B\"]]", "[\"TZ=1\"]" },
        { "|TZ", "[\"TZ=1\"]", NULL },
        { "|TZ", "[[[\"TZ\"]],{\"a\":[1]}]", "[]" },
        { "|TZ", "{\"a\":[\"A\"]}", "{}" },
    };
    struct buffer path, text, expected;
    struct redact_set *set;
    struct err err;

    buffer_init(&path, 4096);
    buffer_init(&text, 4096);
    buffer_init(&expected, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int steps = REDACT_STEPS_MAX - 1; steps <= REDACT_STEPS_MAX; steps++) {
            write_deep(&path, &expected, steps, rows[i].out ? rows[i].out : "");
            write_deep(&path, &text, steps, rows[i].in);
            buffer_add_string(&path, rows[i].keep);
            set = redact_new();
            EXPECT(set && add(set, buffer_text(&path), &err) == 0);
            // Others end before, and one is cut off by the first.
            EXPECT(add(set, "b.*", &err) == 0 && add(set, "a.b[3]|TZ", &err) == 0);
            expect_result(set, buffer_text(&text), rows[i].out ? buffer_text(&expected) : NULL);
            redact_free(set);
        }
        write_deep(&path, &text, REDACT_STEPS_MAX + 1, "1");
        buffer_add_string(&path, rows[i].keep);
        set = redact_new();
        EXPECT(set && add(set, buffer_text(&path), &err) == -1);
        EXPECT(strstr(err.text, "more than 16 steps"));
        redact_free(set);
    }
    buffer_clear(&path);
    buffer_clear(&text);
    buffer_clear(&expected);
}

static void test_all_paths_of_the_fullest_set_lead(void)
{
    struct redact_set *set = redact_new();
    struct buffer text, expected;
    char path[32];
    struct err err;

    EXPECT(set);
    buffer_init(&text, 1 << 16);
    buffer_init(&expected, 1 << 16);
    buffer_add_char(&text, '{');
    buffer_add_char(&expected, '{');
    for (int i = 0; i < REDACT_PATHS_MAX; i++) {
        snprintf(path, sizeof(path), "n%d%s", i, i % 2 ? "|TZ" : "");
        EXPECT(add(set, path, &err) == 0);
        snprintf(path, sizeof(path), "%s\"n%d\":", i > 0 ? "," : "", i);
        buffer_add_string(&text, path);
        buffer_add_string(&text, i % 2 ? "[\"TZ\",\"A\"]" : "[1]");
        buffer_add_string(&expected, path);
        buffer_add_string(&expected, i % 2 ? "[\"TZ\"]" : "[]");
    }
    EXPECT(add(set, "one.more", &err) == -1);
    buffer_add_char(&text, '}');
    buffer_add_char(&expected, '}');
    expect_result(set, buffer_text(&text), buffer_text(&expected));
    redact_free(set);
    buffer_clear(&text);
    buffer_clear(&expected);
}

int main(void)
{
    RUN(test_each_type_has_an_empty_value);
    RUN(test_all_other_bytes_stay);
    RUN(test_paths_lead_to_values);
    RUN(test_names_have_stars);
    RUN(test_keys_count_as_what_they_say);
    RUN(test_elements_are_kept_by_name);
    RUN(test_nothing_comes_of_what_is_not_one_value);
    RUN(test_depth_and_length_have_limits);
    RUN(test_what_is_looked_at_has_a_limit);
    RUN(test_the_longest_path_leads_as_far_as_it_says);
    RUN(test_all_paths_of_the_fullest_set_lead);
    return 0;
}
