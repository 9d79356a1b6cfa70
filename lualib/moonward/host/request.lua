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

local function complain_of_operation(name)
  error(string.format("unknown operation '%s'%s", tostring(name), nearest.hint(name, known)), 3)
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

--- All of them C functions: a tail call to one leaves the policy's line where an error can name it.
local methods = {
  header = view.header,
  is = view.is(known, complain_of_operation),
  values = view.values,
}

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
