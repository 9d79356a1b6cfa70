--- moonward.view: a world in which only the objects exist for which a predicate holds.
---
--- Each operation is in one of the tables below: what has nothing to do with the kinds of a view passes,
--- what names an object is about one that exists or gets the engine's 404, lists and counts are without
--- the others, and what cannot be made so is denied. An operation that is in no table is denied.
--- Start reading at view.judge().
---
--- What a view does not hide: that a name is taken, that an address or a port is, that an image, a volume
--- or a network is in use, how busy the engine is and how long it takes, what the disk of all images
--- together holds, and what containers find out by themselves. Podman removes containers, too, with an image
--- that is removed by force.
local core = require "moonward.core"
local json = require "moonward.json"
local operations = require "moonward.operations"
local places = require "moonward.references.places"
local reservations = require "moonward.host.reservations"
local scrub = require "moonward.host.scrub"
local relations = require "moonward.host.view_relations"
local swarm = require "moonward.host.view_swarm"
local target = require "moonward.host.target"
local view_answers = require "moonward.host.view_answers"
local view_bodies = require "moonward.host.view_bodies"
local world_type = require "moonward.host.world"

local view = {}

local function deny(request, why)
  return core.ruling("deny", 403, string.format("%s cannot be done here: %s", request.operation
    or request.method .. " " .. request.path, why))
end

-- By operation: what it takes to have the operation in a view. Each is called with the world, the request
-- and the part for changes.lua, and returns a refusal or nothing.
local rules = {}

-- Lists whose elements are judged one by one.
for name, kind in pairs {
  ["container.list"] = "container", ["libpod.container.list"] = "container",
  ["image.list"] = "image", ["libpod.image.list"] = "image",
  ["volume.list"] = "volume", ["libpod.volume.list"] = "volume",
} do
  rules[name] = function(world, request, part)
    return view_answers.list(world, request, part, kind)
  end
end

rules["network.list"], rules["libpod.network.list"] = view_answers.networks, view_answers.networks
rules["network.inspect"], rules["libpod.network.inspect"] = view_answers.network, view_answers.network
rules["image.inspect"], rules["libpod.image.inspect"] = relations.image, relations.image
rules["container.inspect"], rules["libpod.container.inspect"] = relations.inspect, relations.inspect
rules["service.list"], rules["service.inspect"] = swarm.list "service", swarm.inspect "service"
rules["task.list"], rules["task.inspect"] = swarm.list "task", swarm.inspect "task"
rules["system.events"] = view_answers.events
rules["system.info"] = view_answers.info
rules["system.df"] = view_answers.usage

for _, name in ipairs {
  "container.create", "libpod.container.create", "image.build", "libpod.image.build", "service.create",
  "volume.create", "libpod.volume.create",
} do
  rules[name] = function(world, request, part)
    if request.operation == "container.create" or request.operation == "libpod.container.create" then
      view_bodies.check_name(world, world.shown.container and request.query.name)
    end
    view_bodies.create(world, request, part)
  end
end

for _, name in ipairs {
  "network.connect", "network.disconnect", "libpod.network.connect", "libpod.network.disconnect",
} do
  rules[name] = function(world, request, part)
    part.endpoint = view_bodies.endpoint(world, request)
  end
end

for _, name in ipairs { "container.rename", "libpod.container.rename" } do
  rules[name] = function(world, request)
    view_bodies.check_name(world, request.query.name)
  end
end

-- Denied where a view has the kind.
for name, kind in pairs {
  ["container.prune"] = "container", ["libpod.container.prune"] = "container",
  ["service.logs"] = "container", ["task.logs"] = "container", ["service.update"] = "container",
  ["service.remove"] = "container", ["node.update"] = "container", ["node.remove"] = "container",
  ["swarm.leave"] = "container", ["swarm.init"] = "container", ["swarm.update"] = "container",
  ["image.prune"] = "image", ["libpod.image.prune"] = "image", ["build.prune"] = "image",
  ["image.export_many"] = "image", ["image.load"] = "image", ["build.grpc"] = "image",
  ["volume.prune"] = "volume", ["libpod.volume.prune"] = "volume",
  ["network.prune"] = "network", ["libpod.network.prune"] = "network",
} do
  rules[name] = function(world, request)
    return world.shown[kind] and deny(request, "it is also about what is not shown") or nil
  end
end

local no = { [""] = true, ["0"] = true, ["false"] = true }

-- Parameters that make an operation one about others.
for name, keys in pairs {
  ["container.start"] = { "checkpoint-dir" }, ["container.restart"] = {},
  ["checkpoint.list"] = { "dir" }, ["checkpoint.remove"] = { "dir" },
  ["libpod.container.remove"] = { "depend" }, ["libpod.image.remove"] = { "force" },
  ["libpod.network.remove"] = { "force" }, ["libpod.volume.remove"] = { "force" },
} do
  rules[name] = function(world, request)
    for _, key in ipairs(keys) do
      if world.shown.container and not no[request.query[key] or ""] then
        return deny(request, key .. " is also about what is not shown")
      end
    end
    return places.at(name, "state") and view_bodies.start(world, request) or nil
  end
end

rules["checkpoint.create"] = function(world, request)
  return world.shown.container and deny(request, "its directory may be anywhere") or nil
end

-- Families that have nothing to do with containers, but for the rules above.
local free = {
  build = true, config = true, distribution = true, image = true, network = true, node = true,
  plugin = true, secret = true, service = true, swarm = true, volume = true,
}
-- Operations of other families.
local harmless = {
  ["system.ping"] = true, ["system.version"] = true, ["system.auth"] = true, ["system.options"] = true,
  ["libpod.system.ping"] = true, ["libpod.system.version"] = true,
}

-- Not of libpod, but for what names an object in its path or has a rule: pods and what is played from YAML
-- are containers, too.
local function passes(operation)
  return harmless[operation] or free[operations.family(operation)] == true
end

-- What the path names must exist. A reference that to the engine means what does not, or several, may be
-- the beginning of the only id that exists; unless a policy has judged what the engine took it for.
local function check_target(world, request)
  local kind, reference = target.named(request)
  if not kind then
    return nil
  end
  local is_new = not target.is_found(request)
  if places.target(request.operation).held == "name" then
    reservations.use(request, kind, reference)
  end
  local object = world_type.unless_ambiguous(function() return request.target end)
  if object and world:has(object, object.kind, true) then
    return nil
  end
  local hint = object and "it exists; the policy would have to show it" or nil -- for the log only
  local id = kind == "container" and world.shown.container and is_new and world:by_prefix(reference)
    or kind == "network" and world.shown.network and is_new and not object and world:find_network(reference)
  object = id and target.choose(request, id)
  local is_shown = object and world:has(object, object.kind, true)
  return not is_shown and core.ruling("hide", 404, nil, nil, hint) or nil
end

-- Keys of queries that rules look at, and those that name objects. Podman finds them whatever their case, as
-- Go's EqualFold does.
local keys = {}
for key in string.gmatch("all checkpoint-dir depend dir filters force last limit manifests", "%S+") do
  keys[json.fold(key)] = key
end
for _, row in ipairs(places.from "query") do
  keys[json.fold(row.key)] = row.key
end

local function check_query(request)
  for key in pairs(request.query) do
    local meant = keys[json.fold(key)]
    if meant and meant ~= key then
      return core.ruling("deny", 400, string.format("query: '%s' may be read as '%s'; write it", key, meant))
    end
  end
end

--- What a view makes of a request: a refusal, or what has to be done to the answer. Waits for the engine.
---@param request moonward.Request
---@param shown table<string, fun(object: table, kind: string): any>
---@return moonward.Verdict? refusal
---@return table? part for changes.lua
function view.judge(request, shown)
  local operation = request.operation
  if not operation then
    return deny(request, "nobody knows what it is about")
  end
  local world, part = world_type.new(shown), {}
  local rule, has_target = rules[operation], target.is_known(operation)
  if not rule and not has_target and not passes(operation) then
    return deny(request, "it may be about what is not shown")
  end
  local refusal = check_query(request) or has_target and check_target(world, request) or nil
  if not refusal and rule then
    refusal = rule(world, request, part)
  end
  if refusal then
    return refusal
  elseif not harmless[operation] then
    local object = has_target and request.target or nil
    local ids = { part.endpoint }
    ids[#ids + 1] = object and object.kind ~= "volume" and object.id or nil
    part.errors = scrub.edit(request, ids)
  end
  return nil, part
end

for name in pairs(rules) do
  assert(operations.names[name], name)
end

return view
