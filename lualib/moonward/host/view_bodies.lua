--- Containers that bodies and queries refer to, in a view: each must exist in it, and is named by its id
--- in what goes on.
local body = require "moonward.host.body"
local core = require "moonward.core"
local create = require "moonward.create"
local json = require "moonward.json"
local mounts = require "moonward.mounts"
local target = require "moonward.host.target"
local world_type = require "moonward.host.world"

local view_bodies = {}

local function is_object(value)
  return type(value) == "table" and value ~= json.null
end

local function hide(status, ...)
  error(core.ruling("hide", status, string.format(...)))
end

local function deny(why)
  error(core.ruling("deny", 403, why))
end

-- The full id of the container that a reference means; the engine's words if it is not in the world. To
-- docker a 404 of container.create is a missing image, which it would pull.
local function id_of(world, reference, status)
  return world:find(reference) or hide(status or 400, "No such container: %s", reference)
end

--- A name that is taken by what is not in the world: the engine would say by whom.
---@param world moonward.World
---@param name? string
function view_bodies.check_name(world, name)
  name = name and string.gsub(name, "^/", "") or ""
  local object = name ~= "" and world_type.unless_ambiguous(function()
    return target.look_up("container", name)
  end)
  if object and object.name == name and not world:has(object, "container") then
    local words = string.format('Conflict. The container name "/%s" is already in use.', name)
    error(core.ruling("hide", 409, words))
  end
end

local joined = { "NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "Cgroup" }

-- Of each entry "name" or "name:rest".
local function rename_each(list, rename)
  for i, text in ipairs(type(list) == "table" and list ~= json.null and list or {}) do
    list[i] = rename(string.match(tostring(text), "^([^:]*)(.*)$"))
  end
end

local function name_by_id(world, host)
  for _, field in ipairs(joined) do
    local text = host[field]
    if type(text) == "string" and string.sub(text, 1, 10) == "container:" then
      host[field] = "container:" .. id_of(world, string.sub(text, 11))
    end
  end
  rename_each(host.VolumesFrom, function(name, rest)
    return id_of(world, name) .. rest
  end)
  -- "db" is short for "db:db"; the engine itself writes "/db:/web/alias", and reads that as "db:alias".
  rename_each(host.Links, function(name, rest)
    local path = string.match(name, "^/") and "^:.*/([^/]*)$" or "^:(.*)$"
    return id_of(world, name) .. ":" .. (string.match(rest, path) or string.match(rest, "^:(.*)$") or name)
  end)
end

-- Powers that name a container, and where in their value it stands.
local naming = { ["joined-namespace"] = ":(.+)$", ["volumes-from"] = "^([^:]+)", link = "^([^:]+)" }
-- Kinds of other objects by power.
local others = { network = "network", volume = "volume" }
-- The engine would make a volume that is not there, without a stamp or a label: so clients have to.
local words = {
  network = "network %s not found",
  volume = "get %s: no such volume; create it first, with docker volume create",
}

--- What is left after that: places that only moonward.create knows must name a container by its id, but for
--- links of an endpoint, which are names to the network; and networks and volumes must be of the world.
local function check_powers(world, request)
  for _, power in ipairs(create.powers(request)) do
    local name = naming[power.power] and string.match(power.value, naming[power.power])
    local kind = others[power.power]
    if power.power == "joined-namespace" and not name and world.shown.container then
      deny(power.where .. " may be of what is not shown")
    elseif name and world.shown.container and id_of(world, name) ~= name and power.power ~= "link" then
      deny(power.where .. " names container " .. name .. "; in a view its full id has to stand there")
    elseif kind and world.shown[kind] then
      local object = target.look_up(kind, power.value)
      if not object or not world:has(object, kind) then
        hide(400, words[kind], power.value)
      elseif kind == "network" and object.id ~= power.value and world:hides(kind, power.value) then
        hide(400, "network %s has to be named by its full id: another's begins so", power.value)
      end
    end
  end
end

-- An image that exists in the world, under a name that is no other's.
local function name_of_image(world, reference)
  local image = target.look_up("image", reference)
  if not image or not world:has(image, "image") then
    hide(404, "No such image: %s", reference)
  end
  return target.unmistakable(reference, image)
end

-- Where bodies name the image that a container is made of: the object, and its field.
local function image_of(operation, value)
  if operation == "container.create" then
    return value, "Image"
  elseif operation == "libpod.container.create" then
    return value, "image"
  elseif operation == "service.create" then
    local template = is_object(value.TaskTemplate) and value.TaskTemplate.ContainerSpec
    return is_object(template) and template or {}, "Image"
  end
end

local function check_images(world, request)
  if request.has_body and image_of(request.operation, {}) then
    body.edit(request, function(value)
      local place, field = image_of(request.operation, is_object(value) and value or {})
      if type(place[field]) == "string" and place[field] ~= "" then
        place[field] = name_of_image(world, place[field])
      end
    end)
  end
  local list = {}
  mounts.all(request, list)
  for _, mount in ipairs(list) do
    if mount.kind == "image" and name_of_image(world, mount.source) ~= mount.source then
      hide(400, "%s: write %s:latest, which is no image's id", mount.where, mount.source)
    end
  end
end

local function is_given(value)
  local is_empty = value == nil or value == json.null or value == ""
  return not is_empty and (type(value) ~= "table" or json.next(value) ~= nil)
end

-- What podman's containers take from others and depend on.
local function check_libpod(world, request)
  for _, name in ipairs { "pod", "devices_from", "dependencyContainers" } do
    if world.shown.container and request.json and is_given(request.json[name]) then
      deny(name .. " may name what is not shown")
    end
  end
end

--- container.create and everything like it.
---@param world moonward.World
---@param request moonward.Request
function view_bodies.create(world, request)
  if request.operation == "container.create" and request.body ~= "" then
    body.edit(request, function(value)
      if is_object(value) and world.shown.container then
        name_by_id(world, value)
        if is_object(value.HostConfig) then
          name_by_id(world, value.HostConfig)
        end
      end
    end)
  elseif request.operation == "libpod.container.create" and request.body ~= "" then
    check_libpod(world, request)
  end
  if world.shown.image then
    check_images(world, request)
  end
  check_powers(world, request)
end

--- container.start: old engines take from its body what a container joins.
---@param world moonward.World
---@param request moonward.Request
---@return moonward.Verdict? refusal
function view_bodies.start(world, request)
  local power = world.shown.container and create.powers(request)[1]
  return power and core.ruling("deny", 403, "container.start cannot be done here with " .. power.where) or nil
end

--- network.connect and network.disconnect: the container is in the body.
---@param world moonward.World
---@param request moonward.Request
---@return string id
function view_bodies.endpoint(world, request)
  local id
  body.edit(request, function(value)
    if type(value) ~= "table" or type(value.Container) ~= "string" then
      error(core.ruling("deny", 400, "the body names no container"))
    end
    id = id_of(world, value.Container, 404)
    value.Container = id
  end)
  return id
end

return view_bodies
