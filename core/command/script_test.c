#include "command/script_parts.h"
#include "command/test_files.h"
#include "lua/hang.h"
#include "lua/host.h"
#include "native/spec.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_NS 300000000L

// What a file of specs may spend, of what a policy may: it tries many requests.
#define SPEC_MEMORY       4
#define SPEC_INSTRUCTIONS 100
#define SPEC_TIME         10

// Pushes what was gathered, or nil and the message.
static int give(lua_State *L, int status, const struct err *err)
{
    const struct buffer *text = &script_state(L)->text;

    if (status != 0)
        return script_fail(L, err->text, 1);
    if (text->failed)
        return script_fail(L, "there is more to be said than fits", 1);
    lua_pushlstring(L, text->len > 0 ? text->data : "", text->len);
    return 1;
}

static int find_specs(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct err err = { "" };

    buffer_reset(&script_state(L)->text);
    return give(L, test_files_find(path, &script_state(L)->text, &err), &err);
}

static int stamp(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct err err = { "" };

    buffer_reset(&script_state(L)->text);
    return give(L, test_files_stamp(path, &script_state(L)->text, &err), &err);
}

// --- a spec that hangs ---------------------------------------------------------------------------

// It runs in a signal handler.
static void tell(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; // nobody reads it
}

static void report_hang(void *arg, const char *path, const char *where)
{
    (void)arg;
    tell("moonward: ");
    tell(path);
    tell(" hangs");
    tell(where[0] != '\0' ? " at " : "");
    tell(where);
    tell(": it stays in one call of a C function, and no spec can be stopped in there otherwise; "
         "what stands behind it was not run\n");
}

// Made once: a timer is dear.
static struct hang *watch(struct script_state *state, const struct options *o, struct err *err)
{
    static const struct hang_hooks hooks = { .report = report_hang, .status = 1 };
    uint64_t deadline = options_number(o, "policytime") * SPEC_TIME;

    if (!state->spec_hang)
        state->spec_hang =
            hang_new((unsigned)(deadline + options_number(o, "policyhang")), &hooks, err);
    return state->spec_hang;
}

// --- a file of specs -----------------------------------------------------------------------------

static struct host_limits limits_of(const struct options *o)
{
    return (struct host_limits){
        .memory = options_number(o, "policymemory"),
        .instructions = options_number(o, "policyinstructions"),
        .burst_us = options_number(o, "policytime") * 1000,
    };
}

// What was said before stays said, should the file end the process.
static int run_spec(lua_State *L)
{
    struct script_state *state = script_state(L);
    const struct options *o = script_side(L, 1)->setup->options;
    const char *folder = options_text(o, "policydir");
    struct err err = { "" };
    struct spec spec = {
        .path = luaL_checkstring(L, 2),
        .limits = limits_of(o),
        .hosts = limits_of(o),
        .policydir = folder[0] != '\0' ? folder : NULL,
        .traces = lua_toboolean(L, 3),
        .hang = watch(state, o, &err),
    };

    if (!spec.hang)
        return script_fail(L, err.text, 1);
    spec.limits.memory *= SPEC_MEMORY;
    spec.limits.instructions *= SPEC_INSTRUCTIONS;
    spec.limits.burst_us *= SPEC_TIME;
    (void)fflush(stdout);
    buffer_reset(&state->text);
    return give(L, spec_run(&spec, &state->text, &err), &err);
}

static int pause_a_bit(lua_State *L)
{
    const struct timespec moment = { .tv_nsec = PAUSE_NS };

    (void)L;
    (void)fflush(stdout);
    (void)nanosleep(&moment, NULL);
    return 0;
}

const luaL_Reg script_test_tools[] = {
    { "find_specs", find_specs }, { "pause", pause_a_bit }, { "run_spec", run_spec },
    { "stamp", stamp },           { NULL, NULL },
};
