--- The globals of a spec in `moonward test`: Lua's own functions, but for those that reach outside the
--- sandbox or that no limit would hold for; and `require`, which knows the library and files of the spec's
--- folders.
local host_names = require "moonward.host.names"

local environment = {}

local base = {
  "error", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen", "rawset", "select", "tonumber",
  "tostring", "type", "xpcall",
}
local LONGEST_MOVE = 1 << 24

-- What busted's Lua has and this has not.
local missing = {
  collectgarbage = true, coroutine = true, debug = true, dofile = true, io = true, load = true,
  loadfile = true, mock = true, os = true, package = true, spy = true, stub = true, warn = true,
}

-- How a spec says that it is for busted alone, at the beginning of a line above its first statement.
environment.MARK = "-- needs busted: "

local advice = "; if only busted can run this spec, say so at its top: '" .. environment.MARK
  .. "it starts a process'"

local function copy(from, without)
  local result = {}
  for name, value in pairs(from) do
    if name ~= without then
      result[name] = value
    end
  end
  return result
end

local function no_finalizers(value, metatable)
  if type(metatable) == "table" and rawget(metatable, "__gc") ~= nil then
    error("setmetatable: nothing here has a __gc; use after_each, teardown or finally", 2)
  end
  return setmetatable(value, metatable)
end

local function metatable_of(value)
  return type(value) == "table" and getmetatable(value) or nil
end

-- Both loop in C, where nothing counts.
local function bounded_rep(text, times, separator)
  if text == "" and (separator == nil or separator == "") then
    return ""
  end
  return string.rep(text, times, separator)
end

local function bounded_move(from, first, last, ...)
  local are_numbers = math.type(first) == "integer" and math.type(last) == "integer"
  if are_numbers and (first < 0 or last - first > LONGEST_MOVE) then
    error("table.move: expected at most " .. LONGEST_MOVE .. " elements, from 0 on", 2)
  end
  return table.move(from, first, last, ...)
end

local is_public = { ["moonward.test"] = true, ["moonward.test_engine"] = true }
for _, name in ipairs(host_names.modules) do
  is_public[name] = true
end

local function load_file(path, text, name, env)
  local chunk, message = load(text, "@" .. path, "t", env)
  if not chunk then
    error(message, 0)
  end
  return chunk(name, path)
end

--- `require` of a spec. `given` has the modules that are made for it.
---@param read fun(path: string): string?
---@param folders string[] where its files may lie
---@param given table<string, any>
---@param env table
local function requirer(read, folders, given, env)
  local loaded, loading = {}, {}

  local function find(name)
    if is_public[name] then
      return require(name)
    elseif string.find(name, "^[%w_.-]+$") and not string.find("." .. name .. ".", "..", 1, true) then
      for _, folder in ipairs(folders) do
        local path = folder .. string.gsub(name, "%.", "/") .. ".lua"
        local text = read(path)
        if text then
          return load_file(path, text, name, env)
        end
      end
    end
    error("require: there is no module '" .. name .. "'; a spec can require moonward.*, lpeg and, from"
      .. " the working directory or its own folders, Lua files" .. advice, 3)
  end

  return function(name)
    if type(name) ~= "string" then
      error("require: expected the name of a module, got a " .. type(name), 2)
    elseif given[name] ~= nil then
      return given[name]
    elseif loaded[name] == nil then
      if loading[name] then
        error("require: '" .. name .. "' is being loaded; two files require each other", 2)
      end
      loading[name] = true
      local value = find(name)
      loading[name], loaded[name] = nil, value == nil and true or value
    end
    return loaded[name]
  end
end

--- The globals of one file of specs, which may add its own.
---@param read fun(path: string): string?
---@param folders string[] each ends in a slash, or is empty: the working directory
---@param given table<string, any> modules by name
---@param words table<string, any> describe, it and the like
---@return table
function environment.new(read, folders, given, words)
  local env = copy(words)
  for _, name in ipairs(base) do
    env[name] = _G[name]
  end
  env._G, env._VERSION = env, _G._VERSION
  env.setmetatable, env.getmetatable = no_finalizers, metatable_of
  env.math, env.utf8 = copy(math), copy(utf8)
  env.string, env.table = copy(string, "dump"), copy(table)
  env.string.rep, env.table.move = bounded_rep, bounded_move
  env.require = requirer(read, folders, given, env)
  return setmetatable(env, {
    __index = function(_, name)
      if missing[name] then
        error(name .. " is not in the sandbox of moonward test" .. advice, 2)
      end
      return nil
    end,
    __metatable = false,
  })
end

--- Why a file of specs is for busted alone; nil if it is not.
---@param text string
---@return string?
function environment.needs_busted(text)
  for line in string.gmatch(text, "([^\n]*)\n?") do
    if string.sub(line, 1, #environment.MARK) == environment.MARK then
      return string.sub(line, #environment.MARK + 1)
    elseif line ~= "" and string.sub(line, 1, 2) ~= "--" and string.sub(line, 1, 2) ~= "#!" then
      return nil
    end
  end
end

return environment
