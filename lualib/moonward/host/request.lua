--- What Lua adds to the objects `request` and `client` (core/lua/view.h): fields that may have to
--- wait, methods, and the messages for names that do not exist.
local core = require "moonward.core"
local identity = require "moonward.host.identity"
local json = require "moonward.json"
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

--- The body as the engine will read it, nil if there is none. Each policy gets its own: what one
--- does to it must not change what the next one judges.
function fields.json(self)
  local text = fields.body(self)
  local cache = view.cache(self)
  local mine = native.policy()
  cache.json = cache.json or {}
  if text ~= "" and not cache.json[mine] then
    local value, message = json.decode(text)
    if message then
      error(core.ruling("deny", 400, "request body: " .. message))
    end
    cache.json[mine] = { value }
  end
  return cache.json[mine] and cache.json[mine][1]
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
