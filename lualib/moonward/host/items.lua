--- What a filter's predicate sees of an answer: the decoded item with the engine's own fields, and in
--- lower case those that the containers, images, networks and volumes of request.target have. So one
--- predicate serves both.
local container = require "moonward.registry.container"
local nearest = require "moonward.host.nearest"
local reply = require "moonward.reply"

local items = {}

local function text_labels(given)
  for key, value in pairs(reply.table(given)) do
    if type(key) ~= "string" or type(value) ~= "string" then
      error(string.format("the label %q is a %s, expected a text", tostring(key), type(value)), 0)
    end
  end
  return reply.table(given)
end

local function own_or_config(item)
  return text_labels(item.Labels ~= nil and item.Labels or reply.table(item.Config).Labels)
end

local function compose(label)
  return function(item)
    return item.labels[label]
  end
end

local function without_slash(name)
  return name and (string.gsub(name, "^/", ""))
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

-- libpod writes its own in small letters.
local function by_name(item)
  return reply.text(item.Name) or rawget(item, "name")
end

fields.network = {
  id = function(item) return reply.text(item.Id) or rawget(item, "id") end,
  name = by_name,
  driver = function(item) return reply.text(item.Driver) or rawget(item, "driver") end,
  labels = function(item) return text_labels(item.Labels or rawget(item, "labels")) end,
}

fields.volume = {
  name = by_name,
  driver = function(item) return reply.text(item.Driver) end,
  labels = function(item) return text_labels(item.Labels) end,
}

-- Services, tasks, nodes, secrets, configs.
local swarm = {
  id = function(item) return reply.text(item.ID) end,
  name = function(item) return reply.text(reply.table(item.Spec).Name) end,
  labels = function(item) return text_labels(reply.table(item.Spec).Labels or item.Labels) end,
}
for _, kind in ipairs { "service", "task", "node", "secret", "config" } do
  fields[kind] = swarm
end

-- Of what an event is about. The labels of a container come among other attributes, over which they
-- win: only `name` and `image` are surely the engine's own words.
local function attributes(item)
  return reply.table(reply.table(item.Actor).Attributes)
end

fields.event = {
  id = function(item) return reply.text(reply.table(item.Actor).ID) end,
  name = function(item) return without_slash(reply.text(attributes(item).name)) end,
  image = function(item) return reply.text(attributes(item).image) end,
  labels = function(item) return text_labels(attributes(item)) end,
}

-- Kinds whose own fields begin with a capital, so that a small one that nobody knows is a mistake.
local strict = { container = true, image = true, volume = true, service = true, task = true, node = true }

local metas = {}

local function meta_of(kind)
  local known = fields[kind] or {}
  if not metas[kind] then
    metas[kind] = {
      __index = function(item, name)
        local find = known[name]
        if find then
          local value = find(item)
          rawset(item, name, value)
          return value
        elseif name == "kind" then
          return kind
        elseif strict[kind] and type(name) == "string" and string.find(name, "^%l") then
          error(string.format("unknown field '%s' of the %s%s", name, kind, nearest.hint(name, known)), 2)
        end
      end,
      __metatable = false,
    }
  end
  return metas[kind]
end

--- Gives a decoded item the fields of its kind.
---@param item table
---@param kind string
---@return table item
function items.wrap(item, kind)
  return setmetatable(item, meta_of(kind))
end

--- Decodes an item; text that is no JSON is an error.
---@param text string
---@param kind string
---@return any
function items.read(text, kind)
  local item, message = reply.decode(text)
  if message then
    error("the engine's answer cannot be read: " .. message, 0)
  end
  return type(item) == "table" and items.wrap(item, kind) or item
end

return items
