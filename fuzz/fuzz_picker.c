// The picker of members: what it makes of a text is what the whole decode has there, and where the
// whole decode finds nothing wrong and no odd way of writing, the picker has an answer. What it
// skips has to be JSON, and no more: there it knows less than the decode, which also knows what a
// half of a surrogate is and how large a number can be.
#include "base/check.h"
#include "base/utf8.h"
#include "lua/json_library.h"
#include "lua/sandbox.h"
#include "reader.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What these files do in a state without a sandbox.
size_t sandbox_charge(lua_State *L, size_t bytes)
{
    (void)L;
    (void)bytes;
    return 0;
}

void sandbox_refund(lua_State *L, size_t bytes)
{
    (void)L;
    (void)bytes;
}

void place_of_function(lua_State *L, int index, char *out, size_t size);

void place_of_function(lua_State *L, int index, char *out, size_t size)
{
    (void)L;
    (void)index;
    if (size > 0)
        out[0] = 0;
}

static const char oracle[] =
    "local json = ...\n"
    "json.rules({}, {})\n"
    "local paths = { { 'a' }, { 'b', 'c' }, { 'b', 'd', 'e' }, { 'a', 'b' }, { 'Config', 'Labels' "
    "} }\n"
    "local pick = json.picker(paths)\n"
    "local same\n"
    "local function same_members(value, picked)\n"
    "  local count = 0\n"
    "  for key, member in json.next, value do\n"
    "    count = count + 1\n"
    "    same(member, picked[key])\n"
    "  end\n"
    "  for _ in pairs(picked) do count = count - 1 end\n"
    "  assert(count == 0, 'not as many members')\n"
    "end\n"
    "function same(value, picked)\n"
    "  local kind = value ~= json.null and json.kind(value)\n"
    "  if not kind then\n"
    "    assert(math.type(value) == math.type(picked) and value == picked, 'another value')\n"
    "  else\n"
    "    assert(type(picked) == 'table' and getmetatable(picked) == nil, 'no plain table')\n"
    "    same_members(value, picked)\n"
    "  end\n"
    "end\n"
    "local function leads(value, picked, set, level)\n"
    "  local count = 0\n"
    "  for key, member in json.next, value do\n"
    "    local on, ends = {}, false\n"
    "    for _, path in ipairs(set) do\n"
    "      if path[level] == key then\n"
    "        on[#on + 1] = path\n"
    "        ends = ends or #path == level\n"
    "      end\n"
    "    end\n"
    "    if #on > 0 then\n"
    "      count = count + 1\n"
    "      local kind = member ~= json.null and json.kind(member)\n"
    "      if ends or kind == 'array' or not kind then\n"
    "        same(member, picked[key])\n"
    "      else\n"
    "        assert(type(picked[key]) == 'table', 'no object on the way')\n"
    "        leads(member, picked[key], on, level + 1)\n"
    "      end\n"
    "    end\n"
    "  end\n"
    "  for _ in pairs(picked) do count = count - 1 end\n"
    "  assert(count == 0, 'something else was picked')\n"
    "end\n"
    // "picked" where only the picker has an answer.
    "return function(text)\n"
    "  local picked = pick(text)\n"
    "  local value = json.read(text, 'exact', 'it')\n"
    "  local kind = value ~= nil and value ~= json.null and json.kind(value)\n"
    "  if picked == nil then\n"
    "    assert(not kind or kind == 'array' or text:find('[%s\\\\]'), 'nothing was picked')\n"
    "  elseif value == nil then\n"
    "    return 'picked'\n"
    "  else\n"
    "    assert(kind and kind ~= 'array', 'picked from no object')\n"
    "    leads(value, picked, paths, 1)\n"
    "  end\n"
    "end\n";

static lua_State *state(void)
{
    static lua_State *L;

    if (L)
        return L;
    L = luaL_newstate();
    CHECK(L);
    luaL_openlibs(L);
    lua_newtable(L);
    json_library_open(L);
    CHECK(luaL_loadstring(L, oracle) == LUA_OK);
    lua_getfield(L, -2, "json");
    lua_call(L, 1, 1);
    return L;
}

// What is skipped is JSON.
static bool is_json(const char *at, size_t len)
{
    const char *end = at + len;
    const char *p = reader_value(reader_space(at, end), end, 64);

    return p && reader_space(p, end) == end && utf8_right((struct span){ at, len }) == len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lua_State *L = state();
    const char *text = size > 0 ? (const char *)data : "";

    lua_pushvalue(L, -1);
    lua_pushlstring(L, text, size);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
    CHECK(lua_isnil(L, -1) || is_json(text, size));
    lua_pop(L, 1);
    return 0;
}
