// declared_options: the options that the tests of options parse into: those of the core, and a
// policy's of each sort.
#pragma once

#include "config/option.h"
#include "test.h"

#include <string.h>

#define MAX_ARGS 8

static const char *const weaker[] = { "GOPROXY_POST", "POST", NULL };
static const struct option_word levels[] = { { "debug", "DEBUG" },
                                             { "err", "ERROR" },
                                             { NULL, NULL } };

static const struct option_word verbosity[] = { { "true", "DEBUG" },
                                                { "false", "INFO" },
                                                { NULL, NULL } };

// A policy's options, one of each sort.
static const struct option extra[] = {
    { .name = "allowGET",
      .env = "SP_ALLOW_GET",
      .env_family = true,
      .kind = OPTION_LIST,
      .owner = "default",
      .help = "Paths that GET may ask for." },
    { .name = "allowPOST",
      .env = "SP_ALLOW_POST",
      .env_family = true,
      .kind = OPTION_LIST,
      .owner = "default" },
    { .name = "mode",
      .env = "A_MODE",
      .kind = OPTION_OCTAL,
      .initial = "0600",
      .max = 0777,
      .owner = "default" },
    { .name = "socket-file",
      .env = "SOCKET_FILE",
      .sets = "socketpath",
      .initial = "/s",
      .owner = "default" },
    { .name = "", .env = "CONTAINERS", .kind = OPTION_SWITCH, .initial = "0", .owner = "default" },
    { .name = "",
      .env = "GODOXY_POST",
      .env_also = weaker,
      .env_strict = true,
      .kind = OPTION_SWITCH,
      .initial = "0",
      .owner = "default" },
    { .name = "",
      .env = "ALLOW_RESTARTS",
      .env_empty = true,
      .env_strict = true,
      .initial = "1",
      .owner = "default" },
    { .name = "", .env = "CONTAINER_NAMES", .env_near = true, .owner = "default" },
    { .name = "verbose",
      .env = "VERBOSE",
      .words = verbosity,
      .sets = "loglevel",
      .owner = "default" },
    { .name = "",
      .env = "LOG_LEVEL",
      .words = levels,
      .sets = "loglevel",
      .initial = "err",
      .owner = "default" },
};

static struct options *declare(void)
{
    struct err err;
    struct options *o = options_new();

    EXPECT(o);
    for (size_t i = 0; i < core_option_count; i++)
        EXPECT(options_declare(o, &core_options[i], &err) == 0);
    for (size_t i = 0; i < ARRAY_LEN(extra); i++)
        EXPECT(options_declare(o, &extra[i], &err) == 0);
    return o;
}

// Arguments and environment as main() gets them; the texts stay where they are.
struct given {
    int argc;
    char *argv[MAX_ARGS], *environ[MAX_ARGS];
};

static struct given give(const char *const *argv, const char *const *environ)
{
    struct given given = { 0 };

    memcpy(given.argv, argv, sizeof(given.argv));
    memcpy(given.environ, environ, sizeof(given.environ));
    while (given.argv[given.argc])
        given.argc++;
    return given;
}

static const char *const nothing[MAX_ARGS];
