--- What a filter's predicate sees of an answer: the decoded item with the engine's own fields, and in
--- lower case those that the containers, images, networks and volumes of request.target have. So one
--- predicate serves both.
---
--- An item is decoded where a predicate looks, and nowhere else: it looks at a few fields of each of
--- many items.
local container = require "moonward.registry.container"
local core = require "moonward.core"
local nearest = require "moonward.host.nearest"
local reply = require "moonward.reply"

local items = {}

local function decode(text)
  local value, message = reply.decode(text)
  if message then
    error("the engine's answer cannot be read: " .. message, 0)
  end
  return value
end

local function check_label(key, value)
  if type(key) ~= "string" or type(value) ~= "string" then
    error(string.format("the label %q is a %s, expected a text", tostring(key), type(value)), 0)
  end
  return value
end

local function decode_label(text, key)
  return check_label(key, decode(text))
end

-- The labels in the object that the names lead to; nil if it is not there. Each is checked when it is
-- looked at, or all at once.
local function labels_at(item, ...)
  local labels = type(item) == "userdata" and core.peek_at(item, decode_label, ...)
  if labels or labels == nil then
    return labels
  end
  labels = item
  for _, name in ipairs { ... } do
    labels = (labels == item and item or reply.table(labels))[name]
  end
  for key, value in pairs(reply.table(labels)) do
    check_label(key, value)
  end
  return labels ~= nil and reply.table(labels) or nil
end

local function own_or_config(item)
  return labels_at(item, "Labels") or labels_at(item, "Config", "Labels") or {}
end

local function compose(label)
  return function(item)
    return item.labels[label]
  end
end

-- By kind: how each field is found. What is found is kept.
local fields = {}

fields.container = {
  id = function(item) return reply.text(item.Id) end,
  name = function(item) return container.name_of(item) end,
  labels = own_or_config,
  image = function(item)
    return reply.text(reply.table(item.Config).Image) or reply.text(item.Image) or ""
  end,
  state = function(item) return container.state_of(item) end,
  networks = function(item)
    local networks = {}
    for name, given in pairs(reply.table(reply.table(item.NetworkSettings).Networks)) do
      given = reply.table(given)
      networks[name] = {
        id = reply.text(given.NetworkID), address = reply.text(given.IPAddress),
        address6 = reply.text(given.GlobalIPv6Address),
      }
    end
    return networks
  end,
  project = compose "com.docker.compose.project",
  service = compose "com.docker.compose.service",
}

fields.image = {
  id = function(item) return reply.text(item.Id) end,
  labels = own_or_config,
  tags = function(item)
    local tags = {}
    for _, tag in ipairs(reply.table(item.RepoTags)) do
      tags[#tags + 1] = reply.text(tag)
    end
    return tags
  end,
}

local function by_name(item)
  return reply.text(item.Name)
end

-- Of libpod's, these are the engine's own words.
fields.network = {
  id = function(item) return reply.text(item.Id) end,
  name = by_name,
  driver = function(item) return reply.text(item.Driver) end,
  labels = function(item) return labels_at(item, "Labels") or {} end,
}

fields.volume = {
  name = by_name,
  driver = function(item) return reply.text(item.Driver) end,
  labels = function(item) return labels_at(item, "Labels") or {} end,
}

-- Services, tasks, nodes, secrets, configs.
local swarm = {
  id = function(item) return reply.text(item.ID) end,
  name = function(item) return reply.text(reply.table(item.Spec).Name) end,
  labels = function(item) return labels_at(item, "Spec", "Labels") or labels_at(item, "Labels") or {} end,
}
for _, kind in ipairs { "service", "task", "node", "secret", "config" } do
  fields[kind] = swarm
end

-- Of what an event is about. The labels of a container come among other attributes, over which they
-- win: only `name` and `image` are surely the engine's own words.
fields.event = {
  id = function(item) return reply.text(reply.table(item.Actor).ID) end,
  name = function(item)
    local name = item.labels.name
    return name and (string.gsub(name, "^/", ""))
  end,
  image = function(item) return item.labels.image end,
  labels = function(item) return labels_at(item, "Actor", "Attributes") or {} end,
}

-- Kinds whose own fields begin with a capital, so that a small one that nobody knows is a mistake.
local strict = { container = true, image = true, volume = true, service = true, task = true, node = true }

-- By kind: what a field is that the engine did not write.
local missing, metas = {}, {}

local function prepare(kind)
  local known = fields[kind] or {}
  missing[kind] = function(item, name)
    local find = known[name]
    if find then
      return find(item)
    elseif name == "kind" then
      return kind
    elseif strict[kind] and type(name) == "string" and string.find(name, "^%l") then
      error(string.format("unknown field '%s' of the %s%s", name, kind, nearest.hint(name, known)), 3)
    end
  end
  local function index(item, name)
    local value = missing[kind](item, name)
    if value ~= nil then
      rawset(item, name, value)
    end
    return value
  end
  metas[kind] = { __index = index, __metatable = false }
end

--- Gives a decoded item the fields of its kind.
---@param item table
---@param kind string
---@return table item
function items.wrap(item, kind)
  if not missing[kind] then
    prepare(kind)
  end
  return setmetatable(item, metas[kind])
end

--- Reads an item; text that is no JSON is an error.
---@param text string
---@param kind string
---@return any
function items.read(text, kind)
  if not missing[kind] then
    prepare(kind)
  end
  local item = core.peek(text, decode, missing[kind])
  return type(item) == "table" and setmetatable(item, metas[kind]) or item
end

return items
