--- The globals of one policy. Each policy has its own tables, so that one cannot change what
--- another sees; and it is told of a name that does not exist, so that a typo denies loudly.
local core = require "moonward.core"
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
    error(string.format("unknown name '%s'%s", tostring(name), nearest.hint(name, env)), 2)
  end
end

---@param require_function fun(name: string): any
---@return table
function environment.new(require_function)
  local env = pick(_G, names.base)
  for library, list in pairs(names.libraries) do
    env[library] = pick(_G[library], list)
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
  getmetatable("").__index = pick(string, names.libraries.string)
  getmetatable(lpeg.P(1)).__index = pick(lpeg, names.lpeg)
end

return environment
