// The base layer: buffers, numbers, spans, versions, errors, and the lines of the log.
#include "test.h"

#include "base/api_version.h"
#include "base/attr.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/number.h"
#include "base/span.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void test_buffer_grows_to_its_limit(void)
{
    for (size_t max = 1; max < 1000; max += 37) {
        struct buffer b;

        buffer_init(&b, max);
        for (size_t i = 0; i < max; i++)
            buffer_add_char(&b, (char)('a' + i % 26));
        EXPECT(!b.failed && b.len == max);
        for (size_t i = 0; i < max; i++)
            EXPECT(b.data[i] == (char)('a' + i % 26));
        buffer_add(&b, "", 0);
        EXPECT(!b.failed);
        buffer_add_char(&b, 'x');
        EXPECT(b.failed && b.len == 0 && b.data == NULL);
        buffer_add_string(&b, "more"); // does nothing
        EXPECT(b.failed && b.len == 0 && buffer_text(&b) == NULL);
        buffer_reset(&b);
        buffer_add_char(&b, 'y');
        EXPECT(!b.failed && span_is(buffer_span(&b), SPAN("y")));
        buffer_clear(&b);
    }
}

// What people write may be of any length: around what fits the stack, and far beyond.
static void test_buffer_prints_any_length(void)
{
    static const size_t lengths[] = { 0, 1, 510, 511, 512, 513, 600, 70000 };
    static char text[70001];

    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct buffer b;

        memset(text, 'x', lengths[i]);
        text[lengths[i]] = '\0';
        buffer_init(&b, sizeof(text) + 10);
        buffer_printf(&b, "<%s>", text);
        EXPECT(!b.failed && b.len == lengths[i] + 2);
        EXPECT(b.data[0] == '<' && b.data[b.len - 1] == '>');
        EXPECT(memcmp(b.data + 1, text, lengths[i]) == 0);
        buffer_clear(&b);
        buffer_init(&b, 100);
        buffer_printf(&b, "<%s>", text);
        EXPECT(b.failed == (lengths[i] + 2 > 100));
        buffer_clear(&b);
    }
}

static void test_buffer_writes_numbers(void)
{
    static const uint64_t numbers[] = { 0, 7, 10, 204, 4294967296, UINT64_MAX };

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        char expected[24];
        struct buffer b;

        buffer_init(&b, 100);
        snprintf(expected, sizeof(expected), "%llu", (unsigned long long)numbers[i]);
        buffer_add_number(&b, numbers[i]);
        EXPECT(span_is(buffer_span(&b), span_of(expected)));
        buffer_clear(&b);
    }
}

static void test_buffer_appends(void)
{
    struct buffer b;

    buffer_init(&b, 100);
    EXPECT(strcmp(buffer_text(&b), "") == 0);
    buffer_add_string(&b, "ab");
    buffer_add_span(&b, SPAN("c\0d"));
    buffer_add_span(&b, (struct span){ NULL, 0 });
    buffer_printf(&b, "%d-%s", 42, "x");
    EXPECT(span_is(buffer_span(&b), SPAN("abc\0d42-x")));
    EXPECT(buffer_text(&b)[b.len] == '\0');
    buffer_reset(&b);
    EXPECT(b.len == 0 && b.cap > 0);
    buffer_clear(&b);
    EXPECT(b.cap == 0 && b.max == 100);
}

static void test_numbers(void)
{
    static const struct {
        const char *text;
        unsigned base;
        uint64_t max, value;
        int status;
    } cases[] = {
        { "0", 10, UINT64_MAX, 0, 0 },
        { "0042", 10, 42, 42, 0 },
        { "43", 10, 42, 0, -1 },
        { "9", 10, 8, 0, -1 },
        { "18446744073709551615", 10, UINT64_MAX, UINT64_MAX, 0 },
        { "18446744073709551616", 10, UINT64_MAX, 0, -1 },
        { "99999999999999999999", 10, UINT64_MAX, 0, -1 },
        { "ffFF", 16, UINT64_MAX, 65535, 0 },
        { "ffffffffffffffff", 16, UINT64_MAX, UINT64_MAX, 0 },
        { "10000000000000000", 16, UINT64_MAX, 0, -1 },
        { "755", 8, 0777, 0755, 0 },
        { "8", 8, 100, 0, -1 },
        { "2", 2, 100, 0, -1 },
        { "a", 10, 100, 0, -1 },
        { "", 10, 100, 0, -1 },
        { "+1", 10, 100, 0, -1 },
        { "-1", 10, 100, 0, -1 },
        { " 1", 10, 100, 0, -1 },
        { "1 ", 10, 100, 0, -1 },
        { "1_0", 10, 100, 0, -1 },
        { "0x1", 16, 100, 0, -1 },
        { "0", 10, 0, 0, 0 },
        { "1", 10, 0, 0, -1 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t value = 0;
        int status = number_read(span_of(cases[i].text), cases[i].base, cases[i].max, &value);

        EXPECT(status == cases[i].status && value == cases[i].value);
    }
}

static void test_spans(void)
{
    struct span none = { NULL, 0 };

    EXPECT(span_of(NULL).len == 0 && span_of("ab").len == 2);
    EXPECT(span_is(none, SPAN("")) && !span_is(none, SPAN("a")));
    EXPECT(span_is(SPAN("a\0b"), SPAN("a\0b")) && !span_is(SPAN("a\0b"), SPAN("a\0c")));
    EXPECT(span_is_nocase(SPAN("ChUnKeD"), SPAN("chunked")));
    EXPECT(!span_is_nocase(SPAN("chunke"), SPAN("chunked")));
    EXPECT(!span_is_nocase(SPAN("@"), SPAN("`")) && !span_is_nocase(SPAN("["), SPAN("{")));
    EXPECT(!span_is_nocase(SPAN("\xc9"), SPAN("\xe9")));
    EXPECT(span_starts(SPAN("/a/b"), SPAN("/a")) && span_starts(SPAN("a"), none));
    EXPECT(!span_starts(SPAN("a"), SPAN("ab")) && !span_starts(none, SPAN("a")));
}

static void test_api_versions(void)
{
    static const char *const malformed[] = {
        "",      ".",     "1",    "1.",      ".1",      "v1.1", "1.41.0",
        "01.41", "1.041", "0.1",  "1.10000", "10000.1", "1.a",  "a.1",
        "1 .1",  "1. 1",  "-1.1", "1.-1",    "1..1",    "+1.1", "1.41\n",
    };
    // in their order
    static const char *const sorted[] = { "1.0", "1.9", "1.24", "1.41", "2.0", "10.0" };
    struct api_version a, b;

    for (size_t i = 0; i < ARRAY_LEN(malformed); i++)
        EXPECT(api_version_read(span_of(malformed[i]), &a) == -1);
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
        for (size_t k = 0; k < ARRAY_LEN(sorted); k++) {
            EXPECT(api_version_read(span_of(sorted[i]), &a) == 0);
            EXPECT(api_version_read(span_of(sorted[k]), &b) == 0);

            int order = api_version_compare(a, b);

            EXPECT(i < k ? order < 0 : i > k ? order > 0 : order == 0);
        }
    }
    EXPECT(api_version_read(SPAN("1.41"), &a) == 0 && a.major == 1 && a.minor == 41);
}

static void test_errors(void)
{
    char longest[1000];
    struct err err;

    EXPECT(err_set(&err, "no %s in %d", "x", 5) == -1 && strcmp(err.text, "no x in 5") == 0);
    errno = ENOENT;
    EXPECT(err_errno(&err, "/a") == -1 && strcmp(err.text, "/a: No such file or directory") == 0);
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    EXPECT(err_set(&err, "%s", longest) == -1 && strlen(err.text) == sizeof(err.text) - 1);
}

static void test_clocks(void)
{
    uint64_t before = clock_now_us();

    EXPECT(clock_now_us() >= before);
    EXPECT(clock_wall_us() > UINT64_C(1700000000) * 1000000); // after 2023
}

// --- the log ------------------------------------------------------------------------------------

// Writes one line into a pipe and returns it without what stands before the level.
static const char *logged(bool json, enum log_level level, const char *message,
                          const struct log_field *fields, size_t n)
{
    static char line[70000];
    int ends[2];

    EXPECT(pipe(ends) == 0);

    struct log log = { .fd = ends[1], .least = LOG_INFO, .json = json };

    log_write(&log, level, message, fields, n);
    close(ends[1]);

    ssize_t len = read(ends[0], line, sizeof(line) - 1);

    close(ends[0]);
    EXPECT(len >= 0);
    line[len] = '\0';
    if (len == 0)
        return line;
    EXPECT(strncmp(line, json ? "{\"time\":\"20" : "time=20", json ? 11 : 7) == 0);

    const char *rest = strstr(line, json ? ",\"level\"" : " level=");

    EXPECT(rest && strchr(rest, '\n') == rest + strlen(rest) - 1); // one line
    return rest;
}

static void test_log_lines(void)
{
    const struct {
        struct log_field field;
        const char *text, *json;
    } cases[] = {
        { { .key = "path", .text = SPAN("/a") },
          " level=INFO msg=\"a b\" path=/a\n",
          ",\"level\":\"INFO\",\"msg\":\"a b\",\"path\":\"/a\"}\n" },
        { { .key = "n", .number = -5, .is_number = true },
          " level=INFO msg=\"a b\" n=-5\n",
          ",\"level\":\"INFO\",\"msg\":\"a b\",\"n\":-5}\n" },
        { { .key = "none", .text = SPAN("") },
          " level=INFO msg=\"a b\"\n",
          ",\"level\":\"INFO\",\"msg\":\"a b\"}\n" },
        { { .key = "k", .text = SPAN("x\nlevel=INFO forged=1") },
          " level=INFO msg=\"a b\" k=\"x\\nlevel=INFO forged=1\"\n",
          ",\"level\":\"INFO\",\"msg\":\"a b\",\"k\":\"x\\nlevel=INFO forged=1\"}\n" },
        { { .key = "k", .text = SPAN("a\"b\\c=d") },
          " level=INFO msg=\"a b\" k=\"a\\\"b\\\\c=d\"\n",
          ",\"level\":\"INFO\",\"msg\":\"a b\",\"k\":\"a\\\"b\\\\c=d\"}\n" },
        { { .key = "k", .text = SPAN("\r\t\0\x1b[31m\x7f\xff") },
          " level=INFO msg=\"a b\" k=\"\\r\\t\\u0000\\u001b[31m\\u007f\\u00ff\"\n",
          ",\"level\":\"INFO\",\"msg\":\"a "
          "b\",\"k\":\"\\r\\t\\u0000\\u001b[31m\\u007f\\u00ff\"}\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        EXPECT(strcmp(logged(false, LOG_INFO, "a b", &cases[i].field, 1), cases[i].text) == 0);
        EXPECT(strcmp(logged(true, LOG_INFO, "a b", &cases[i].field, 1), cases[i].json) == 0);
    }
}

// No byte of a value can end the line, the quotes or the field.
static void test_log_of_every_byte(void)
{
    for (int byte = 0; byte < 256; byte++) {
        char value[] = { 'a', (char)byte, 'b' };
        struct log_field field = LOG_SPAN("k", ((struct span){ value, sizeof(value) }));
        for (int json = 0; json < 2; json++) {
            const char *line = logged(json == 1, LOG_WARN, "m", &field, 1);
            const char *end = line + strlen(line) - 1;
            const char *from = strstr(line, json ? "\"k\":\"a" : " k=");

            EXPECT(from);
            for (const char *p = line; p < end; p++)
                EXPECT(*p >= ' ' && *p <= '~');
            if (json) {
                EXPECT(strcmp(end - 3, "b\"}\n") == 0);
                for (const char *p = from + 6; p < end - 2; p++)
                    EXPECT(*p != '"' || p[-1] == '\\');
            } else if (from[3] == '"') {
                EXPECT(strcmp(end - 2, "b\"\n") == 0);
            } else {
                EXPECT(strlen(from) == 7 && byte > ' ' && !strchr("\"\\=", byte));
            }
        }
    }
}

static void test_log_cuts_long_values(void)
{
    static char value[10000];
    struct log_field field = LOG_SPAN("k", ((struct span){ value, sizeof(value) }));

    memset(value, 'x', sizeof(value));

    const char *line = logged(false, LOG_INFO, "m", &field, 1);

    EXPECT(strlen(line) < 4200 && strstr(line, "xxx...\"\n"));
}

static void test_log_levels(void)
{
    static const struct {
        const char *name;
        enum log_level level;
    } names[] = {
        { "debug", LOG_DEBUG },
        { "Info", LOG_INFO },
        { "WARN", LOG_WARN },
        { "error", LOG_ERROR },
    };
    enum log_level level;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        EXPECT(log_level_read(names[i].name, &level) == 0 && level == names[i].level);
    EXPECT(log_level_read("warning", &level) == -1 && log_level_read("", &level) == -1);
    EXPECT(strcmp(logged(false, LOG_DEBUG, "m", NULL, 0), "") == 0);
    EXPECT(strcmp(logged(false, LOG_ERROR, "m", NULL, 0), " level=ERROR msg=m\n") == 0);
}

int main(void)
{
    RUN(test_buffer_grows_to_its_limit);
    RUN(test_buffer_appends);
    RUN(test_buffer_writes_numbers);
    RUN(test_buffer_prints_any_length);
    RUN(test_numbers);
    RUN(test_spans);
    RUN(test_api_versions);
    RUN(test_errors);
    RUN(test_clocks);
    RUN(test_log_lines);
    RUN(test_log_of_every_byte);
    RUN(test_log_cuts_long_values);
    RUN(test_log_levels);
    return 0;
}
