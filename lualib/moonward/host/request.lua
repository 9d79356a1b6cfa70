--- What Lua adds to the objects `request` and `client` (core/lua/view.h): fields that may have to
--- wait, methods, and the messages for names that do not exist.
local core = require "moonward.core"
local identity = require "moonward.host.identity"
local native = require "moonward.host.native"
local nearest = require "moonward.host.nearest"
local operations = require "moonward.operations"
local target = require "moonward.host.target"
local wait = require "moonward.host.wait"

local request = {}

local view = native.view

--- Names of operations, and their families: "container.*", "container.archive.*".
local function known_operations()
  local known = {}
  for name in pairs(operations.names) do
    known[name] = true
    for at in string.gmatch(name, "()%.") do
      known[string.sub(name, 1, at) .. "*"] = true
    end
  end
  return known
end

local known = known_operations()

-- Patterns that are kept, with what they match: "*.list". Policies write them out, so there are few.
local MOST_PATTERNS = 100
local patterns = 0

-- The operations that a pattern matches, as a set. What is no name and matches none is an error, and so is
-- one without a dot, which would be said of nothing in particular.
local function matching(name)
  local is_pattern = type(name) == "string" and string.find(name, "[*?%[]") and string.find(name, "%.")
  local found = is_pattern and operations.matching(name)
  if not found then
    error(string.format("unknown operation '%s'%s", tostring(name), nearest.hint(name, known)), 3)
  elseif patterns < MOST_PATTERNS then
    patterns = patterns + 1
    known[name] = found
  end
  return found
end

local fields = {}

--- The body as text, "" if there is none.
function fields.body(self)
  local cache = view.cache(self)
  if not cache.body then
    cache.body = self.has_body and wait.ask("body", "", "request.body") or ""
  end
  return cache.body
end

--- The body as the engine will read it, nil if there is none; read-only. What it says twice goes on once.
function fields.json(self)
  local text = fields.body(self)
  local cache = view.cache(self)
  if text ~= "" and not cache.json then
    local value, message, single = core.json.read(text, "read", "request.json")
    if message then
      error(core.ruling("deny", 400, "request body: " .. message))
    elseif single then
      cache.body, cache.edited = single, true
    end
    cache.json = { value }
  end
  return cache.json and cache.json[1]
end

--- What the request is about, as the engine understands it; nil if it names nothing that exists.
fields.target = target.of

--- The first ones are C functions: a tail call to one leaves the policy's line where an error can name it.
local methods = {
  header = view.header,
  is = view.is(known, matching),
  values = view.values,
}

-- What the engine takes for false in a switch of the query; all other words are true (moby's httputils,
-- BoolValue). Blanks around them and their case do not count.
local false_words = { [""] = true, ["0"] = true, no = true, ["false"] = true, none = true }
-- Podman's own routes know these words and refuse others.
local podman_words = {
  ["1"] = true, t = true, T = true, ["true"] = true, TRUE = true, True = true, on = true,
  ["0"] = false, f = false, F = false, ["false"] = false, FALSE = false, False = false,
}

-- Switches that are on where they are empty, as where they are not there.
local on_by_default = { ["container.commit"] = "pause", ["image.build"] = "rm" }

local wide_blanks = "[\xc2\xe1\xe2\xe3]"

-- Without the blanks that Go's TrimSpace takes away, those beyond ASCII among them.
local function trimmed(text)
  if string.find(text, wide_blanks) then
    for _, code in ipairs { 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 } do
      text = string.gsub(text, utf8.char(code), " ")
    end
    for code = 0x2000, 0x200a do
      text = string.gsub(text, utf8.char(code), " ")
    end
  end
  return string.match(text, "^[\t-\r ]*(.-)[\t-\r ]*$")
end

local function podman_flag(name, value)
  if podman_words[value] == nil then
    error(core.ruling("deny", 400, "query: " .. name .. " is neither true nor false"))
  end
  return podman_words[value]
end

local function check_self(self, name)
  if type(self) ~= "userdata" then
    error("write request:" .. name .. "(...), with a colon", 3)
  end
end

--- What the engine makes of a switch in the query.
function methods.flag(self, name, default)
  check_self(self, "flag")
  if type(name) ~= "string" then
    error("request:flag: expected the name of a parameter, got a " .. type(name), 2)
  elseif default ~= nil and type(default) ~= "boolean" then
    error("request:flag: the default is a " .. type(default) .. ", expected true or false", 2)
  end
  local value, operation = self.query[name], self.operation or ""
  local is_podman = string.find(operation, "^libpod%.") ~= nil
  if value == nil or value == "" and (is_podman or on_by_default[operation] == name) then
    return default == true
  elseif is_podman then
    return podman_flag(name, value)
  end
  return not false_words[string.lower(trimmed(value))]
end

local changes_nothing = {}
for _, entry in ipairs(operations.list) do
  changes_nothing[entry.name] = not entry.writes
end

--- Whether the request changes nothing.
function methods.reads(self)
  check_self(self, "reads")
  return changes_nothing[self.operation or ""] == true
end

local function complain_of_field(what)
  return function(name, names)
    error(string.format("unknown field '%s' of %s%s", tostring(name), what,
      nearest.hint(name, names)), 3)
  end
end

--- To be called once.
function request.open()
  view.request(fields, methods, complain_of_field("request"))
  view.client({
    container = function(client)
      return (identity.of(client))
    end,
    labels = function(client)
      local _, labels = identity.of(client)
      return labels
    end,
  }, {}, complain_of_field("client"))
end

return request
