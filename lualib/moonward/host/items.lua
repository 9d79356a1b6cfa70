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

local WHAT = "what the engine says"
local COMPLAINT = WHAT .. " is read-only; to change what goes on, return"
  .. " moonward.allow { edit = function(json) ... end }"

local function decode(text)
  local value, message = core.json.read(text, "exact", WHAT)
  if message then
    error("the engine's answer cannot be read: " .. message, 0)
  end
  return value
end

-- What was read is read-only already.
local function read_only(value)
  local is_made = type(value) == "table" and not core.json.kind(value)
  return is_made and core.frozen(value, COMPLAINT) or value
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

-- Where the labels are, by kind: in the first of these that there is. An event's are among other
-- attributes, over which they win: only `name` and `image` are surely the engine's own words.
local ways = {
  container = { { "Labels" }, { "Config", "Labels" } },
  image = { { "Labels" }, { "Config", "Labels" } },
  network = { { "Labels" } },
  volume = { { "Labels" } },
  event = { { "Actor", "Attributes" } },
}
-- Services, tasks, nodes, secrets, configs.
local swarm_kinds = { "service", "task", "node", "secret", "config" }
for _, kind in ipairs(swarm_kinds) do
  ways[kind] = { { "Spec", "Labels" }, { "Labels" } }
end

-- Of an item that is decoded, or that has something strange on the way; all of them are checked.
local function labels_of(item, kind)
  local labels
  for _, way in ipairs(ways[kind]) do
    if labels == nil then
      labels = item[way[1]]
      for i = 2, #way do
        labels = reply.table(labels)[way[i]]
      end
    end
  end
  for key, value in pairs(reply.table(labels)) do
    check_label(key, value)
  end
  return reply.table(labels)
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
  image = function(item)
    return reply.text(reply.table(item.Config).Image) or reply.text(item.Image) or ""
  end,
  state = function(item) return container.state_of(item) end,
  networks = function(item)
    local networks = {}
    for name, given in pairs(reply.table(reply.table(item.NetworkSettings).Networks)) do
      given = reply.table(given)
      networks[name] = read_only {
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
  tags = function(item) return reply.texts(item.RepoTags) end,
  digests = function(item) return reply.texts(item.RepoDigests) end,
}

local function by_name(item)
  return reply.text(item.Name)
end

-- Of libpod's, these are the engine's own words.
fields.network = {
  id = function(item) return reply.text(item.Id) end,
  name = by_name,
  driver = function(item) return reply.text(item.Driver) end,
}

fields.volume = {
  name = by_name,
  driver = function(item) return reply.text(item.Driver) end,
}

local swarm = {
  id = function(item) return reply.text(item.ID) end,
  name = function(item) return reply.text(reply.table(item.Spec).Name) end,
}
for _, kind in ipairs(swarm_kinds) do
  fields[kind] = swarm
end

-- Of what an event is about.
fields.event = {
  id = function(item) return reply.text(reply.table(item.Actor).ID) end,
  name = function(item)
    local name = item.labels.name
    return name and (string.gsub(name, "^/", ""))
  end,
  image = function(item) return item.labels.image end,
}

-- Kinds whose own fields begin with a capital, so that a small one that nobody knows is a mistake.
local strict = { container = true, image = true, volume = true, service = true, task = true, node = true }

-- What a field of an item of the kind is that the engine did not write.
local function finder(kind)
  local known = fields[kind] or {}
  return function(item, name)
    local find = known[name]
    if find then
      return read_only(find(item))
    elseif name == "labels" and ways[kind] then
      return read_only(labels_of(item, kind))
    elseif name == "kind" then
      return kind
    elseif strict[kind] and type(name) == "string" and string.find(name, "^%l") then
      error(string.format("unknown field '%s' of the %s%s", name, kind, nearest.hint(name, known)), 3)
    end
  end
end

local readers, finders = {}, {}

--- An object with the fields of a table and those of its kind, read-only like what it is made of.
---@param item table
---@param kind string
---@return table item
function items.wrap(item, kind)
  finders[kind] = finders[kind] or finder(kind)
  return core.frozen(item, COMPLAINT, finders[kind])
end

--- The function that reads an item of the kind; text that is no JSON is an error.
---@param kind? string
---@return fun(text: string): any
function items.reader(kind)
  kind = kind or ""
  if not readers[kind] then
    readers[kind] = core.peek {
      labels = ways[kind], texts = true, label = decode_label, missing = finder(kind),
      decode = function(text, name)
        local value = decode(text)
        return name == nil and type(value) == "table" and items.wrap(value, kind) or value
      end,
    }
  end
  return readers[kind]
end

return items
