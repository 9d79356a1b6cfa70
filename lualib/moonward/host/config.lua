--- The file of -config: one table for a whole host. It is data: the file has no names but those it makes
--- itself, and what it returns is checked and brought into the form of a command line, so that the same
--- code reads a value wherever it was written.
local addresses = require "moonward.addresses"
local config_lines = require "moonward.host.config_lines"
local native = require "moonward.host.native"
local nearest = require "moonward.host.nearest"

local config = {}

---@class moonward.host.Configured
---@field core string[][] what it says of the core: { name, value, where }; of a list one entry each
---@field listeners moonward.host.ConfiguredListener[] by name

---@class moonward.host.ConfiguredListener
---@field name string
---@field where string "FILE:LINE: listeners.NAME"
---@field urls string[]
---@field from moonward.Addresses? who may connect; nil: whoever reaches it
---@field policies moonward.host.ConfiguredPolicy[]

---@class moonward.host.ConfiguredPolicy
---@field name string a name or a path
---@field options table<string, any>
---@field where string

local listener_keys = nearest.set { "from", "listen", "policy" }

-- What a listener says; at the top of the file it would be said of nobody.
local of_listeners = {
  listen = "listen", listenip = "listen", policy = "policy", proxyport = "listen",
  proxysocketendpoint = "listen", proxysocketendpointfilemode = "listen",
}

-- What nothing in the file may say, and why.
local not_here = {
  config = "a file cannot name another one",
  selectable = "a container chooses among policies only where flags or variables say which",
}

local MOST_LISTENERS = 16 -- SETTINGS_LISTENERS

-- The file that is read: its path and its lines.
local File = {}
File.__index = File

function File:line(path)
  return string.format("%s:%d", self.path, config_lines.line(self.lines, path))
end

function File:where(path)
  return self:line(path) .. ": " .. path
end

function File:fail(path, message, ...)
  error(self:where(path) .. (path ~= "" and ": " or "") .. string.format(message, ...), 0)
end

local function child(path, key)
  if math.type(key) == "integer" then
    return string.format("%s[%d]", path, key)
  end
  return path == "" and tostring(key) or path .. "." .. tostring(key)
end

local function article(value)
  return value == nil and "nothing" or type(value) == "string" and "a text" or "a " .. type(value)
end

--- The texts that one value stands for on a command line; a list is several.
local function texts_of(file, path, value)
  if type(value) == "string" or type(value) == "boolean" or math.type(value) == "integer" then
    local text = tostring(value)
    if string.find(text, "%c") then
      file:fail(path, "a value has no line ends and no other control characters")
    end
    return { text }
  elseif type(value) ~= "table" then
    file:fail(path, "expected a text, a whole number, true, false or a list of texts, got %s", article(value))
  end
  local texts = {}
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      file:fail(child(path, key), "a list has no keys; it is written { \"one\", \"another\" }")
    end
  end
  for i, one in ipairs(value) do
    if type(one) ~= "string" and math.type(one) ~= "integer" then
      file:fail(child(path, i), "expected a text, got %s", article(one))
    end
    texts[i] = texts_of(file, child(path, i), one)[1]
  end
  return texts
end

-- Keys in the order of the alphabet, so that the same file always gives the same.
local function sorted_keys(file, path, from)
  local keys = {}
  for key in pairs(from) do
    if type(key) ~= "string" then
      file:fail(child(path, key), "expected a name and =, got an entry without a name")
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

-- One value after the other, each with its name and where it stands.
local function add_values(values, name, texts, where)
  for _, text in ipairs(texts) do
    values[#values + 1] = { name, text, where }
  end
end

local function read_core(file, top, kinds)
  local values = {}
  local known = { listeners = true }
  for name in pairs(kinds) do
    known[name] = not of_listeners[name] and not not_here[name] or nil
  end
  for _, name in ipairs(sorted_keys(file, "", top)) do
    if of_listeners[name] then
      file:fail(name, "belongs to a listener: listeners = { NAME = { %s = ... } }", of_listeners[name])
    elseif not_here[name] then
      file:fail(name, "is not for this file: %s", not_here[name])
    elseif not known[name] then
      file:fail(name, "unknown key%s", nearest.hint(name, known))
    elseif name ~= "listeners" then
      local texts = texts_of(file, name, top[name])
      if #texts ~= 1 then
        file:fail(name, "takes one value, got %d", #texts)
      end
      add_values(values, name, texts, file:line(name))
    end
  end
  return values
end

local function is_entry(value)
  return type(value) == "table" and type(value[1]) == "string"
end

local function read_policy(file, path, value)
  local entry = { name = value, options = {}, where = file:where(path) }
  if is_entry(value) then
    entry.name = value[1]
    for key, one in pairs(value) do
      if type(key) == "string" then
        local at = child(path, key)
        entry.options[key] = { texts = texts_of(file, at, one), where = file:where(at) }
      elseif key ~= 1 then
        file:fail(child(path, key), "a policy with options has one name: { \"agent\", agentdir = \"/srv\" };"
          .. " several policies are a list of such")
      end
    end
  elseif type(value) ~= "string" then
    file:fail(path, "expected the name of a policy, a path, or { \"NAME\", option = ... }, got %s",
      article(value))
  end
  local is_path = string.find(entry.name, "/", 1, true) or string.find(entry.name, "%.lua$")
  if is_path and string.sub(entry.name, 1, 1) ~= "/" then
    entry.name = (string.match(file.path, "^(.*/)") or "") .. entry.name
  end
  return entry
end

local function has_options(value)
  for key in pairs(value) do
    if type(key) == "string" then
      return true
    end
  end
end

-- "traefik"; { "agent", agentdir = ... }; or a list of such.
local function read_policies(file, parent, value)
  local path = child(parent, "policy")
  if value == nil then
    file:fail(parent, "the listener has no policy; policy = \"NAME\" says what its clients may do")
  elseif type(value) ~= "table" or is_entry(value) and has_options(value) then
    return { read_policy(file, path, value) }
  end
  local policies = {}
  if not next(value) then
    file:fail(path, "the list is empty; policy = \"NAME\" says what the listener's clients may do")
  end
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      file:fail(child(path, key), "is beside a list of policies; an option stands beside the name of its"
        .. " policy: { \"NAME\", %s = ... }", tostring(key))
    end
  end
  for i, one in ipairs(value) do
    policies[i] = read_policy(file, child(path, i), one)
  end
  return policies
end

-- Who may connect. A Unix socket's clients have no address; there, who may open the file decides.
local function read_from(file, path, value, urls)
  local entries = texts_of(file, path, value)
  local list, message = addresses.try(table.concat(entries, ","))
  if not list then
    file:fail(path, "%s", message)
  elseif not next(list.networks) and not next(list.hosts) then
    file:fail(path, "the list is empty, so nobody could connect; leave from out, or name somebody")
  end
  for _, url in ipairs(urls) do
    if string.find(url, "^unix:") or string.find(url, "^/") then
      file:fail(path, "clients of %s have no address; its mode, owner and group say who may connect, as in"
        .. " unix:///run/x.sock?mode=0660&group=docker", url)
    end
  end
  return list
end

local function read_listener(file, name, value)
  local path = child("listeners", name)
  if type(value) ~= "table" then
    file:fail(path, "expected { listen = ..., policy = ... }, got %s", article(value))
  elseif not string.find(name, "^[%w_][%w_.-]*$") or #name > 63 then
    file:fail(path, "a listener's name has letters, digits, '_', '-' and '.', 63 at most")
  end
  for _, key in ipairs(sorted_keys(file, path, value)) do
    if not listener_keys[key] then
      file:fail(child(path, key), "unknown key%s", nearest.hint(key, listener_keys))
    end
  end
  if value.listen == nil then
    file:fail(path, "the listener has no address; listen = \"unix:///run/moonward/%s.sock\" is one", name)
  end
  local urls = texts_of(file, child(path, "listen"), value.listen)
  return {
    name = name,
    where = file:where(path),
    urls = urls,
    from = value.from ~= nil and read_from(file, child(path, "from"), value.from, urls) or nil,
    policies = read_policies(file, path, value.policy),
  }
end

local function read_listeners(file, value)
  local listeners = {}
  if type(value) ~= "table" or not next(value) then
    file:fail(value == nil and "" or "listeners", "expected listeners = { NAME = { listen = ...,"
      .. " policy = ... } }, got %s", type(value) == "table" and "an empty table" or article(value))
  end
  for _, name in ipairs(sorted_keys(file, "listeners", value)) do
    listeners[#listeners + 1] = read_listener(file, name, value[name])
  end
  if #listeners > MOST_LISTENERS then
    file:fail("listeners", "at most %d listeners, got %d", MOST_LISTENERS, #listeners)
  end
  return listeners
end

-- The file is data: no function of Lua is there to be called.
local function new_environment()
  return setmetatable({}, {
    __index = function(_, name)
      error(string.format("unknown name '%s'; the file holds texts, numbers and tables, and what is local"
        .. " in it", tostring(name)), 2)
    end,
    __newindex = function(_, name)
      error(string.format("'%s' is not a local variable; write: local %s", tostring(name), tostring(name)), 2)
    end,
    __metatable = false,
  })
end

--- Reads a configuration; errors name file, line and key.
---@param path string
---@param kinds table<string, boolean> the core's options by name
---@return moonward.host.Configured
function config.read(path, kinds)
  local text, message = native.read(path)
  if not text then
    error(message, 0)
  end
  local chunk, wrong = load(text, "@" .. path, "t", new_environment())
  if not chunk then
    error(wrong, 0)
  end
  local file = setmetatable({ path = path, lines = config_lines.of(text) }, File)
  local top = chunk()
  if type(top) ~= "table" then
    error(string.format("%s: the file returned %s, expected return { listeners = { ... } }", path,
      article(top)), 0)
  end
  return { core = read_core(file, top, kinds), listeners = read_listeners(file, top.listeners) }
end

-- The option of that name; else the names of those that there are.
local function find_option(declared, name)
  local known = {}
  for _, one in ipairs(declared) do
    local key = one.name ~= "" and one.name or one.env
    if key == name then
      return one
    end
    known[key] = not one.refused and not one.sets or nil
  end
  return nil, known
end

--- What a policy's options are set to: { name, value, where }, of a list one entry each.
---@param given moonward.host.ConfiguredPolicy
---@param policy string its name
---@param declared table[] its options, as moonward.host.option has them
---@return string[][]
function config.values(given, policy, declared)
  local values, names = {}, {}
  for name in pairs(given.options) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local asked = given.options[name]
    local entry, known = find_option(declared, name)
    if not entry then
      error(string.format("%s: policy %s has no option '%s'%s", asked.where, policy, name,
        nearest.hint(name, known)), 0)
    elseif entry.refused then
      error(asked.where .. ": " .. entry.refused, 0)
    elseif entry.sets then
      error(string.format("%s: '%s' is another name of '%s', which is said once for all: at the top of the"
        .. " file, or by the listener", asked.where, name, entry.sets), 0)
    elseif #asked.texts > 1 and entry.kind ~= "list" then
      error(string.format("%s: takes one value, got %d", asked.where, #asked.texts), 0)
    end
    add_values(values, name, asked.texts, asked.where)
  end
  return values
end

return config
