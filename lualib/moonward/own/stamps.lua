--- What moonward writes into an owner's requests, so that what comes of them is the owner's: a label, in
--- bodies and in parameters.
local json = require "moonward.json"
local selection = require "moonward.host.selection"

local stamps = {}

-- The object that a parameter holds, as a table of its own: keys count exactly, other than in bodies.
-- nil: it cannot be read.
local function read_map(text)
  local map = {}
  if text and text ~= "" then
    local given = json.decode_parameter(text)
    if not json.is_object(given) then
      return nil
    end
    for key, value in pairs(given) do
      map[key] = value
    end
  end
  return map
end

--- The `labels` of a build, with the stamp; nil if they cannot be read.
---@param text? string
---@param label string
---@param owner string
---@return string?
function stamps.labels(text, label, owner)
  local map = read_map(text)
  if map then
    map[label] = owner
  end
  return map and json.encode(map)
end

-- The values of a filter, as a set; nil where the engine would read something else, or nothing.
local function read_values(given)
  local values = {}
  if given == json.null then
    return values
  elseif type(given) ~= "table" then
    return nil
  end
  for key, value in pairs(given) do
    local is_pair = type(key) == "string" and type(value) == "boolean"
    if not is_pair and not (math.type(key) == "integer" and type(value) == "string") then
      return nil
    end
    values[is_pair and key or value] = true
  end
  return values
end

--- The `filters` of a prune, with the stamp: all labels have to match; nil if they cannot be read. Each may
--- come as ["a=b"] or as {"a=b":true}; the engine does not take both at once.
---@param text? string
---@param label string
---@param owner string
---@return string?
function stamps.filters(text, label, owner)
  local filters = read_map(text)
  if not filters then
    return nil
  end
  for name, given in pairs(filters) do
    local values = read_values(given)
    if not values then
      return nil
    end
    filters[name] = next(values) and values or nil
  end
  filters.label = filters.label or {}
  filters.label[label .. "=" .. owner] = true
  return json.encode(filters)
end

--- An edit of a body that creates something.
---@param label string
---@param owner string
---@return fun(body: table)
function stamps.body(label, owner)
  return function(body)
    if type(body) ~= "table" or body == json.null then
      error("the body is no object", 0)
    end
    if type(body.Labels) ~= "table" or body.Labels == json.null then
      body.Labels = {}
    end
    body.Labels[label] = owner
  end
end

--- The same, of a container. Where labels choose policies, the image is the one whose labels were read,
--- whatever its name means by then. "sha256:" in front of an id is how the builder names the images of its
--- steps, whose labels count for nothing.
---@param label string
---@param owner string
---@param image moonward.Image|false|nil that the body names
---@return fun(body: table)
function stamps.container(label, owner, image)
  local stamp = stamps.body(label, owner)
  return function(body)
    stamp(body)
    local reference = selection.any and image and image.id or body.Image
    local digits = type(reference) == "string" and string.match(reference, "^sha256:(%x+)$")
    body.Image = digits or body.Image
  end
end

return stamps
