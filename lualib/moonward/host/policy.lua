--- Finds, loads and checks a policy. What comes out is a table of our own:
---   name, folder, env, summary, declared (its options), source (what the file returned),
---   and from start() on: decide, options (their values), methods, pure.
local core = require "moonward.core"
local environment = require "moonward.host.environment"
local modules = require "moonward.host.modules"
local native = require "moonward.host.native"
local nearest = require "moonward.host.nearest"
local option = require "moonward.host.option"
local policy_alias = require "moonward.policy_alias"
local traces = require "moonward.host.traces"

local policy = {}

local keys = nearest.set { "decide", "methods", "options", "pure", "start", "summary" }
local NAME = "^[%w_][%w_.-]*$"

local function fail(...)
  error(string.format(...), 0)
end

local function bundled_names()
  local found = {}
  for _, file in ipairs(native.bundle_names()) do
    local name = string.match(file, "^policies/(.+)%.lua$")
    if name then
      found[name] = true
    end
  end
  return found
end

local function from_file(path)
  local text, message = native.read(path)
  local folder, name = string.match(path, "^(.*)/([^/]+)$")
  name = string.gsub(name or path, "%.lua$", "")
  if not text then
    fail("%s", message)
  elseif not string.find(name, NAME) then
    fail("%s: a policy's name has letters, digits, '_', '-' and '.'", path)
  end
  return { name = name, folder = folder == "" and "/" or folder or ".", text = text, path = path }
end

--- The operator's own folder comes first: a policy that a new version of moonward brings does not
--- take the place of one that has long been there.
local function by_name(name, directory)
  if not string.find(name, NAME) then
    fail("'%s' is not the name of a policy", name)
  end
  local path = directory and directory .. "/" .. name .. ".lua"
  if path and native.exists(path) then
    return from_file(path)
  end
  local file = "policies/" .. name .. ".lua"
  local text = native.bundled(file)
  if text then
    return { name = name, text = text, path = file }
  end
  local alias = policy_alias.find(name)
  fail("no such policy among those that ship with moonward%s%s",
    path and ", and no file " .. path or "; -policydir is for your own",
    alias and "; did you mean '" .. alias .. "'?" or nearest.hint(name, bundled_names()))
end

local function check(found)
  local kind = type(found)
  if kind == "function" then
    return { decide = found }
  elseif kind ~= "table" then
    fail("the file returned a %s, expected a function or a table with 'decide'", kind)
  end
  for key in pairs(found) do
    if not keys[key] then
      fail("unknown key '%s'%s", tostring(key), nearest.hint(key, keys))
    end
  end
  if found.summary ~= nil and type(found.summary) ~= "string" then
    fail("summary is a %s, expected a text", type(found.summary))
  elseif found.pure ~= nil and type(found.pure) ~= "boolean" then
    fail("pure is a %s, expected true: verdicts follow from method, path, query, listener and the client's"
      .. " address alone", type(found.pure))
  end
  return found
end

local function check_options(entries)
  local declared = {}
  if entries ~= nil and type(entries) ~= "table" then
    fail("options is a %s, expected a list of tables", type(entries))
  end
  for i, entry in ipairs(entries or {}) do
    declared[i] = option.check(entry, i)
  end
  for key in pairs(entries or {}) do
    if math.type(key) ~= "integer" or key < 1 or key > #declared then
      fail("options is a list; it has the key '%s'", tostring(key))
    end
  end
  return declared
end

--- Loads a policy; errors name file and line.
---@param name string a name or a path
---@param directory? string
---@return table
function policy.load(name, directory)
  local is_path = string.find(name, "/", 1, true) or string.find(name, "%.lua$")
  local found = is_path and from_file(name) or by_name(name, directory)
  found.env = environment.new(modules.requirer(found))
  local chunk, message = load(found.text, "@" .. found.path, "t", found.env)
  if not chunk then
    fail("%s", string.find(message, found.path, 1, true) and message
      or found.path .. ": " .. message)
  end
  found.text = nil
  traces.loading(found.path)
  found.source = check(chunk())
  found.summary = found.source.summary
  found.declared = check_options(found.source.options)
  return found
end

local COMPLAINT = "options are read-only"

-- Read-only, all the way down.
local function frozen(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for name, inner in pairs(value) do
    copy[name] = frozen(inner)
  end
  return core.frozen(copy, COMPLAINT)
end

--- Values that were declared, and nothing else: another name is a mistake.
local function freeze(values)
  local copy = {}
  for name, value in pairs(values) do
    copy[name] = frozen(value)
  end
  return core.frozen(copy, COMPLAINT, function(_, name)
    error(string.format("unknown option '%s'%s", tostring(name), nearest.hint(name, values)), 2)
  end)
end

local function check_methods(methods)
  if methods == nil then
    return {}
  elseif type(methods) ~= "table" then
    fail("methods is a %s, expected a list such as { \"CONNECT\" }", type(methods))
  end
  for _, name in ipairs(methods) do
    if type(name) ~= "string" then
      fail("methods holds a %s, expected names of methods", type(name))
    end
  end
  return methods
end

--- Policies open no files: of an option that names one they get its text, read anew at each reload.
local function read_files(declared, values)
  for _, entry in ipairs(declared) do
    local name = entry.name ~= "" and entry.name or entry.env
    local path = entry.kind == "file" and values[name]
    if path then
      local text, message = "", nil
      if path ~= "" then
        text, message = native.read(path)
      end
      if not text then
        fail("%s%s: %s", entry.name ~= "" and "-" or "", name, message)
      end
      values[name] = { path = path, text = text }
    end
  end
end

--- Gives a policy its options' values and lets it prepare.
---@param loaded table
---@param values table<string, any>
function policy.start(loaded, values)
  local source = loaded.source
  read_files(loaded.declared, values)
  loaded.options = freeze(values)
  if source.start ~= nil then
    if type(source.start) ~= "function" then
      fail("start is a %s, expected a function", type(source.start))
    end
    source.start(loaded.options)
  end
  check(source) -- start may have changed it
  if type(source.decide) ~= "function" then
    fail("decide is a %s, expected a function of client, request and options", type(source.decide))
  end
  loaded.decide = source.decide
  loaded.methods, loaded.pure = check_methods(source.methods), source.pure == true
end

return policy
