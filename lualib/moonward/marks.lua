--- How a client's own objects are known: by what their names look like, or by a label. A mark is asked
--- of what is there and of what is about to be made:
---
---   local mark = marks.name("runner-*")
---   { "container.create", when = mark.made },                    the name in the query begins with runner-
---   { "container.start", "container.remove", when = mark.held }, and that of the container that is meant
---   { "container.list", only = mark.is },
---
--- A mark is as good as the border around those who can set it: names and labels are chosen by whoever
--- creates containers. What a client behind such a policy creates carries its mark, so it reaches
--- what it made, and what somebody else marked for it.
local client = require "moonward.client"
local glob = require "moonward.glob"
local json = require "moonward.json"
local places = require "moonward.references.places"
local reservations = require "moonward.host.reservations"
local target = require "moonward.host.target"

local marks = {}

---@class moonward.Mark
---@field is fun(object: table): boolean for `only`: of an element of a list, an event, an inspect, a target
---@field held moonward.client.When for `when`: what the request is about has it
---@field made moonward.client.When for `when` of a create: what it makes will have it
---@field may_take fun(kind: string, name: string): boolean nothing has that name yet, or something with it
---@field makes fun(object: table): boolean for `makes`: of what a request makes on its way; reserves the name
---@field joined moonward.client.When for `when` of network.connect and disconnect: the container has it
---@field pruned? moonward.client.When for `when` of a prune: it takes away only what has it; only of
---  marks.label with a value

-- A field of the body, or nil.
local function field(request, name)
  local body = request.has_body and request.json
  local value = type(body) == "table" and body ~= json.null and body[name]
  return value ~= json.null and value or nil
end

-- The name that a create gives: where, says the table of references.
local function new_name(request)
  for _, row in ipairs(places.of(request.operation)) do
    if row.form == "new" and row.source == "query" then
      return request.query[row.key] or ""
    elseif row.form == "new" and row.source == "body" then
      return field(request, row.key) or ""
    end
  end
  return ""
end

---@alias marks.Holds
---| fun(container: moonward.Container, request: moonward.Request, options: table): any, string?, table?

--- A `when` of network.connect and disconnect: it is asked of the container in the body, as the engine
--- understands it, which goes on by its id.
---@param holds marks.Holds
---@return moonward.client.When
function marks.joining(holds)
  return function(request, options)
    local row = places.at(request.operation, "body.Container")
    local reference = row and field(request, row.key)
    if type(reference) ~= "string" or reference == "" then
      return false, "the body names no container"
    end
    local container = target.look_up("container", reference)
    if not container then
      return false, "there is no container " .. reference
    end
    local ok, reason, more = holds(container, request, options)
    if not ok then
      return false, reason, more
    end
    return true, nil, {
      edit = function(body)
        body[row.key] = container.id
      end,
    }
  end
end

local function joined(is, reason)
  return marks.joining(function(container)
    return is(container), reason
  end)
end

local function mark(is, makes, what)
  local function may_take(kind, name)
    reservations.take(kind, name, what) -- first: what is found then stays
    local object = target.look_up(kind, name)
    return object == nil or is(object)
  end
  return {
    is = is, held = client.target(is, "it has no " .. what),
    joined = joined(is, "the container has no " .. what),
    may_take = may_take,
    makes = function(object)
      return is(object) and may_take(object.kind, object.name)
    end,
    made = function(request)
      return makes(request), "what it makes has no " .. what
    end,
  }
end

--- Names that match a glob.
---@param pattern string
---@return moonward.Mark
function marks.name(pattern)
  local matches, message = glob.try(pattern)
  if not matches then
    error(message, 2)
  end
  return mark(function(object)
    return matches(object.name or "")
  end, function(request)
    local name = new_name(request)
    return type(name) == "string" and matches(name)
  end, "name such as " .. pattern)
end

--- Labels that a function accepts, by what it is called in messages.
---@param accepts fun(labels: table<string, string>): any
---@param what string "label a=b"
---@return moonward.Mark
function marks.labels(accepts, what)
  return mark(function(object)
    return accepts(object.labels) and true or false
  end, function(request)
    local labels = field(request, "Labels")
    return type(labels) == "table" and accepts(labels) and true or false
  end, what)
end

-- Whether filters ask for a label that is accepted: {"label":["a=b"]}, or {"label":{"a=b":true}}. Keys are
-- exact, and the engine takes away only what has all that is listed.
local function asks_for(filters, accepts)
  local given = json.decode_parameter(filters)
  if not json.is_object(given) then
    return false
  end
  for name, list in pairs(given) do
    if name == "label" and type(list) == "table" then
      for key, value in pairs(list) do
        local label = value == true and key or value
        if type(label) == "string" and accepts(label) then
          return true
        end
      end
    end
  end
  return false
end

--- A `when` of a prune: its filters ask for a label, "a" or "a=b", that a function accepts.
---@param accepts fun(label: string): any
---@param what string
---@return moonward.client.When
function marks.pruning(accepts, what)
  return function(request)
    return asks_for(request.query.filters or "", accepts), "a prune has to ask for the " .. what
  end
end

--- A label, with this value or (none given) with any but an empty one.
---@param key string
---@param value? string
---@return moonward.Mark
function marks.label(key, value)
  local label = key .. (value and "=" .. value or "")
  local made = marks.labels(function(labels)
    local found = labels[key]
    return found ~= nil and found ~= "" and (value == nil or found == value)
  end, "label " .. label)
  made.pruned = value and marks.pruning(function(asked)
    return asked == label
  end, "label " .. label) or nil
  return made
end

return marks
