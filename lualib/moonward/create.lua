--- What a request can do to the host: every power that it asks for, by name and with its place.
---
---   for _, power in ipairs(create.powers(request)) do
---     power.power, power.value, power.where   --> "bind", "/etc", "HostConfig.Binds[2]"
---   end
---
--- Fail closed: what is not in the tables (powers/*.lua) is a power too, "unknown-field",
--- "unknown-value" or "unknown-route", and a body that is not what the engine expects is
--- "not-understood". A rule that lets only named powers through therefore denies what it never heard of.
---
--- Of the query every parameter is known or a power, for the operations in create.operations.
---
--- Covered, in every spelling that the strict reader lets pass: creating, updating and starting
--- containers (HostConfig, and the same fields at the top of the body), defaults of old API versions,
--- execs, archives put into containers, checkpoints, services, volumes, networks and endpoints,
--- builds (their query), BuildKit's sessions and gRPC, plugins, swarm, secrets' drivers; podman's
--- containers, pods, execs, volumes, networks, builds, secrets, Kubernetes YAML and units.
---
--- Not covered:
---   * what a container already has: an exec, an attach, a start or an archive has the powers that
---     its container was created with; a volume or a network those that it was created with.
---   * what is inside images and build contexts: commands, labels, "# syntax=", links in a file system.
---   * symbolic links on the host below a path that is let through.
---   * the network that the engine reaches: registries of pulls, pushes and searches.
---   * the absence of limits: memory, CPUs, processes, disk.
---   * names and tags that others trust (rename, tag, load), and removing what others need.
---   * engines on Windows.
---
--- Only create-like requests cost anything; of these the body is read.

local build = require "moonward.powers.build"
local container = require "moonward.powers.container"
local json = require "moonward.json"
local libpod = require "moonward.powers.libpod"
local mount_fields = require "moonward.mount_fields"
local mounts = require "moonward.mounts"
local names = require "moonward.powers.names"
local objects = require "moonward.powers.objects"
local operations = require "moonward.operations"
local parameters = require "moonward.powers.parameters"
local routes = require "moonward.powers.routes"
local service = require "moonward.powers.service"
local walk = require "moonward.powers.walk"

local create = {}

-- Types of bodies by operation.
local bodies = {
  ["container.create"] = container.create,
  ["container.update"] = container.update,
  ["exec.create"] = container.exec,
  ["service.create"] = service,
  ["service.update"] = service,
  ["volume.create"] = objects.volume,
  ["network.create"] = objects.network,
  ["network.connect"] = objects.connect,
  ["secret.create"] = objects.secret,
  ["config.create"] = objects.secret,
  ["libpod.container.create"] = libpod.container,
  ["libpod.container.update"] = libpod.update,
  ["libpod.exec.create"] = container.exec,
  ["libpod.pod.create"] = libpod.pod,
  ["libpod.volume.create"] = objects.libpod_volume,
  ["libpod.network.create"] = objects.libpod_network,
  ["libpod.network.connect"] = objects.libpod_connect,
  ["libpod.network.update"] = objects.libpod_network_update,
}

-- Mounts ---------------------------------------------------------------------------------------

local power_of_kind = {
  bind = "bind", volume = "volume", from = "volumes-from", network = "volume-network",
  plugin = "volume-plugin", view = "volume-device", unknown = "unknown-value",
}
local shared = walk.set "shared rshared"

local function add_mounts(found, list)
  for _, mount in ipairs(list) do
    local power = mount.is_device and "volume-device" or power_of_kind[mount.kind]
    -- A volume without a name is a new one; a tmpfs or an image brings nothing of the host.
    if power and not (power == "volume" and mount.source == "") then
      walk.add(found, power, mount.source, mount.where)
      found[#found].source = mount.source
    end
    for _, option in ipairs(mount.options or {}) do
      if shared[option] then
        walk.add(found, "propagation", option, mount.where)
      end
    end
  end
end

local function read_mounts(found, request)
  local list = {}
  local ok, message = pcall(mounts.all, request, list)
  add_mounts(found, list)
  if not ok then
    error(message, 0)
  end
end

-- Bodies ---------------------------------------------------------------------------------------

-- An empty body, or null, asks for nothing.
local function body_of(request)
  local body = request.body ~= "" and request.json or json.null
  return body ~= json.null and mount_fields.object(body, "the body") or nil
end

-- "1.41" as a number that can be compared; without a version it is the newest.
local function rank(version)
  local major, minor = string.match(version or "", "^(%d+)%.(%d+)")
  return major and tonumber(major) * 1000000 + tonumber(minor) or math.huge
end

local function read_defaults(found, request)
  local host = mount_fields.object_at(body_of(request), "HostConfig", "")
  for _, default in ipairs(container.defaults) do
    local is_old = rank(request.version) < rank(default.below)
    if is_old and mount_fields.text_at(host, default.field, "HostConfig.") == "" then
      walk.add(found, default.power, default.value,
        "HostConfig." .. default.field .. ", by default below API " .. default.below)
    end
  end
end

local function read_body(found, request)
  local body = body_of(request)
  if body then
    walk.object(found, bodies[request.operation], body, "")
  end
end

-- There is no use for one but that of old engines.
local function read_start(found, request)
  local body = body_of(request)
  if body and json.next(body) ~= nil then
    walk.add(found, "start-body", "", "the body")
  end
end

-- What is read of a request, by operation. Each reader is asked, also if one before it failed.
local readers = {
  ["container.start"] = { read_start },
  ["image.build"] = { build.powers, read_mounts },
  ["libpod.image.build"] = { build.powers, read_mounts },
  ["libpod.image.build_local"] = { build.powers, read_mounts },
}
for operation in pairs(bodies) do
  readers[operation] = { read_body, read_mounts }
end
readers["container.create"] = { read_body, read_mounts, read_defaults }

-- Routes ---------------------------------------------------------------------------------------

-- Rows of routes.lua by operation.
local by_route = {}
for _, row in ipairs(routes) do
  assert(operations.names[row[1]] and names.known[row[2]], row[1])
  by_route[row[1]] = by_route[row[1]] or {}
  table.insert(by_route[row[1]], row)
end
for operation in pairs(readers) do
  assert(operations.names[operation], operation)
end

local own_networks = walk.set "bridge none default"

local function read_route(found, request, row)
  local from, value, where = row[3], "", "the route"
  if from == "id" then
    value, where = request.id or "", "the path"
  elseif from ~= "" then
    value, where = request.query[string.sub(from, #"query." + 1)] or "", from
  end
  if row[4] == "if" and value == "" or row[2] == "remote" and value == "-" -- the body itself
    or row[2] == "network" and own_networks[value] then
    return
  end
  walk.add(found, row[2], value, where)
end

-- Methods that change nothing on any engine, known route or not, or only take away.
local harmless_methods = walk.set "GET HEAD OPTIONS DELETE"

-- All at once ----------------------------------------------------------------------------------

--- Every power, and what is known of it: `power` (the name), `takes` (what a rule may say of its
--- value, see powers/names.lua), `text`, and `places`, where it is asked for: "container.create
--- HostConfig.Binds". For documentation and for what rules may name.
---@type { power: string, takes: string, text: string, places: string[] }[]
create.list = {}

--- The operations that powers are looked for in.
---@type table<string, boolean>
create.operations = {}

local function add_places(by_power, operation, kind, prefix)
  for _, row in ipairs(kind.rows) do
    for _, power in ipairs(walk.powers_of(row)) do
      table.insert(by_power[power], operation .. " " .. prefix .. row[1])
    end
    if row.type then
      add_places(by_power, operation, row.type, prefix .. row[1] .. ".")
    end
  end
end

do
  local by_power = {}
  for i, entry in ipairs(names.list) do
    by_power[entry.power] = {}
    create.list[i] = { power = entry.power, takes = entry.takes, text = entry.text,
      places = by_power[entry.power] }
  end
  for _, operation in ipairs(walk.keys(bodies)) do
    add_places(by_power, operation, bodies[operation], "")
  end
  add_places(by_power, "image.build", build.parameters, "query.")
  table.insert(by_power["start-body"], "container.start")
  for _, row in ipairs(routes) do
    table.insert(by_power[row[2]], row[3] == "" and row[1] or row[1] .. " " .. row[3])
    create.operations[row[1]] = true
  end
  for operation in pairs(readers) do
    create.operations[operation] = true
  end
  for operation in pairs(create.operations) do
    assert(parameters.of[operation], operation)
  end
end

local function add_failure(found, message)
  local text, where = string.match(message, "^(.*) %((.-)%)$")
  walk.add(found, "not-understood", text or message, where or "the body")
end

--- The powers that a request asks for; an empty list if there are none. A body that two readers could
--- read in two ways ends in 400, as everywhere.
---@param request moonward.Request
---@return moonward.Power[]
function create.powers(request)
  local found, operation = {}, request.operation
  if not operation then
    if not harmless_methods[request.method] then
      walk.add(found, "unknown-route", request.method .. " " .. request.path, "the route")
    end
    return found
  end
  for _, row in ipairs(by_route[operation] or {}) do
    read_route(found, request, row)
  end
  if create.operations[operation] then
    parameters.unknown(found, request, bodies[operation])
  end
  for _, read in ipairs(readers[operation] or {}) do
    local ok, message = pcall(read, found, request)
    if not ok and type(message) ~= "string" then
      error(message, 0) -- the body itself was refused, with 400
    elseif not ok then
      add_failure(found, message)
    end
  end
  return found
end

return create
