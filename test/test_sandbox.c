// The Lua state itself: what a run may spend, and what happens when there is nothing left.
#include "base/attr.h"
#include "base/span.h"
#include "lua/regex.h"
#include "lua/sandbox.h"

#include "base/attr.h"
#include "lua/hang.h"
#include "lua/library.h"
#include "test.h"

#include <lauxlib.h>
#include <lua.h>
#include <malloc.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEMORY (8 << 20)

static int open_library(lua_State *L)
{
    library_open(L);
    return 0;
}

static struct sandbox *new_sandbox(void)
{
    struct err err;
    struct sandbox *sb = sandbox_new(MEMORY, &err);

    EXPECT(sb);
    EXPECT(sandbox_protect(sb, open_library, NULL, &err) == 0);
    return sb;
}

static int run_text(lua_State *L)
{
    const char *const *text = lua_touserdata(L, 1);

    if (luaL_loadbufferx(L, *text, strlen(*text), "@test.lua", "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

static int run(struct sandbox *sb, const char *text, struct budget *budget, struct err *err)
{
    return sandbox_call(sb, run_text, &text, budget, err);
}

static void test_what_a_run_may_spend(void)
{
    static const struct {
        const char *text, *error;
        enum budget_hit hit;
    } cases[] = {
        { "return 1 + 1", NULL, BUDGET_LEFT },
        { "while true do end", "instruction limit", BUDGET_INSTRUCTIONS },
        { "for i = 1, 1e18 do end", "instruction limit", BUDGET_INSTRUCTIONS },
        { "local function f() return f() end f()", "instruction limit", BUDGET_INSTRUCTIONS },
        { "while true do pcall(function() while true do end end) end", "instruction limit",
          BUDGET_INSTRUCTIONS },
        { "pcall(function() while true do end end)", "limit", BUDGET_INSTRUCTIONS },
        { "local s = 'x' while true do s = s .. s end", "not enough memory", BUDGET_MEMORY },
        { "pcall(function() local s = 'x' while true do s = s .. s end end)", "not enough memory",
          BUDGET_MEMORY },
        { "local t = {} for i = 1, 1e9 do t[i] = i end", "not enough memory", BUDGET_MEMORY },
        { "local function f() return 1 + f() end f()", "not enough memory", BUDGET_MEMORY },
        { "error({})", "not a text", BUDGET_LEFT },
        { "error(nil)", "nil", BUDGET_LEFT },
        { "this is not Lua", "test.lua:1:", BUDGET_LEFT },
        { "\033Lua", "attempt to load a binary chunk", BUDGET_LEFT },
    };
    struct sandbox *sb = new_sandbox();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct budget budget = { .instructions = 1000000, .burst_us = 60000000 };
        struct err err = { "" };
        int status = run(sb, cases[i].text, &budget, &err);
        EXPECT((status == 0) == (cases[i].error == NULL));
        EXPECT(!cases[i].error || strstr(err.text, cases[i].error));
        EXPECT(budget.hit == cases[i].hit);
        EXPECT(lua_gettop(sandbox_state(sb)) == 0);
    }
    sandbox_free(sb);
}

static void test_time_of_a_burst(void)
{
    struct sandbox *sb = new_sandbox();
    struct budget budget = { .instructions = UINT64_MAX, .burst_us = 20000 };
    struct err err;

    EXPECT(run(sb, "while true do pcall(error) end", &budget, &err) != 0);
    EXPECT(strstr(err.text, "time limit"));
    EXPECT(budget.hit == BUDGET_TIME);
    sandbox_free(sb);
}

// Each caught error walks the whole stack of calls, inside C. The time limit has to see that.
static void test_errors_caught_deep_inside(void)
{
    struct sandbox *sb = new_sandbox();
    struct budget budget = { .instructions = UINT64_MAX, .burst_us = 100000 };
    struct err err;
    clock_t start = clock();

    EXPECT(run(sb, "local function f() pcall(f) f() end f()", &budget, &err) != 0);
    EXPECT(budget.hit != BUDGET_LEFT);
    EXPECT(clock() - start < 5 * CLOCKS_PER_SEC);
    sandbox_free(sb);
}

// The budget is for the whole run, however often it pauses.
static void test_pauses_do_not_refill_the_budget(void)
{
    static const char text[] = "while true do coroutine.yield() end";
    struct sandbox *sb = new_sandbox();
    lua_State *co = lua_newthread(sandbox_state(sb));
    struct budget budget = { .instructions = 20000, .burst_us = 60000000 };
    int bursts = 1;

    EXPECT(luaL_loadbufferx(co, text, strlen(text), "@test.lua", "t") == LUA_OK);

    int status = sandbox_resume(sb, co, 0, true, &budget);

    while (status == LUA_YIELD && bursts < 100000) {
        status = sandbox_resume(sb, co, 0, false, &budget);
        bursts++;
    }
    EXPECT(status == LUA_ERRRUN);
    EXPECT(budget.hit == BUDGET_INSTRUCTIONS);
    EXPECT(bursts > 100);
    sandbox_free(sb);
}

static int charge_twice(lua_State *L)
{
    sandbox_charge(L, 1000);
    EXPECT(sandbox_used(sandbox_of(L)) >= 1000);
    sandbox_refund(L, 1000);
    sandbox_charge(L, MEMORY);
    return 0;
}

static void test_memory_of_others_counts(void)
{
    struct sandbox *sb = new_sandbox();
    struct err err;

    EXPECT(sandbox_protect(sb, charge_twice, NULL, &err) != 0);
    EXPECT(strstr(err.text, "not enough memory"));
    sandbox_free(sb);
}

// Regular expressions that nobody holds any more make room; those that somebody holds do not.
static void test_regexes_are_bounded(void)
{
    static const char forgotten[] = "local core = require 'moonward.core'\n"
                                    "for i = 1, 20000 do core.regex('a{100}' .. i) end";
    static const char kept[] = "local core, all = require 'moonward.core', {}\n"
                               "for i = 1, 20000 do all[i] = core.regex('a{100}' .. i) end";
    struct sandbox *sb = new_sandbox();
    const struct budget full = { .instructions = UINT64_MAX, .burst_us = 600000000 };
    struct budget budgets[] = { full, full, full };
    struct err err;

    EXPECT(run(sb, forgotten, &budgets[0], &err) == 0);
    EXPECT(run(sb, kept, &budgets[1], &err) != 0);
    EXPECT(strstr(err.text, "not enough memory"));
    EXPECT(run(sb, forgotten, &budgets[2], &err) == 0);
    sandbox_free(sb);
}

// Fails the allocations one after the other. Nothing may leak or crash, whichever it is.
static void test_every_memory_limit(void)
{
    int started = 0;

    for (size_t memory = 0; memory < 64 * 1024; memory += 128) {
        struct budget budget = { .instructions = UINT64_MAX, .burst_us = 600000000 };
        struct err err;
        struct sandbox *sb = sandbox_new(memory, &err);

        if (!sb)
            continue;
        if (sandbox_protect(sb, open_library, NULL, &err) == 0 &&
            run(sb, "local t = { 'a' .. 1, require('moonward.core').regex('a|b') }", &budget,
                &err) == 0)
            started++;
        EXPECT(lua_gettop(sandbox_state(sb)) <= 1);
        sandbox_free(sb);
    }
    EXPECT(started > 0);
}

// ---- hanging inside C

// Exponential: every repetition can be taken in two ways, and the end never fits.
static const char pathological[] =
    "local lpeg = require 'lpeg'\n"
    "local S = lpeg.V 'S'\n"
    "local g = lpeg.P { 'S', S = lpeg.P 'a' * S * 'b' + lpeg.P 'a' * S * 'c' + 'a' }\n"
    "g:match(string.rep('a', 60) .. 'x')\n";

static void say(const char *text)
{
    EXPECT(write(STDOUT_FILENO, text, strlen(text)) >= 0);
}

static void note_refusal(void *arg)
{
    (void)arg;
    say("refused ");
}

static void note_report(void *arg, const char *policy, const char *where)
{
    (void)arg;
    say(policy);
    say(" ");
    say(where);
}

static void run_child(int out, const char *text)
{
    struct hang_hooks hooks = { .refuse = note_refusal, .report = note_report };
    struct budget budget = { .instructions = UINT64_MAX, .burst_us = UINT64_MAX / 2 };
    struct sandbox *sb = new_sandbox();
    struct err err;
    struct hang *hang = hang_new(200, &hooks, &err);

    EXPECT(hang);
    dup2(out, STDOUT_FILENO);
    sandbox_watch(sb, hang);
    sandbox_running(sb, "slow");

    int status = run(sb, text, &budget, &err);

    hang_free(hang);
    sandbox_free(sb);
    _exit(status == 0 ? 0 : 1);
}

// Runs the text in a child; its exit status, or -1 for a signal, and what it wrote.
static int status_of(const char *text, char *said, size_t size)
{
    int ends[2], status;
    ssize_t n;

    EXPECT(pipe(ends) == 0);
    fflush(stdout);

    pid_t child = fork();

    EXPECT(child >= 0);
    if (child == 0)
        run_child(ends[1], text);
    close(ends[1]);
    EXPECT(waitpid(child, &status, 0) == child);
    n = read(ends[0], said, size - 1);
    EXPECT(n >= 0);
    said[n] = '\0';
    close(ends[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_a_hang_in_c_ends_the_process(void)
{
    char said[256];

    EXPECT(status_of(pathological, said, sizeof(said)) == HANG_STATUS);
    EXPECT(strcmp(said, "refused slow test.lua:4") == 0);
}

static void test_a_finished_run_does_not(void)
{
    char said[256];

    EXPECT(status_of("for i = 1, 1000 do local t = { i } end", said, sizeof(said)) == 0);
    EXPECT(said[0] == '\0');
}

// Many short runs, all together longer than the deadline, are no hang.
static void test_a_busy_process_is_not_a_hanging_one(void)
{
    struct err err;

    fflush(stdout);

    pid_t child = fork();

    EXPECT(child >= 0);
    if (child == 0) {
        struct sandbox *sb = new_sandbox();
        struct hang *hang = hang_new(400, NULL, &err);
        clock_t end = clock() + CLOCKS_PER_SEC * 3 / 5;

        sandbox_watch(sb, hang);
        while (clock() < end) {
            struct budget budget = { .instructions = UINT64_MAX, .burst_us = UINT64_MAX / 2 };

            EXPECT(run(sb, "return 1", &budget, &err) == 0);
        }
        hang_free(hang);
        sandbox_free(sb);
        _exit(0);
    }

    int status;

    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// One that is watched begins to count when a tick comes upon it, and then nothing gets it any
// further; one that is short is not counted at all.
static void test_what_a_watched_run_may_spend(void)
{
    static const struct {
        const char *text;
        uint64_t instructions, burst_us;
        enum budget_hit hit;
    } cases[] = {
        { "return 1 + 1", 4000000, 60000000, BUDGET_LEFT },
        { "while true do end", 4000000, 60000000, BUDGET_INSTRUCTIONS },
        { "local function f() return f() end f()", 4000000, 60000000, BUDGET_INSTRUCTIONS },
        { "while true do pcall(function() while true do end end) end", 4000000, 60000000,
          BUDGET_INSTRUCTIONS },
        { "while true do pcall(error) end", UINT64_MAX, 20000, BUDGET_TIME },
        { "for i = 1, 2000 do end", 1000, 60000000, BUDGET_INSTRUCTIONS }, // before any tick
        { "for i = 1, 2000 do end", 4000000, 60000000, BUDGET_LEFT },
        { "local s = 'x' while true do s = s .. s end", 4000000, 60000000, BUDGET_MEMORY },
    };
    struct err err;
    struct sandbox *sb = new_sandbox();
    struct hang *hang = hang_new(60000, NULL, &err);

    EXPECT(hang);
    sandbox_watch(sb, hang);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct budget budget = { .instructions = cases[i].instructions,
                                 .burst_us = cases[i].burst_us };

        EXPECT((run(sb, cases[i].text, &budget, &err) == 0) == (cases[i].hit == BUDGET_LEFT));
        EXPECT(budget.hit == cases[i].hit);
    }
    hang_free(hang);
    sandbox_free(sb);
}

static int hook_mask; // that a run had

static int look_at_hook(lua_State *L)
{
    hook_mask = lua_gethookmask(L);
    return 0;
}

// A hook that a coroutine has from the run before would make each instruction dearer.
static void test_a_run_begins_without_a_hook(void)
{
    struct err err;
    struct sandbox *sb = new_sandbox();
    struct hang *hang = hang_new(60000, NULL, &err);
    lua_State *co = lua_newthread(sandbox_state(sb));

    EXPECT(hang);
    sandbox_watch(sb, hang);
    for (int runs = 0; runs < 2; runs++) {
        static const char slow[] = "for i = 1, 20000000 do end"; // several ticks
        struct budget full = { .instructions = UINT64_MAX, .burst_us = 60000000 }, budget = full;

        lua_pushcfunction(co, look_at_hook);
        EXPECT(sandbox_resume(sb, co, 0, true, &budget) == LUA_OK);
        EXPECT(hook_mask == 0);
        budget = full;
        EXPECT(luaL_loadbufferx(co, slow, strlen(slow), "@test.lua", "t") == LUA_OK);
        EXPECT(sandbox_resume(sb, co, 0, true, &budget) == LUA_OK);
        EXPECT(lua_gethookmask(co) != 0);
    }
    hang_free(hang);
    sandbox_free(sb);
}

// What RE2's tables grow to as they are filled by texts that all need states of their own.
static void test_regex_size_counts_what_matching_builds(void)
{
    static const char *const patterns[] = { "(a|b)*a(a|b){12}x",
                                            "/v[0-9.]+/containers/[a-z]+(/json)?",
                                            "(?i)[a-z]*(foo|bar)[^/]*/.{3,40}" };

    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        char error[100];
        size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
        struct regex *regex = regex_new(span_of(patterns[i]), error, sizeof(error));
        unsigned random = 1;

        EXPECT(regex);
        for (int n = 0; n < 3000; n++) {
            char text[200];

            for (size_t k = 0; k < sizeof(text); k++) {
                random = random * 1103515245 + 12345;
                text[k] = "abfoo/rv1."[random >> 16 & 7];
            }
            (void)regex_match(regex, (struct span){ text, sizeof(text) });
            (void)regex_find(regex, (struct span){ text, sizeof(text) });
        }
        EXPECT(mallinfo2().uordblks + mallinfo2().hblkhd - before <= regex_size(regex));
        regex_free(regex);
    }
}

int main(void)
{
    RUN(test_what_a_run_may_spend);
    RUN(test_time_of_a_burst);
    RUN(test_errors_caught_deep_inside);
    RUN(test_pauses_do_not_refill_the_budget);
    RUN(test_memory_of_others_counts);
    RUN(test_regexes_are_bounded);
    RUN(test_every_memory_limit);
    RUN(test_a_hang_in_c_ends_the_process);
    RUN(test_a_finished_run_does_not);
    RUN(test_a_busy_process_is_not_a_hanging_one);
    RUN(test_what_a_watched_run_may_spend);
    RUN(test_a_run_begins_without_a_hook);
    RUN(test_regex_size_counts_what_matching_builds);
    return 0;
}
