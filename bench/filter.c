// What looking into a list costs, without sockets: reads a list of containers from standard input
// and prints MiB per second, the best of some rounds, for copying it, for filtering it, and for
// decoding and encoding each element as a filter would that knows no better.
#include "json/filter.h"
#include "base/attr.h"
#include "base/clock.h"
#include "json/redact.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE  (64u << 10)
#define ROUNDS 5

int luaopen_cjson(lua_State *L);

static void fail(const char *text)
{
    fprintf(stderr, "bench/filter: %s\n", text);
    exit(1);
}

static struct buffer read_all(void)
{
    static char piece[PIECE];
    struct buffer all;

    buffer_init(&all, 1u << 30);
    for (size_t n; (n = fread(piece, 1, sizeof(piece), stdin)) > 0;)
        buffer_add(&all, piece, n);
    if (all.failed || all.len == 0)
        fail("expected a list of containers on standard input");
    return all;
}

// Where the output goes: it is copied, as a socket's buffer would.
struct out {
    char data[1u << 20];
    size_t len, total;
};

static void sink(void *arg, struct span text)
{
    struct out *out = arg;

    if (out->len + text.len > sizeof(out->data))
        out->len = 0;
    memcpy(out->data + out->len, text.at, text.len);
    out->len += text.len;
    out->total += text.len;
}

// --- judges -------------------------------------------------------------------------------------

static enum filter_verdict keep(void *arg, size_t list, struct span item,
                                struct buffer *replacement)
{
    (void)arg;
    (void)list;
    (void)item;
    (void)replacement;
    return FILTER_KEEP;
}

static enum filter_verdict redact(void *arg, size_t list, struct span item,
                                  struct buffer *replacement)
{
    enum redact_result result = redact_apply(arg, item, replacement);

    (void)list;
    return result == REDACT_FAIL ? FILTER_FAIL
                                 : (result == REDACT_SAME ? FILTER_KEEP : FILTER_REPLACE);
}

static enum filter_verdict recode(void *arg, size_t list, struct span item,
                                  struct buffer *replacement)
{
    lua_State *L = arg;
    struct span text;

    (void)list;
    lua_pushvalue(L, 1);
    lua_pushlstring(L, item.at, item.len);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        return FILTER_FAIL;
    text.at = lua_tolstring(L, -1, &text.len);
    buffer_add_span(replacement, text);
    lua_pop(L, 1);
    return FILTER_REPLACE;
}

static lua_State *new_recoder(void)
{
    lua_State *L = luaL_newstate();

    if (!L)
        fail("not enough memory");
    luaL_openlibs(L);
    luaL_requiref(L, "cjson", luaopen_cjson, 0);
    lua_setglobal(L, "cjson");
    if (luaL_dostring(L, "local decode, encode = cjson.decode, cjson.encode\n"
                         "return function(text) return encode(decode(text)) end") != LUA_OK)
        fail(lua_tostring(L, -1));
    return L;
}

static struct redact_set *new_redaction(void)
{
    static const char *const paths[] = { "Labels[\"secret.*\"]", "Mounts.*.Source", "Command" };
    struct redact_set *set = redact_new();
    struct err err;

    if (!set)
        fail("not enough memory");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (redact_add(set, span_of(paths[i]), &err) != 0)
            fail(err.text);
    return set;
}

// --- rounds -------------------------------------------------------------------------------------

static void copy_all(struct span text, struct out *out)
{
    for (size_t at = 0; at < text.len; at += PIECE)
        sink(out, (struct span){ text.at + at, text.len - at < PIECE ? text.len - at : PIECE });
}

static void filter_all(struct span text, filter_judge judge, void *arg, struct out *out)
{
    static const char *const lists[] = { "" };
    static const struct cut_rules rules = { .depth = 64, .lists = lists, .list_count = 1 };
    struct filter f;
    int result = 0;

    filter_init(&f, &rules, 4u << 20, judge, arg, sink, out);
    for (size_t at = 0; at < text.len && result == 0; at += PIECE)
        result = filter_feed(&f, text.at + at, text.len - at < PIECE ? text.len - at : PIECE);
    if (result != 0 || filter_end(&f) != 0)
        fail(filter_fault(&f));
    filter_clear(&f);
}

// Without a judge it only copies.
static double measure(struct span text, filter_judge judge, void *arg, const char *what,
                      double baseline)
{
    static struct out out;
    uint64_t best = UINT64_MAX;
    double rate;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_now_us(), taken;

        if (judge)
            filter_all(text, judge, arg, &out);
        else
            copy_all(text, &out);
        taken = clock_now_us() - start;
        best = taken < best ? taken : best;
    }
    rate = (double)text.len / (1 << 20) / ((double)best / 1e6);
    printf("%8.0f MiB/s  %6.2f  %s\n", rate, (baseline > 0 ? baseline : rate) / rate, what);
    return rate;
}

int main(void)
{
    struct buffer all = read_all();
    struct span text = buffer_span(&all);
    struct redact_set *set = new_redaction();
    lua_State *L = new_recoder();
    double copied;

    printf("a list of %.0f MiB in memory: rate, and how many times slower than a copy\n",
           (double)text.len / (1 << 20));
    copied = measure(text, NULL, NULL, "copied", 0);
    (void)measure(text, keep, NULL, "cut into elements, all of them kept", copied);
    (void)measure(text, redact, set, "each element redacted", copied);
    (void)measure(text, recode, L, "each element decoded and encoded again (lua-cjson)", copied);
    lua_close(L);
    redact_free(set);
    buffer_clear(&all);
    return 0;
}
