// Decisions as the proxy drives them: questions, answers, giving up half-way, no memory.
#include "lua/decision.h"

#include "base/attr.h"
#include "config/option.h"
#include "http/target.h"
#include "lua/host.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct log log_errors = { .fd = STDERR_FILENO, .least = LOG_ERROR };
static const struct host_limits roomy = { 32 << 20, 1000000, 10000000 };

// A file that is gone when the process is; policies are loaded from files.
struct policy_file {
    char path[64];
};

static struct policy_file write_policy(const char *text)
{
    struct policy_file file = { "/tmp/moonward_policy_XXXXXX.lua" };
    int fd = mkstemps(file.path, 4);

    EXPECT(fd >= 0);
    EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return file;
}

// NULL when there was not enough memory.
static struct host *try_host(const char *text, const struct host_limits *limits)
{
    struct policy_file file = write_policy(text);
    struct err err = { "" };
    struct options *options = options_new();
    struct host *host = host_new(limits, NULL, &log_errors, &err);

    EXPECT(options);
    if (host &&
        (host_load(host, file.path, NULL, &err) != 0 || host_start(host, options, &err) != 0)) {
        host_free(host);
        host = NULL;
    }
    if (!host && limits == &roomy)
        fprintf(stderr, "%s\n", err.text);
    options_free(options);
    unlink(file.path);
    return host;
}

static struct host *new_host(const char *text)
{
    struct host *host = try_host(text, &roomy);

    EXPECT(host);
    return host;
}

struct asked {
    struct target target;
    struct request_view request;
    struct client_view client;
};

static void ask(struct asked *asked, const char *raw)
{
    static const struct target_rules rules = { { 1, 24 }, 100 };
    struct head_error error;

    memset(asked, 0, sizeof(*asked));
    EXPECT(target_read(&asked->target, span_of(raw), &rules, &error) == HEAD_OK);
    asked->request.method = METHOD_GET;
    asked->request.target = &asked->target;
    asked->request.has_body = true;
    asked->client.listener = SPAN("test");
}

static void test_verdicts(void)
{
    static const struct {
        const char *policy;
        bool allowed, failed;
        int status;
        const char *reason, *where; // the end of it
    } cases[] = {
        { "return function() return moonward.allow() end", true, false, 0, "", ".lua:2" },
        { "return function()\nreturn moonward.deny('no') end", false, false, 403, "no", ".lua:3" },
        { "return function() return moonward.deny('no', { status = 405 }) end", false, false, 405,
          "no", ".lua:2" },
        { "return function() return moonward.hide('gone') end", false, false, 404, "gone",
          ".lua:2" },
        { "return function() return moonward.hide() end", false, false, 404, "No such container: x",
          ".lua:2" },
        { "return function() end", false, false, 403,
          "no policy allows GET /containers/x/json (container.inspect)", "" },
        { "return function() error(moonward.deny('no')) end", false, false, 403, "no", ".lua:2" },
        { "return function() error(moonward.allow()) end", false, true, 403, "not a text",
          ".lua:2" },
        { "return function() error({}) end", false, true, 403, "not a text", ".lua:2" },
        { "return function() error(nil) end", false, true, 403, "nil", ".lua:2" },
        { "return function() error('oh') end", false, true, 403, "oh", ".lua:2" },
        { "return function()\n\nlocal x = nil + 1 end", false, true, 403, "arithmetic on a nil",
          ".lua:4" },
        { "return function() return true end", false, true, 403, "returned a boolean", ".lua:2" },
        { "return function() return { allowed = true } end", false, true, 403, "returned a table",
          ".lua:2" },
        { "return function() return setmetatable({}, {}) end", false, true, 403,
          "setmetatable is not in the sandbox", ".lua:2" },
        { "return function() while true do end end", false, true, 403, "instruction limit reached",
          ".lua:2" },
        { "return function() while true do pcall(error) end end", false, true, 403,
          "instruction limit reached", ".lua:2" },
        { "return function() pcall(function() while true do end end) return moonward.allow() end",
          false, true, 403, "instruction limit reached", ".lua:2" },
        { "return function() local s = 'x' while true do s = s .. s end end", false, true, 403,
          "memory limit reached", ".lua:2" },
        { "return function() local function f() return 1 + f() end f() end", false, true, 403,
          "memory limit reached", ".lua:2" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[512];
        struct asked asked;

        snprintf(text, sizeof(text), "local moonward = require 'moonward'\n%s", cases[i].policy);

        struct host *host = new_host(text);

        ask(&asked, "/v1.41/containers/x/json");
        // Twice, because the second one gets the coroutine of the first.
        for (int round = 0; round < 2; round++) {
            struct decision *d = decision_new(host, &asked.request, &asked.client);

            EXPECT(d);
            EXPECT(decision_run(d) == DECISION_DONE);

            const struct verdict *v = decision_verdict(d);
            bool as_expected = v->allowed == cases[i].allowed && v->failed == cases[i].failed &&
                               v->status == cases[i].status && strstr(v->reason, cases[i].reason) &&
                               strstr(v->where, cases[i].where);

            if (!as_expected)
                fprintf(stderr, "%s\n-> %d %d %d '%s' at '%s'\n", cases[i].policy, v->allowed,
                        v->failed, v->status, v->reason, v->where);
            EXPECT(as_expected);
            EXPECT(strncmp(v->policy, "moonward_policy_", 16) == 0);
            decision_free(d);
        }
        host_free(host);
        target_clear(&asked.target);
    }
}

static const char questions[] = "local moonward = require 'moonward'\n"
                                "return function(client, request)\n"
                                "  local ok, found = pcall(moonward.resolve, 'build.local')\n"
                                "  if not ok then return moonward.deny(found) end\n"
                                "  return moonward.deny(table.concat(found, ' ') .. ' ' .. "
                                "request.body, { rule = request.id })\n"
                                "end\n";

static void test_questions_and_answers(void)
{
    struct host *host = new_host(questions);
    struct asked asked;
    struct decision *d;

    ask(&asked, "/containers/x/json");
    d = decision_new(host, &asked.request, &asked.client);
    EXPECT(d);
    EXPECT(strcmp(decision_route(d)->operation, "container.inspect") == 0);
    EXPECT(decision_run(d) == DECISION_WANTS_ADDRESS);
    EXPECT(strcmp(decision_question(d), "build.local") == 0);
    decision_answer(d, SPAN("10.0.0.1\nfe80::1"));
    EXPECT(decision_run(d) == DECISION_WANTS_BODY);
    decision_answer(d, SPAN("\0body"));
    EXPECT(decision_run(d) == DECISION_DONE);
    EXPECT(strcmp(decision_verdict(d)->reason, "10.0.0.1 fe80::1 ") == 0); // up to the NUL
    EXPECT(strcmp(decision_verdict(d)->rule, "x") == 0);
    decision_free(d);

    d = decision_new(host, &asked.request, &asked.client);
    EXPECT(decision_run(d) == DECISION_WANTS_ADDRESS);
    decision_answer_failure(d, "no such host");
    EXPECT(decision_run(d) == DECISION_DONE);
    EXPECT(strcmp(decision_verdict(d)->reason, "moonward.resolve(\"build.local\"): no such host") ==
           0);
    decision_free(d);
    host_free(host);
    target_clear(&asked.target);
}

// Clients go away while policies wait; others come in between.
static void test_many_at_once(void)
{
    enum { N = 200 };
    struct host *host = new_host(questions);
    struct decision *waiting[N];
    struct asked asked;

    ask(&asked, "/containers/x/json");
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++) {
            waiting[i] = decision_new(host, &asked.request, &asked.client);
            EXPECT(waiting[i]);
            EXPECT(decision_run(waiting[i]) == DECISION_WANTS_ADDRESS);
        }
        for (int i = 0; i < N; i += 2)
            decision_answer(waiting[i], SPAN("10.0.0.1"));
        for (int i = 0; i < N; i += 4)
            EXPECT(decision_run(waiting[i]) == DECISION_WANTS_BODY);
        for (int i = 0; i < N; i++)
            decision_free(waiting[i]); // some never ran on, some have an answer, some have two
    }
    host_free(host);
    target_clear(&asked.target);
}

static void test_questions_without_end(void)
{
    struct host *host = new_host("local moonward = require 'moonward'\n"
                                 "return function() while true do\n"
                                 "  pcall(moonward.resolve, 'a.b') end end\n");
    struct asked asked;
    struct decision *d;
    int answers = 0;

    ask(&asked, "/_ping");
    d = decision_new(host, &asked.request, &asked.client);
    EXPECT(d);
    while (decision_run(d) != DECISION_DONE) {
        decision_answer(d, SPAN("10.0.0.1"));
        EXPECT(++answers < 1000);
    }
    EXPECT(!decision_verdict(d)->allowed);
    EXPECT(strstr(decision_verdict(d)->reason, "asked more than 100 questions"));
    decision_free(d);
    host_free(host);
    target_clear(&asked.target);
}

// The time that a policy waits is not its own.
static void test_waiting_costs_no_time(void)
{
    static const struct host_limits limits = { 32 << 20, 1000000, 20000 };
    struct host *host = try_host(questions, &limits);
    struct asked asked;
    struct decision *d;

    EXPECT(host);
    ask(&asked, "/_ping");
    d = decision_new(host, &asked.request, &asked.client);
    EXPECT(decision_run(d) == DECISION_WANTS_ADDRESS);
    usleep(50000);
    decision_answer(d, SPAN("10.0.0.1"));
    EXPECT(decision_run(d) == DECISION_WANTS_BODY);
    decision_free(d);
    host_free(host);
    target_clear(&asked.target);
}

static void test_memory_stays_bounded(void)
{
    struct host *host = new_host("local moonward = require 'moonward'\n"
                                 "return function(client, request)\n"
                                 "  if request:is('system.*') then return moonward.allow() end\n"
                                 "  error('no: ' .. request.path)\n"
                                 "end\n");
    struct asked asked;
    size_t before = 0;

    for (int i = 0; i < 20000; i++) {
        ask(&asked, i % 2 ? "/containers/x/json" : "/_ping");

        struct decision *d = decision_new(host, &asked.request, &asked.client);

        EXPECT(d);
        EXPECT(decision_run(d) == DECISION_DONE);
        EXPECT(decision_verdict(d)->allowed == (i % 2 == 0));
        decision_free(d);
        target_clear(&asked.target);
        if (i == 2000)
            before = host_memory(host);
    }
    EXPECT(host_memory(host) < 2 * before + (1 << 20));
    host_free(host);
}

// One decision to its end, whatever memory there is. Only a decision that got all it asked for may
// allow.
static bool decide_with(struct host *host, struct asked *asked)
{
    struct decision *d = decision_new(host, &asked->request, &asked->client);
    bool allowed = false;

    if (!d)
        return false;
    for (;;) {
        enum decision_state state = decision_run(d);

        if (state == DECISION_DONE)
            break;
        decision_answer(d,
                        state == DECISION_WANTS_BODY ? SPAN("{\"a\":[1,2,3]}") : SPAN("10.0.0.1"));
    }
    allowed = decision_verdict(d)->allowed;
    EXPECT(allowed || decision_verdict(d)->status >= 400);
    decision_free(d);
    return allowed;
}

// Every step of starting and deciding runs out of memory once. Nothing may leak, crash or allow.
static void test_every_memory_limit(void)
{
    static const char text[] = "local moonward = require 'moonward'\n"
                               "return function(client, request)\n"
                               "  local found = moonward.resolve('a.b')\n"
                               "  local path = moonward.regex('/containers/.*')\n"
                               "  if request.json.a[3] ~= 3 or found[1] ~= '10.0.0.1' then\n"
                               "    return moonward.deny('wrong') end\n"
                               "  local much = {}\n"
                               "  for i = 1, 9000 do much[i] = { i } end\n"
                               "  if path:match(request.path) and client.port ~= 1 then\n"
                               "    return moonward.allow { rule = 'r' } end\n"
                               "end\n";
    struct host_limits limits = roomy;
    struct asked asked;
    int failed = 0, allowed = 0;
    size_t step = 64 << 10, least = 0;

    ask(&asked, "/containers/x/json?all=1");
    // From far to near: first where it begins to start, then every allocation above that.
    for (limits.memory = step; !least; limits.memory += step) {
        struct host *host = try_host(text, &limits);

        if (host)
            least = limits.memory - step;
        host_free(host);
        EXPECT(limits.memory < (8 << 20));
    }
    for (limits.memory = least; allowed < 50; limits.memory += 4096) {
        struct host *host = try_host(text, &limits);

        if (!host)
            continue;
        if (decide_with(host, &asked))
            allowed++;
        else
            failed++;
        host_free(host);
        EXPECT(limits.memory < (16 << 20));
    }
    EXPECT(failed > 0);
    target_clear(&asked.target);
}

int main(void)
{
    RUN(test_verdicts);
    RUN(test_questions_and_answers);
    RUN(test_many_at_once);
    RUN(test_questions_without_end);
    RUN(test_waiting_costs_no_time);
    RUN(test_memory_stays_bounded);
    RUN(test_every_memory_limit);
    return 0;
}
