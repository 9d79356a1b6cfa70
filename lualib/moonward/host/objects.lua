--- Containers, images, networks and volumes as policies get them.
local core = require "moonward.core"
local nearest = require "moonward.host.nearest"

local objects = {}

local known = {
  container = nearest.set {
    "id", "image", "kind", "labels", "name", "networks", "project", "service", "state",
  },
  image = nearest.set { "digests", "id", "kind", "labels", "tags" },
  network = nearest.set { "driver", "id", "kind", "labels", "name" },
  volume = nearest.set { "driver", "kind", "labels", "name" },
}

local function new(kind, fields)
  fields.kind = kind
  fields.labels = core.readonly(kind .. ".labels", fields.labels)
  return core.readonly(kind, fields, function(name)
    if not known[kind][name] then
      error(string.format("unknown field '%s' of the %s%s", tostring(name), kind,
        nearest.hint(name, known[kind])), 2)
    end
  end)
end

---@param record moonward.ContainerRecord
---@return moonward.Container
function objects.container(record)
  local networks = {}
  for name, network in pairs(record.networks) do
    networks[name] = core.readonly("network", {
      id = network.id, address = network.address, address6 = network.address6,
    })
  end
  return new("container", {
    id = record.id, name = record.name, labels = record.labels, image = record.image,
    state = record.state, networks = core.readonly("container.networks", networks),
    project = record.labels["com.docker.compose.project"],
    service = record.labels["com.docker.compose.service"],
  })
end

---@param fields { id: string, labels: table<string, string>, tags: string[], digests: string[] }
---@return moonward.Image
function objects.image(fields)
  fields.digests = core.readonly("image.digests", fields.digests)
  fields.tags = core.readonly("image.tags", fields.tags)
  return new("image", fields)
end

---@param fields { id: string, name: string, driver: string, labels: table<string, string> }
---@return moonward.NetworkObject
function objects.network(fields)
  return new("network", fields)
end

---@param fields { name: string, driver: string, labels: table<string, string> }
---@return moonward.Volume
function objects.volume(fields)
  return new("volume", fields)
end

---@param labels table<string, string>
---@return table<string, string>
function objects.labels(labels)
  return core.readonly("client.labels", labels)
end

return objects
