#include "lua/purity.h"

#include "lua/place.h"

#include <lua.h>
#include <stdio.h>

static const char ledger_key; // of the registry; none where no host is, as in a spec's own Lua

void purity_clear(struct purity *purity)
{
    purity->broken = false;
    purity->what[0] = purity->where[0] = '\0';
}

void purity_keep(lua_State *L, struct purity_ledger *ledger)
{
    lua_pushlightuserdata(L, ledger);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &ledger_key);
}

void purity_break(lua_State *L, const char *of, const char *what)
{
    const struct purity_ledger *ledger;
    struct purity *purity;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &ledger_key);
    ledger = lua_touserdata(L, -1);
    lua_pop(L, 1);
    purity = ledger ? ledger->now : NULL;
    if (!purity)
        return;
    purity->broken = true;
    if (ledger->serves || !ledger->is_promised || purity->what[0] != '\0')
        return;
    (void)snprintf(purity->what, sizeof(purity->what), "%s%s%s", of, of[0] ? "." : "", what);
    place_of_policy(L, purity->where, sizeof(purity->where));
}
