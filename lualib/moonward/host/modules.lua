--- `require` as a policy has it: the public modules, lpeg, and Lua files beside the policy.
local environment = require "moonward.host.environment"
local instead = require "moonward.host.instead"
local names = require "moonward.host.names"
local native = require "moonward.host.native"
local nearest = require "moonward.host.nearest"

local modules = {}

local public = nearest.set(names.modules)

--- Each policy gets tables of its own. One with a metatable looks after itself and is kept.
local function copy(value)
  if type(value) ~= "table" or getmetatable(value) ~= nil then
    return value
  end
  local result = {}
  for key, inner in pairs(value) do
    result[key] = copy(inner)
  end
  return result
end

--- What a policy sees of a module, where that is not simply a copy.
local views = {}

views["lpeg"] = function(lpeg)
  local view = {}
  for _, name in ipairs(names.lpeg) do
    view[name] = lpeg[name]
  end
  return view
end

views["moonward.operations"] = function(operations)
  local view = copy(operations)
  function view.find(method, path)
    local entry, id = operations.find(method, path)
    return copy(entry), id
  end
  return view
end

local function list_of(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function refuse(name, folder)
  local other = instead.of_module(name)
  error(string.format("a policy has no module '%s'%s; it can require %s%s", name,
    other and "; use " .. other or nearest.hint(name, public), list_of(public),
    folder and ", and at the top of the file what lies beside it" or ""), 0)
end

local function load_file(policy, name)
  local path = policy.folder .. "/" .. name .. ".lua"
  local text, message = native.read(path)
  if not text then
    error(string.format("require '%s': %s%s", name, message, nearest.hint(name, public)), 0)
  end
  local chunk, wrong = load(text, "@" .. path, "t", policy.env)
  if not chunk then
    error(string.format("require '%s': %s", name, wrong), 0)
  end
  return chunk(name)
end

local function load_module(policy, name)
  if public[name] then
    local value = require(name)
    local view = (views[name] or copy)(value)
    return getmetatable(view) == nil and environment.complaining(view, name) or view
  end
  if not policy.folder or native.state() == "deciding" or not string.find(name, "^[%w_-]+$") then
    refuse(name, policy.folder)
  end
  return load_file(policy, name)
end

--- The `require` of one policy. `policy` has `folder` (nil: it ships inside the program) and, from
--- the first call on, `env`.
---@param policy table
---@return fun(name: string): any
function modules.requirer(policy)
  local loaded, loading = {}, {}
  return function(name)
    if type(name) ~= "string" then
      error("require: expected the name of a module, got " .. type(name), 2)
    end
    if loaded[name] == nil then
      if loading[name] then
        error(string.format("require '%s': it is being loaded; two files require each other",
          name), 0)
      end
      loading[name] = true
      local ok, value = pcall(load_module, policy, name)
      loading[name] = nil
      if not ok then
        error(value, 0)
      end
      loaded[name] = value == nil and true or value
    end
    return loaded[name]
  end
end

return modules
