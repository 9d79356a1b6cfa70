--- What Lua adds to the objects `request` and `client` (core/lua/view.h): fields that may have to
--- wait, methods, and the messages for names that do not exist.
local core = require "moonward.core"
local json = require "moonward.json"
local native = require "moonward.host.native"
local nearest = require "moonward.host.nearest"
local operations = require "moonward.operations"
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
  error(string.format("unknown operation '%s'%s", tostring(name), nearest.hint(name, known)), 4)
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

local methods = {}

--- All fields of that name, whatever its case, joined by commas; nil if there is none.
function methods.header(self, name)
  return view.header(self, name)
end

--- Whether the request is one of these operations. "container.*" is all of that family.
function methods.is(self, ...)
  return view.is(self, known, complain_of_operation, ...)
end

--- All values of one name in the query, in their order.
function methods.values(self, name)
  return view.values(self, name)
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
  view.client({}, {}, complain_of_field("client"))
end

return request
