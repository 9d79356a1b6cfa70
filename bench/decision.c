// What one decision costs: prints nanoseconds per decision for a policy that asks about operations
// and matches a regex, from a canonical request to a verdict.
#include "base/attr.h"
#include "base/clock.h"
#include "config/option.h"
#include "http/target.h"
#include "lua/decision.h"
#include "lua/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARM_UP   20000
#define DECISIONS 200000
#define ROUNDS    5

static const char policy[] =
    "local moonward = require 'moonward'\n"
    "local shown = moonward.regex '/containers/[a-zA-Z0-9_.-]+/(json|logs|stats|top)'\n"
    "return function(client, request)\n"
    "  if request:is('system.ping', 'system.version', 'container.list') then\n"
    "    return moonward.allow()\n"
    "  elseif shown:match(request.path) then\n"
    "    return moonward.allow()\n"
    "  end\n"
    "  return moonward.deny('only lists and inspects')\n"
    "end\n";

static void fail(const char *text)
{
    fprintf(stderr, "%s\n", text);
    exit(1);
}

static struct host *load(struct options *options, const struct log *log)
{
    static const struct host_limits limits = { 32 << 20, 10000000, 1000000 };
    char path[] = "/tmp/moonward_bench_XXXXXX.lua";
    int fd = mkstemps(path, 4);
    struct err err;
    struct host *host = host_new(&limits, NULL, log, &err);

    if (fd < 0 || write(fd, policy, strlen(policy)) != (ssize_t)strlen(policy))
        fail("cannot write the policy");
    close(fd);
    if (!host || host_load(host, path, NULL, &err) != 0 || host_start(host, options, &err) != 0)
        fail(err.text);
    unlink(path);
    return host;
}

static void decide(struct host *host, const struct request_view *request,
                   const struct client_view *client)
{
    struct decision *d = decision_new(host, request, client);

    if (!d || decision_run(d) != DECISION_DONE || !decision_verdict(d)->allowed)
        fail("expected an allowance");
    decision_free(d);
}

static double measure(struct host *host, const char *raw)
{
    static const struct target_rules rules = { { 1, 24 }, 100 };
    struct target target;
    struct head_error error;
    struct request_view request = { .method = METHOD_GET, .target = &target };
    struct client_view client = { .address = SPAN("10.0.0.7"), .listener = SPAN("tcp") };
    double best = 0;

    if (target_read(&target, span_of(raw), &rules, &error) != HEAD_OK)
        fail(error.text);
    for (int i = 0; i < WARM_UP; i++)
        decide(host, &request, &client);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_now_us();

        for (int i = 0; i < DECISIONS; i++)
            decide(host, &request, &client);

        double ns = (double)(clock_now_us() - start) * 1000 / DECISIONS;

        if (round == 0 || ns < best)
            best = ns;
    }
    target_clear(&target);
    return best;
}

int main(void)
{
    static const char *const targets[] = {
        "/v1.41/containers/json?all=1",
        "/v1.41/containers/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/json",
    };
    struct log log = { .fd = STDERR_FILENO, .least = LOG_ERROR };
    struct options *options = options_new();
    struct host *host = options ? load(options, &log) : NULL;

    if (!host)
        fail("not enough memory");
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        printf("%6.0f ns  %s\n", measure(host, targets[i]), targets[i]);
    printf("%6zu KiB of Lua\n", host_memory(host) / 1024);
    host_free(host);
    options_free(options);
    return 0;
}
