--- The globals of one policy. Each policy has its own tables, so that one cannot change what
--- another sees; and it is told of a name that does not exist, so that a typo denies loudly.
local core = require "moonward.core"
local instead = require "moonward.host.instead"
local names = require "moonward.host.names"
local nearest = require "moonward.host.nearest"

local environment = {}

local function pick(from, list)
  local copy = {}
  for _, name in ipairs(list) do
    copy[name] = assert(from[name], name)
  end
  return copy
end

local function refuse_global(_, name)
  error(string.format("'%s' is not a local variable; policies have no globals, write: local %s",
    tostring(name), tostring(name)), 2)
end

local function complain(env)
  return function(_, name)
    error(instead.of_global(name)
      or string.format("unknown name '%s'%s", tostring(name), nearest.hint(name, env)), 2)
  end
end

--- Makes a table of functions say what it has not.
---@generic T: table
---@param library T
---@param name string what policies call it
---@return T library
function environment.complaining(library, name)
  local known = {}
  for key in pairs(library) do
    known[key] = true
  end
  return setmetatable(library, {
    __index = function(_, key)
      error(instead.of_library(name, key)
        or string.format("%s has no '%s'%s", name, tostring(key), nearest.hint(key, known)), 2)
    end,
    __metatable = false,
  })
end

-- The methods of a type: what Lua has besides says what to use, and any other field is nil, as ever.
local function methods(library, list, name)
  return setmetatable(pick(library, list), {
    __index = function(_, key)
      local why = instead.of_library(name, key)
      if why then
        error(why, 2)
      end
    end,
  })
end

---@param require_function fun(name: string): any
---@return table
function environment.new(require_function)
  local env = pick(_G, names.base)
  for library, list in pairs(names.libraries) do
    env[library] = environment.complaining(pick(_G[library], list), library)
  end
  env.require = require_function
  env.next = core.json.next -- which knows what is read-only
  local known = pick(env, { "require" })
  for name in pairs(env) do
    known[name] = true
  end
  return setmetatable(env, {
    __index = complain(known),
    __newindex = refuse_global,
    __metatable = false,
  })
end

--- Methods of strings and of LPeg patterns come from metatables, not from the globals: cuts them as
--- well. Our own Lua therefore writes string.find(s, ...) and never s:find(...).
function environment.close_metatables()
  local lpeg = require "lpeg"
  getmetatable("").__index = methods(string, names.libraries.string, "string")
  getmetatable(lpeg.P(1)).__index = methods(lpeg, names.lpeg, "lpeg")
end

return environment
