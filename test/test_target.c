// Targets: their one canonical form, and all that has none.
#include "test.h"

#include "base/attr.h"
#include "base/buffer.h"
#include "http/target.h"

#include <string.h>

static const struct target_rules rules = { .least = { 1, 24 }, .pairs = 8 };

static enum head_status read_target(struct target *target, const char *raw,
                                    struct head_error *error)
{
    return target_read(target, span_of(raw), &rules, error);
}

// The pairs as "key=value&..." with the bytes as they are.
static bool pairs_are(const struct target *target, const char *expected)
{
    struct buffer text;

    buffer_init(&text, 4096);
    for (size_t i = 0; i < target->pair_count; i++) {
        if (i > 0)
            buffer_add_char(&text, '&');
        buffer_add_span(&text, target->pairs[i].key);
        buffer_add_char(&text, '=');
        buffer_add_span(&text, target->pairs[i].value);
    }

    bool same = span_is(buffer_span(&text), span_of(expected));

    buffer_clear(&text);
    return same;
}

// What is canonical is read as the same again.
static void expect_idempotent(const struct target *target)
{
    struct target again;
    struct head_error error;

    EXPECT(target_read(&again, target->canonical, &rules, &error) == HEAD_OK);
    EXPECT(span_is(again.canonical, target->canonical));
    EXPECT(span_is(again.path, target->path) && span_is(again.version, target->version));
    EXPECT(again.pair_count == target->pair_count);
    for (size_t i = 0; i < again.pair_count; i++) {
        EXPECT(span_is(again.pairs[i].key, target->pairs[i].key));
        EXPECT(span_is(again.pairs[i].value, target->pairs[i].value));
    }
    target_clear(&again);
}

static void test_accepted(void)
{
    static const struct {
        const char *raw, *version, *path, *pairs, *canonical;
    } cases[] = {
        { "/", "", "/", "", "/" },
        { "/_ping", "", "/_ping", "", "/_ping" },
        { "/_ping/", "", "/_ping/", "", "/_ping/" },
        { "/_PING", "", "/_PING", "", "/_PING" },
        { "/%5fping", "", "/_ping", "", "/_ping" },
        { "/%5Fping", "", "/_ping", "", "/_ping" },
        { "/v1.41/_ping", "1.41", "/_ping", "", "/v1.41/_ping" },
        { "/%76%31.41/_ping", "1.41", "/_ping", "", "/v1.41/_ping" },
        { "/v1.24/x", "1.24", "/x", "", "/v1.24/x" },
        { "/v1.41/", "1.41", "/", "", "/v1.41/" },
        { "/v2.0/x", "2.0", "/x", "", "/v2.0/x" },
        { "/version", "", "/version", "", "/version" },
        { "/volumes/v1", "", "/volumes/v1", "", "/volumes/v1" },
        { "/v", "", "/v", "", "/v" },
        { "/vx/v1.41/", "", "/vx/v1.41/", "", "/vx/v1.41/" },
        { "/containers/rs%2Da/json", "", "/containers/rs-a/json", "", "/containers/rs-a/json" },
        { "/%63ontainers/json", "", "/containers/json", "", "/containers/json" },
        { "/a/...", "", "/a/...", "", "/a/..." },
        { "/a/.b/..c/d.", "", "/a/.b/..c/d.", "", "/a/.b/..c/d." },
        { "/a%20b", "", "/a b", "", "/a%20b" },
        { "/a+b", "", "/a+b", "", "/a+b" },
        { "/a%2Bb", "", "/a+b", "", "/a+b" },
        { "/a%3bb%3Fc%23d%25e", "", "/a;b?c#d%e", "", "/a%3Bb%3Fc%23d%25e" },
        { "/%252e%252e/x", "", "/%2e%2e/x", "", "/%252e%252e/x" },
        { "/%c3%a9%ff", "", "/\xc3\xa9\xff", "", "/%C3%A9%FF" },
        { "/a\"<>^`{|}b", "", "/a\"<>^`{|}b", "", "/a%22%3C%3E%5E%60%7B%7C%7Db" },
        { "/-._~/:@!$&'()*,=", "", "/-._~/:@!$&'()*,=", "", "/-._~/:@!$&'()*,=" },
        // names that hold slashes
        { "/images/a%2Fb%2fc/json", "", "/images/a/b/c/json", "", "/images/a/b/c/json" },
        { "/v1.41/images/r%3A5000%2fb:t/json", "1.41", "/images/r:5000/b:t/json", "",
          "/v1.41/images/r:5000/b:t/json" },
        { "/plugins/a%2fb/enable", "", "/plugins/a/b/enable", "", "/plugins/a/b/enable" },
        { "/distribution/a%2fb/json", "", "/distribution/a/b/json", "", "/distribution/a/b/json" },
        { "/v5.2.0/libpod/images/a%2fb/json", "5.2.0", "/libpod/images/a/b/json", "",
          "/v5.2.0/libpod/images/a/b/json" },
        { "/v4.0/libpod/manifests/a%2fb", "4.0", "/libpod/manifests/a/b", "",
          "/v4.0/libpod/manifests/a/b" },
        // queries
        { "/x?", "", "/x", "", "/x" },
        { "/x?&&", "", "/x", "", "/x" },
        { "/x?a", "", "/x", "a=", "/x?a=" },
        { "/x?a=", "", "/x", "a=", "/x?a=" },
        { "/x?=a", "", "/x", "=a", "/x?=a" },
        { "/x?=", "", "/x", "=", "/x?=" },
        { "/x?a=b=c", "", "/x", "a=b=c", "/x?a=b%3Dc" },
        { "/x?&a=1&&b=2&", "", "/x", "a=1&b=2", "/x?a=1&b=2" },
        { "/x?b=2&a=1", "", "/x", "b=2&a=1", "/x?b=2&a=1" },
        { "/x??", "", "/x", "?=", "/x?%3F=" },
        { "/x?%6eame=rs+a%20b%2bc", "", "/x", "name=rs a b+c", "/x?name=rs%20a%20b%2Bc" },
        { "/x?a=%26%3D%3b%25", "", "/x", "a=&=;%", "/x?a=%26%3D%3B%25" },
        { "/x?filters={\"label\":[\"a=b\"]}", "", "/x", "filters={\"label\":[\"a=b\"]}",
          "/x?filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D" },
        { "/x?a=/../%2e%2e//", "", "/x", "a=/../..//", "/x?a=%2F..%2F..%2F%2F" },
        { "/x?a=%01%0a%ff", "", "/x", "a=\x01\n\xff", "/x?a=%01%0A%FF" },
        { "/x?a=1&A=2", "", "/x", "a=1&A=2", "/x?a=1&A=2" },
        { "/containers/create?Cmd=sh&Cmd=-c&Env=A%3Db&Env=C", "", "/containers/create",
          "Cmd=sh&Cmd=-c&Env=A=b&Env=C", "/containers/create?Cmd=sh&Cmd=-c&Env=A%3Db&Env=C" },
        { "/build?t=a&t=b&x=1", "", "/build", "t=a&t=b&x=1", "/build?t=a&t=b&x=1" },
        { "/v1.41/build?dockerfile=a&dockerfile=FROM+b%0a&x=1&dockerfile=c", "1.41", "/build",
          "dockerfile=a&x=1", "/v1.41/build?dockerfile=a&x=1" },
        { "/containers/create?Dns=a&Dns=b&VolumesFrom=c&VolumesFrom=d", "", "/containers/create",
          "Dns=a&Dns=b&VolumesFrom=c&VolumesFrom=d",
          "/containers/create?Dns=a&Dns=b&VolumesFrom=c&VolumesFrom=d" },
        { "/vx.1/y", "", "/vx.1/y", "", "/vx.1/y" },
        { "/x?names=a&names=b&type=c&type=d", "", "/x", "names=a&names=b&type=c&type=d",
          "/x?names=a&names=b&type=c&type=d" },
        { "/libpod/x?condition=a&condition=b", "", "/libpod/x", "condition=a&condition=b",
          "/libpod/x?condition=a&condition=b" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct target target;
        struct head_error error = { 0 };

        if (read_target(&target, cases[i].raw, &error) != HEAD_OK)
            fprintf(stderr, "%s: %s\n", cases[i].raw, error.text);
        EXPECT(error.status == 0);
        if (!span_is(target.canonical, span_of(cases[i].canonical)))
            fprintf(stderr, "%s: %.*s\n", cases[i].raw, (int)target.canonical.len,
                    target.canonical.at);
        EXPECT(span_is(target.canonical, span_of(cases[i].canonical)));
        EXPECT(span_is(target.version, span_of(cases[i].version)));
        EXPECT(span_is(target.path, span_of(cases[i].path)));
        EXPECT(pairs_are(&target, cases[i].pairs));
        expect_idempotent(&target);
        target_clear(&target);
        target_clear(&target);
    }
}

#define FORM    "the request target does not begin with a slash"
#define BYTE    "a byte in the request target that must be percent-escaped"
#define ESCAPE  "a broken percent escape in the path"
#define CONTROL "an escaped control character or backslash in the path"
#define DOTS    "a dot segment in the path"
#define DOUBLED "two slashes in a row in the path"
#define SLASH   "an escaped slash in the path, outside an image's name"
#define VERSION "an API version in the path that is not like /v1.41/"
#define TWICE   "a key that comes twice in the query"

static void test_refused(void)
{
    static const struct {
        const char *raw, *fault;
    } cases[] = {
        { "", FORM },
        { "*", FORM },
        { "_ping", FORM },
        { "http://x/_ping", FORM },
        { "unix:///_ping", FORM },
        { "http:/_ping", FORM },
        { "d:80", FORM },
        { "?a", FORM },
        { "%2f_ping", FORM },
        { "/a b", BYTE },
        { "/a\x01", BYTE },
        { "/a\x7f", BYTE },
        { "/a\x80", BYTE },
        { "/\xc3\xa9", BYTE },
        { "/a#b", BYTE },
        { "/a\\b", BYTE },
        { "/x?a#b", BYTE },
        { "/x?a\\b", BYTE },
        { "/x?a=\xff", BYTE },
        { "/_ping;x", "a semicolon in the path" },
        { "/%", ESCAPE },
        { "/%2", ESCAPE },
        { "/%zz", ESCAPE },
        { "/%2g", ESCAPE },
        { "/%%41", ESCAPE },
        { "/a%?b=1", ESCAPE },
        { "/a%00", CONTROL },
        { "/a%0a", CONTROL },
        { "/a%0D", CONTROL },
        { "/a%1f", CONTROL },
        { "/a%7F", CONTROL },
        { "/a%5cb", CONTROL },
        { "//", DOUBLED },
        { "//_ping", DOUBLED },
        { "/a//b", DOUBLED },
        { "/a//", DOUBLED },
        { "//v1.41/_ping", DOUBLED },
        { "/v1.41//_ping", DOUBLED },
        { "/images/a%2f%2fb/json", DOUBLED },
        { "/images/%2fb/json", DOUBLED },
        { "/images/a%2f/json", DOUBLED },
        { "/.", DOTS },
        { "/..", DOTS },
        { "/./a", DOTS },
        { "/a/../b", DOTS },
        { "/a/..", DOTS },
        { "/a/./", DOTS },
        { "/%2e", DOTS },
        { "/%2e%2E/a", DOTS },
        { "/.%2e/a", DOTS },
        { "/v1.41/../a", DOTS },
        { "/../v1.41/a", DOTS },
        { "/images/a%2f..%2f..%2fcontainers%2fjson", DOTS },
        { "/images/a%2f%2e%2e/json", DOTS },
        { "/containers%2fjson", SLASH },
        { "/containers/a%2fjson", SLASH },
        { "/v1.41%2f_ping", SLASH },
        { "%2f_ping", FORM },
        { "/images%2fa/json", SLASH },
        { "/images%2fa%2fjson", SLASH },
        { "/v1.41/x/images/a%2fb", SLASH },
        { "/networks/a%2fb", SLASH },
        { "/libpod/containers/a%2fb/json", SLASH },
        { "/libpod%2fimages/a/json", SLASH },
        { "/imagesx/a%2fb", SLASH },
        { "/v1.41", VERSION },
        { "/v1/x", VERSION },
        { "/v1./x", VERSION },
        { "/v./x", VERSION },
        { "/v.1.41/x", VERSION },
        { "/v%2e1.41/x", VERSION },
        { "/V.1/x", VERSION },
        { "/v.", VERSION },
        { "/v1.41./x", VERSION },
        { "/v1.41.0/x", VERSION },
        { "/v1.41.0/libpodx/y", VERSION },
        { "/v1.41.0.0/libpod/x", VERSION },
        { "/v1.41.00/libpod/x", VERSION },
        { "/v5.2.x/libpod/x", VERSION },
        { "/v5.2./libpod/x", VERSION },
        { "/v01.41/x", VERSION },
        { "/v1.041/x", VERSION },
        { "/v0.1/x", VERSION },
        { "/V1.41/x", VERSION },
        { "/v1.41a/x", VERSION },
        { "/v1..41/x", VERSION },
        { "/v1.99999/x", VERSION },
        { "/v1.41%20/x", VERSION },
        { "/v1%2e41%41/x", VERSION },
        { "/v1.23/x", "API version 1.23 is older than the oldest one allowed, 1.24 (-minapi)" },
        { "/v1.2/x", "API version 1.2 is older than the oldest one allowed, 1.24 (-minapi)" },
        { "/v1.0.0/libpod/x",
          "API version 1.0 is older than the oldest one allowed, 1.24 (-minapi)" },
        { "/x?a=1;b=2", "a semicolon in the query, which must be written %3B" },
        { "/x?;", "a semicolon in the query, which must be written %3B" },
        { "/x?%", "a broken percent escape in the query" },
        { "/x?a=%", "a broken percent escape in the query" },
        { "/x?a=%4", "a broken percent escape in the query" },
        { "/x?a=%zz", "a broken percent escape in the query" },
        { "/x?a=1%&b=2", "a broken percent escape in the query" },
        { "/x?a=%00", "an escaped NUL byte in the query" },
        { "/x?%00=a", "an escaped NUL byte in the query" },
        { "/x?a%0a=1", "a control character in a key of the query" },
        { "/x?a%7f=1", "a control character in a key of the query" },
        { "/x?a=1&a=1", TWICE },
        { "/x?name=a&%6eame=b", TWICE },
        { "/x?a&a=", TWICE },
        { "/x?=1&=2", TWICE },
        { "/x?condition=a&condition=b", TWICE },
        { "/x?T=a&T=b", TWICE },
        { "/x?Dns=a&Dns=b", TWICE },
        { "/x?dockerfile=a&dockerfile=b", TWICE },
        { "/build?Dockerfile=a&Dockerfile=b", TWICE },
        { "/libpod/build?dockerfile=a&dockerfile=b", TWICE },
        { "/build?remote=a&remote=b", TWICE },
        { "/x?Cmd=a&Cmd=b", TWICE },
        { "/containers/create?cmd=a&cmd=b", TWICE },
        { "/containers/create?name=a&name=b", TWICE },
        { "/containers/create?Cmd=a&name=b&name=b", TWICE },
        { "/x?a&b&c&d&e&f&g&h&i", "more than 8 pairs in the query (-maxheaders)" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct target target;
        struct head_error error = { 0 };

        if (read_target(&target, cases[i].raw, &error) == HEAD_OK ||
            strcmp(error.text, cases[i].fault) != 0)
            fprintf(stderr, "%s: %s\n", cases[i].raw, error.text);
        EXPECT(error.status == 400 && strcmp(error.text, cases[i].fault) == 0);
        EXPECT(target.block == NULL && target.pair_count == 0);
    }
}

static void test_pairs_are_bounded(void)
{
    char raw[64] = "/x?";

    for (size_t n = 1; n <= 12; n++) {
        struct target target;
        struct head_error error;

        (void)snprintf(raw + strlen(raw), sizeof(raw) - strlen(raw), "%c&", (char)('a' + n));
        EXPECT((read_target(&target, raw, &error) == HEAD_OK) == (n <= rules.pairs));
        target_clear(&target);
    }
}

static void test_no_version_is_too_old_where_none_is_required(void)
{
    struct target_rules any = { .pairs = 1 };
    struct target target;
    struct head_error error;

    EXPECT(target_read(&target, SPAN("/v1.0/x"), &any, &error) == HEAD_OK);
    EXPECT(span_is(target.version, SPAN("1.0")));
    target_clear(&target);
}

#define ALNUM "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Each byte, as it is and escaped, in a segment of its own ("/a/?b") and in a value.
static void test_every_byte(void)
{
    static const struct {
        const char *format, *accepted;
        bool all_from_space; // and those above 0x7f too
        const char *except;
    } cases[] = {
        { "/a%cb", ALNUM "-._~/:@!$&'()*+,=?\"<>^`{|}[]", false, "" },
        { "/?a%cb", ALNUM "-._~/:@!$&'()*+,=?\"<>^`{|}[]", false, "" },
        { "/a%%%02xb", "", true, "/\\\x7f" },
        { "/images/a%%%02xb", "", true, "\\\x7f" },
        { "/?a%%%02xb", "", true, "\x7f" },
        { "/?a=%%%02x",
          "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
          "\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f",
          true, "" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int byte = 0; byte < 256; byte++) {
            char raw[32];
            struct target target;
            struct head_error error;
            // The formats are the literals above.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            size_t len = (size_t)snprintf(raw, sizeof(raw), cases[i].format, byte);
#pragma GCC diagnostic pop
            bool expected =
                (byte != 0 && strchr(cases[i].accepted, byte)) ||
                (cases[i].all_from_space && byte >= 0x20 && !strchr(cases[i].except, byte));
            bool ok = target_read(&target, (struct span){ raw, len }, &rules, &error) == HEAD_OK;

            if (ok != expected)
                fprintf(stderr, "%s 0x%02x\n", cases[i].format, (unsigned)byte);
            EXPECT(ok == expected);
            if (ok)
                expect_idempotent(&target);
            target_clear(&target);
        }
    }
}

static void test_renamed(void)
{
    static const struct {
        const char *target, *path, *key, *value, *canonical; // NULL: refused
    } cases[] = {
        { "/v1.41/containers/web/json?size=1", "/containers/0123abcd/json", "", "",
          "/v1.41/containers/0123abcd/json?size=1" },
        { "/commit?container=web&repo=a%2Fb", "", "container", "0123abcd",
          "/commit?container=0123abcd&repo=a%2Fb" },
        { "/containers/web/json", "/containers/a b/json", "", "", "/containers/a%20b/json" },
        { "/containers/web/json", "/containers/../json", "", "", NULL },
        { "/containers/web/json", "containers", "", "", NULL },
        { "/v1.41/x?a=1", "/x", "b", "2", "/v1.41/x?a=1&b=2" },
        { "/x", "", "filters", "{\"a\":[\"b&c\"]}",
          "/x?filters=%7B%22a%22%3A%5B%22b%26c%22%5D%7D" },
        { "/x?a=1&b=2", "", "a", "4", "/x?a=4&b=2" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct target target;
        struct head_error error;

        EXPECT(target_read(&target, span_of(cases[i].target), &rules, &error) == HEAD_OK);

        struct query_pair set = { span_of(cases[i].key), span_of(cases[i].value) };
        enum head_status status = target_rename(&target, span_of(cases[i].path), &set,
                                                cases[i].key[0] ? 1 : 0, &rules, &error);

        EXPECT((status == HEAD_OK) == (cases[i].canonical != NULL));
        EXPECT(span_is(target.canonical,
                       span_of(cases[i].canonical ? cases[i].canonical : cases[i].target)));
        target_clear(&target);
    }
}

int main(void)
{
    RUN(test_accepted);
    RUN(test_refused);
    RUN(test_pairs_are_bounded);
    RUN(test_no_version_is_too_old_where_none_is_required);
    RUN(test_every_byte);
    RUN(test_renamed);
    return 0;
}
