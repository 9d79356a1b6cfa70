// Verdicts that are remembered: what comes back, what goes when there is no room.
#include "test.h"

#include "lua/verdict_memory.h"

#include <stdio.h>
#include <string.h>

static struct verdict denial(const char *reason)
{
    struct verdict v = { .status = 403 };

    (void)snprintf(v.reason, sizeof(v.reason), "%s", reason);
    return v;
}

static const struct route route;

static void keep(struct verdict_memory *m, const char *key, const char *reason)
{
    struct verdict v = denial(reason);

    verdict_memory_keep(m, span_of(key), &route, &v);
}

static bool recalls(struct verdict_memory *m, const char *key, const char *reason)
{
    struct verdict v = denial("");

    return verdict_memory_recall(m, span_of(key), &v) == &route && strcmp(v.reason, reason) == 0;
}

static void test_what_was_kept_comes_back_whole(void)
{
    struct verdict_memory *m = verdict_memory_new(4, 4096);
    struct verdict in = { .status = 404, .hidden = true }, out = { .allowed = true };

    memset(in.reason, 'r', sizeof(in.reason) - 1);
    memset(in.policy, 'p', sizeof(in.policy) - 1);
    memset(in.rule, 'u', sizeof(in.rule) - 1);
    memset(in.where, 'w', sizeof(in.where) - 1);
    memset(in.hint, 'h', sizeof(in.hint) - 1);
    verdict_memory_keep(m, SPAN("a"), &route, &in);
    EXPECT(verdict_memory_recall(m, SPAN("a"), &out) == &route);
    EXPECT(!out.allowed && out.hidden && out.status == 404);
    EXPECT(strcmp(out.reason, in.reason) == 0 && strcmp(out.policy, in.policy) == 0);
    EXPECT(strcmp(out.rule, in.rule) == 0 && strcmp(out.where, in.where) == 0);
    EXPECT(strcmp(out.hint, in.hint) == 0);
    EXPECT(verdict_memory_recall(m, SPAN("b"), &out) == NULL);
    EXPECT(verdict_memory_recall(m, SPAN("a\0"), &out) == NULL);
    EXPECT(verdict_memory_recall(m, SPAN(""), &out) == NULL);
    verdict_memory_free(m);
}

static void test_who_keeps_it_twice_has_it_once(void)
{
    struct verdict_memory *m = verdict_memory_new(4, 4096);

    keep(m, "a", "first");
    keep(m, "a", "second");
    EXPECT(verdict_memory_count(m) == 1 && recalls(m, "a", "first"));
    verdict_memory_free(m);
}

static void test_no_more_entries_than_allowed(void)
{
    struct verdict_memory *m = verdict_memory_new(8, 1 << 20);
    char key[16];

    keep(m, "usual", "yes");
    for (int i = 0; i < 1000; i++) {
        EXPECT(recalls(m, "usual", "yes")); // asked for all the time, so it stays
        (void)snprintf(key, sizeof(key), "%d", i);
        keep(m, key, key);
        EXPECT(verdict_memory_count(m) <= 8);
    }
    EXPECT(verdict_memory_count(m) == 8);
    verdict_memory_free(m);
}

static void test_no_more_bytes_than_allowed(void)
{
    struct verdict_memory *m = verdict_memory_new(1024, 4096);
    char key[1024];

    for (size_t i = 0; i < 1000; i++) {
        size_t len = 1 + i * 37 % sizeof(key);

        memset(key, 'a' + (int)(i % 26), len);
        struct verdict v = denial("no");

        verdict_memory_keep(m, (struct span){ key, len }, &route, &v);
        EXPECT(verdict_memory_bytes(m) <= 4096 && verdict_memory_count(m) > 0);
    }
    verdict_memory_free(m);
}

static void test_what_is_larger_than_all_room_is_not_kept(void)
{
    struct verdict_memory *m = verdict_memory_new(4, 64);

    keep(m, "a", "a reason that is longer than what is left of sixty-four bytes");
    EXPECT(verdict_memory_count(m) == 0 && verdict_memory_bytes(m) == 0);
    verdict_memory_free(m);
}

int main(void)
{
    RUN(test_what_was_kept_comes_back_whole);
    RUN(test_who_keeps_it_twice_has_it_once);
    RUN(test_no_more_entries_than_allowed);
    RUN(test_no_more_bytes_than_allowed);
    RUN(test_what_is_larger_than_all_room_is_not_kept);
    return 0;
}
