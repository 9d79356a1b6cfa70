// Finds the command and runs it. What each does is in command/; start reading at command/serve.c.
#include "base/span.h"
#include "command/commands.h"
#include "config/nearest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(const struct launch *launch);
} commands[] = {
    { "serve", serve_run },
    { "check", check_run },
    { "explain", explain_run },
    { "compare", compare_run },
    { "healthcheck", healthcheck_run },
    { "help", help_run },
    { "new", new_run },
    { "policies", policies_run },
    { "test", test_run },
    { "version", version_run },
};

static int unknown(const char *name)
{
    struct nearest nearest;

    nearest_init(&nearest, span_of(name));
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        nearest_offer(&nearest, commands[i].name);
    if (nearest.best)
        fprintf(stderr, "moonward: unknown command \"%.100s\"; did you mean %s?\n", name,
                nearest.best);
    else
        fprintf(stderr,
                "moonward: unknown command \"%.100s\"; expected serve, check, explain, "
                "compare, test, policies, new, healthcheck, help or version\n",
                name);
    return 2;
}

// The image of the program that most users come from has a second program of this name, which their
// compose files call.
static bool is_called(const char *argv0, const char *name)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

    return argv0 && strcmp(slash ? slash + 1 : argv0, name) == 0;
}

// Many look for it behind dashes first.
static bool asks_version(const char *word)
{
    return strcmp(word, "-version") == 0 || strcmp(word, "--version") == 0;
}

int main(int argc, char **argv)
{
    struct launch launch = { argc > 1 ? argc - 1 : 0, argv + (argc > 0), environ };

    if (argc > 0 && is_called(argv[0], "healthcheck"))
        return healthcheck_run(&launch);
    if (launch.argc == 0 || (launch.argv[0][0] == '-' && !asks_version(launch.argv[0])))
        return serve_run(&launch);

    const char *name = asks_version(launch.argv[0]) ? "version" : launch.argv[0];

    launch.argc--;
    launch.argv++;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(&launch);
    }
    return unknown(name);
}
