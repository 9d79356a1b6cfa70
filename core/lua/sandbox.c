#include "lua/sandbox.h"

#include "base/check.h"
#include "base/clock.h"
#include "lua/hang.h"
#include "lua/place.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>

#define HOOK_INTERVAL 1000    // instructions between two looks at the budget
#define COUNTS_LATE   2000000 // a limit that is no less is not used up before the first tick

struct sandbox {
    lua_State *L;
    size_t limit;
    size_t used;           // bytes held by the state, and by C++ for its objects
    bool refused;          // the last request for memory was
    struct budget *budget; // of the run that is going on; NULL: none
    lua_State *running;    // what that run runs in
    struct hang *hang;
};

static bool has_room(const struct sandbox *sb, size_t bytes)
{
    return sb->used <= sb->limit && bytes <= sb->limit - sb->used;
}

static void on_count(lua_State *L, lua_Debug *ar);

// Lua answers the first refusal with a full collection and asks again, so the second one in a row
// is final. lua_sethook() may be called at any time; the standalone interpreter does it in a signal
// handler.
static void refuse(struct sandbox *sb)
{
    if (sb->refused && sb->budget && sb->budget->hit == BUDGET_LEFT) {
        sb->budget->hit = BUDGET_MEMORY;
        lua_sethook(sb->running, on_count, LUA_MASKCOUNT, 1);
    }
    sb->refused = true;
}

// ptr is NULL for a new block, and osize is then a kind of object, not a size.
static void *limited_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
    struct sandbox *sb = ud;
    size_t old = ptr ? osize : 0;

    if (nsize == 0) {
        free(ptr);
        sb->used -= old;
        return NULL;
    }

    bool fits = nsize <= old || has_room(sb, nsize - old);
    void *block = fits ? realloc(ptr, nsize) : NULL;

    if (!block && nsize > old) {
        refuse(sb);
        return NULL;
    }
    sb->refused = false;
    sb->used += nsize - old;    // unsigned arithmetic: also right when the block shrinks
    return block ? block : ptr; // Lua relies on it that shrinking works
}

struct sandbox *sandbox_of(lua_State *L)
{
    return *(struct sandbox **)lua_getextraspace(L);
}

static const char *const limits[] = {
    [BUDGET_INSTRUCTIONS] = "instruction limit reached (-policyinstructions)",
    [BUDGET_TIME] = "time limit reached (-policytime)",
    [BUDGET_MEMORY] = "not enough memory (-policymemory)",
};

// The clock starts at the first look: to ask for it costs a system call, and few runs are looked
// at.
static bool burst_is_over(struct budget *budget)
{
    uint64_t now = clock_cpu_us();

    if (budget->burst_end == 0)
        budget->burst_end = now + budget->burst_us;
    return now >= budget->burst_end;
}

// The error has to come back at once if the policy catches it with pcall and goes on.
static void on_count(lua_State *L, lua_Debug *ar)
{
    struct budget *budget = sandbox_of(L)->budget;

    (void)ar;
    CHECK(budget);
    if (budget->hit == BUDGET_LEFT) {
        if (budget->instructions <= HOOK_INTERVAL)
            budget->hit = BUDGET_INSTRUCTIONS;
        else if (burst_is_over(budget))
            budget->hit = BUDGET_TIME;
        else
            budget->instructions -= HOOK_INTERVAL;
    }
    if (budget->hit == BUDGET_LEFT)
        return;
    if (budget->where[0] == '\0')
        place_of_policy(L, budget->where, sizeof(budget->where));
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
    lua_pushstring(L, limits[budget->hit]);
    lua_error(L);
}

static int hook_interval(const struct budget *budget)
{
    uint64_t left = budget->instructions;

    return left < HOOK_INTERVAL ? (int)(left ? left : 1) : HOOK_INTERVAL;
}

// Inside a signal handler, where lua_sethook() is allowed. The first tick that comes upon a run
// makes it count; later ones leave its hook as it is.
static void count_from_here(lua_State *L)
{
    if (lua_gethookmask(L) == 0)
        lua_sethook(L, on_count, LUA_MASKCOUNT, HOOK_INTERVAL);
}

// A hook makes every instruction dearer, whatever its interval, and nearly all runs end long before
// the first tick. So only who has no ticks, or little to spend, counts from the start. To be called
// before the run begins: 'L' may have the hook of an earlier one.
static void begin_counting(const struct sandbox *sb, lua_State *L, const struct budget *budget)
{
    if (sb->hang && budget->instructions >= COUNTS_LATE)
        lua_sethook(L, NULL, 0, 0);
    else
        lua_sethook(L, on_count, LUA_MASKCOUNT, hook_interval(budget));
}

static void begin_burst(struct sandbox *sb, lua_State *L, struct budget *budget)
{
    CHECK(!sb->budget); // runs do not nest
    sb->budget = budget;
    sb->running = L;
    budget->burst_end = 0;
    if (sb->hang)
        hang_enter(sb->hang, L, count_from_here);
}

static void end_burst(struct sandbox *sb)
{
    if (sb->hang)
        hang_leave(sb->hang);
    sb->budget = NULL;
}

struct sandbox *sandbox_new(size_t memory, struct err *err)
{
    struct sandbox *sb = calloc(1, sizeof(*sb));

    if (!sb) {
        err_set(err, "lua: out of memory");
        return NULL;
    }
    sb->limit = memory;
    sb->L = lua_newstate(limited_alloc, sb);
    if (!sb->L) {
        err_set(err, "lua: a memory limit of %zu bytes is too low to start", memory);
        free(sb);
        return NULL;
    }
    *(struct sandbox **)lua_getextraspace(sb->L) = sb; // coroutines inherit it
    return sb;
}

void sandbox_free(struct sandbox *sb)
{
    if (!sb)
        return;
    lua_close(sb->L);
    free(sb);
}

lua_State *sandbox_state(struct sandbox *sb)
{
    return sb->L;
}

size_t sandbox_used(const struct sandbox *sb)
{
    return sb->used;
}

size_t sandbox_limit(const struct sandbox *sb)
{
    return sb->limit;
}

void sandbox_watch(struct sandbox *sb, struct hang *hang)
{
    sb->hang = hang;
}

void sandbox_running(struct sandbox *sb, const char *policy)
{
    if (sb->hang)
        hang_policy(sb->hang, policy);
}

size_t sandbox_charge(lua_State *L, size_t bytes)
{
    struct sandbox *sb;

    if (lua_getallocf(L, NULL) != limited_alloc)
        return 0;
    sb = sandbox_of(L);
    if (!has_room(sb, bytes))
        lua_gc(L, LUA_GCCOLLECT); // objects that nobody uses any more may hold it
    if (!has_room(sb, bytes)) {
        refuse(sb);
        refuse(sb);
        luaL_error(L, "not enough memory");
    }
    sb->used += bytes;
    return bytes;
}

void sandbox_refund(lua_State *L, size_t bytes)
{
    sandbox_of(L)->used -= bytes;
}

void sandbox_collect(struct sandbox *sb)
{
    lua_gc(sb->L, LUA_GCCOLLECT);
}

const char *sandbox_error(lua_State *L)
{
    if (lua_type(L, -1) == LUA_TSTRING)
        return lua_tostring(L, -1);
    return lua_isnil(L, -1) ? "(the error is nil)" : "(the error is not a text)";
}

static int take_error(lua_State *L, struct err *err)
{
    err_set(err, "%s", sandbox_error(L));
    lua_pop(L, 1);
    return -1;
}

int sandbox_protect(struct sandbox *sb, lua_CFunction fn, void *arg, struct err *err)
{
    lua_pushcfunction(sb->L, fn);
    lua_pushlightuserdata(sb->L, arg);
    if (lua_pcall(sb->L, 1, 0, 0) != LUA_OK)
        return take_error(sb->L, err);
    return 0;
}

int sandbox_call(struct sandbox *sb, lua_CFunction fn, void *arg, struct budget *budget,
                 struct err *err)
{
    lua_pushcfunction(sb->L, fn);
    lua_pushlightuserdata(sb->L, arg);
    begin_counting(sb, sb->L, budget);
    begin_burst(sb, sb->L, budget);

    int status = lua_pcall(sb->L, 1, 0, 0);

    end_burst(sb);
    lua_sethook(sb->L, NULL, 0, 0);
    if (budget->hit == BUDGET_MEMORY)
        sandbox_collect(sb);
    if (status != LUA_OK)
        take_error(sb->L, err);
    if (budget->hit != BUDGET_LEFT) // whatever the error was, or if it was swallowed
        return err_set(err, "%s%s%s%s", limits[budget->hit], budget->where[0] ? " (" : "",
                       budget->where, budget->where[0] ? ")" : "");
    return status == LUA_OK ? 0 : -1;
}

int sandbox_resume(struct sandbox *sb, lua_State *co, int nargs, bool first, struct budget *budget)
{
    int nres;

    if (first)
        begin_counting(sb, co, budget);
    begin_burst(sb, co, budget);

    int status = lua_resume(co, sb->L, nargs, &nres);

    end_burst(sb);
    return status;
}
