--- Containers that bodies and queries refer to, in a view: each must exist in it, and is named by its id
--- in what goes on.
local body = require "moonward.host.body"
local core = require "moonward.core"
local create = require "moonward.create"
local held = require "moonward.host.held"
local json = require "moonward.json"
local mounts = require "moonward.mounts"
local places = require "moonward.references.places"
local reply = require "moonward.reply"
local reservations = require "moonward.host.reservations"
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

-- The id of a network of the world; the engine's words if it is none.
local function network_of(world, reference)
  if not world.shown.network then
    local network = target.look_up("network", reference)
    return network and network.id or hide(400, "network %s not found", reference)
  end
  return world:find_network(reference) or hide(400, "network %s not found", reference)
end

-- What held.lua asks of each reference of the request.
local function finders(world, request)
  local status = string.find(request.operation, "network%.") and 404 or nil
  return function(_, reference)
    return id_of(world, reference, status)
  end, function(reference)
    return network_of(world, reference)
  end
end

local function hold_body(world, request)
  local find_container, find_network = finders(world, request)
  body.edit(request, function(value)
    if is_object(value) and world.shown.container then
      held.containers(request.operation, value, find_container)
    end
    if is_object(value) and world.shown.network then
      held.networks(request, value, find_network)
    end
  end)
end

-- Powers that name a container, and where in their value it stands; and kinds of other objects by power.
local naming, others = {}, {}
local patterns = {
  ["joined-namespace"] = ":(.+)$", ["volumes-from"] = "^([^:]+)", link = "^([^:]+)", network = "^(.+)$",
  volume = "^(.+)$",
}
for power, pattern in pairs(patterns) do
  local row = places.of_power(power)
  if row.kind == "container" then
    naming[power] = pattern
  else
    others[power] = row.kind
  end
end
-- The engine would make a volume that is not there, without a stamp or a label: so clients have to.
local words = "get %s: no such volume; create it first, with docker volume create"

local function check_other(world, request, kind, value)
  if kind == "network" then
    local id = network_of(world, value)
    if id ~= value and world:hides(kind, value) then
      hide(400, "network %s has to be named by its full id: another's begins so", value)
    end
    return
  end
  reservations.use(request, kind, value)
  local object = target.look_up(kind, value)
  if not object or not world:has(object, kind) then
    hide(400, words, value)
  end
end

--- What is left after that: places that only moonward.create knows must name a container by its id, but for
--- links of an endpoint, which are names to the network; and networks and volumes must be of the world.
local function check_powers(world, request, part)
  local is_held = part and part.query or {}
  for _, power in ipairs(create.powers(request)) do
    local name = naming[power.power] and string.match(power.value, naming[power.power])
    local kind = others[power.power]
    if is_held[string.match(power.where, "^query%.(.*)$") or ""] then
      name, kind = nil, nil
    end
    if power.power == "joined-namespace" and not name and world.shown.container then
      deny(power.where .. " may be of what is not shown")
    elseif name and world.shown.container and id_of(world, name) ~= name and power.power ~= "link" then
      deny(power.where .. " names container " .. name .. "; in a view its full id has to stand there")
    elseif kind and world.shown[kind] then
      check_other(world, request, kind, power.value)
    end
  end
end

-- An image that exists in the world, under a name that is no other's.
local function name_of_image(world, request, reference)
  reservations.use(request, "image", reference)
  local image = target.look_up("image", reference)
  if not image or not world:has(image, "image") then
    hide(404, "No such image: %s", reference)
  end
  return target.unmistakable(reference, image), image
end

local function check_images(world, request)
  for _, row in ipairs(request.has_body and places.of(request.operation) or {}) do
    if row.kind == "image" and row.source == "body" and row.held == "name" then
      body.edit(request, function(value)
        held.each(row, value, function(holder, key)
          if type(holder[key]) == "string" and holder[key] ~= "" then
            holder[key] = name_of_image(world, request, holder[key])
          end
        end)
      end)
    end
  end
  local list = {}
  mounts.all(request, list)
  for _, mount in ipairs(list) do
    if mount.kind == "image" and name_of_image(world, request, mount.source) ~= mount.source then
      hide(400, "%s: write %s:latest, which is no image's id", mount.where, mount.source)
    end
  end
end

local function is_given(value)
  local is_empty = value == nil or value == json.null or value == ""
  return not is_empty and (type(value) ~= "table" or json.next(value) ~= nil)
end

-- Pods are made of containers.
local shown_as = { container = "container", image = "image", pod = "container", volume = "volume" }

-- What no power of moonward.create is about, and cannot be held.
local function check_refused(world, request)
  for _, row in ipairs(request.has_body and places.of(request.operation) or {}) do
    local kind = shown_as[row.kind]
    if row.source == "body" and row.held == "refused" and row.form ~= "new" and world.shown[kind or ""] then
      held.each(row, request.json, function(holder, key)
        if is_given(holder[key]) and (not patterns[row.power or ""] or row.kind == "pod") then
          deny(row.key .. " may name what is not shown")
        end
      end)
    end
  end
end

-- Queries ------------------------------------------------------------------------------------------

-- "["a","b"]", as the builder reads it.
local function list_of(text)
  local list = json.decode(text)
  for _, name in ipairs(json.is_array(list) and list or {}) do
    if type(name) ~= "string" then
      return nil
    end
  end
  return json.is_array(list) and list or nil
end

-- The builder looks for these once all of the tar is there, so each goes on by its id.
local function hold_sources(world, request, row)
  local text = request.query[row.key] or ""
  local list = text ~= "" and text ~= "null" and (list_of(text) or deny(row.key .. " is no list of names"))
  for i, name in ipairs(list or {}) do
    local image = select(2, name_of_image(world, request, name))
    list[i] = image.id
  end
  return list and json.encode(list)
end

-- What a build refers to in its query, by the ids that were judged.
local function hold_query(world, request, part)
  local find_container, find_network = finders(world, request)
  for _, row in ipairs(places.of(request.operation)) do
    local value = row.source == "query" and row.held == "id" and request.query[row.key] or ""
    local held_value
    if row.form == "network" and value ~= "" and (world.shown.network or world.shown.container) then
      held_value = held.mode(value, find_network, function(name) return find_container(row, name) end)
    elseif row.form == "list" and world.shown.image then
      held_value = hold_sources(world, request, row)
    end
    if held_value and held_value ~= value then
      part.query = part.query or {}
      part.query[row.key] = held_value
    end
  end
end

--- container.create and everything like it.
---@param world moonward.World
---@param request moonward.Request
---@param part table for changes.lua
function view_bodies.create(world, request, part)
  if request.operation == "container.create" and request.body ~= "" then
    hold_body(world, request)
  end
  check_refused(world, request)
  if world.shown.image then
    check_images(world, request)
  end
  hold_query(world, request, part)
  check_powers(world, request, part)
end

-- Networks that the container shall join once it starts, and that the engine knows by nothing but a name: a
-- container that was not made here may have such.
local function check_state(world, request)
  local given = target.given(request) or {}
  local networks = reply.table(reply.table(given.NetworkSettings).Networks)
  for name, endpoint in pairs(networks) do
    local id = reply.text(reply.table(endpoint).NetworkID) or ""
    if id == "" and held.is_network(name) then
      reservations.use(request, "network", name)
      if not world:find_network(name) then
        hide(404, "network %s not found", name)
      end
    end
  end
end

--- What starts a container. Old engines take from its body what it joins.
---@param world moonward.World
---@param request moonward.Request
---@return moonward.Verdict? refusal
function view_bodies.start(world, request)
  local power = world.shown.container and create.powers(request)[1]
  if power then
    return core.ruling("deny", 403, "container.start cannot be done here with " .. power.where)
  elseif world.shown.network and request.target then
    check_state(world, request)
  end
end

--- network.connect and network.disconnect: the container is in the body, and perhaps another network.
---@param world moonward.World
---@param request moonward.Request
---@return string? id of the container
function view_bodies.endpoint(world, request)
  if world.shown.container or world.shown.network then
    hold_body(world, request)
  end
  local given = request.json
  if world.shown.container and not (is_object(given) and type(given.Container) == "string") then
    error(core.ruling("deny", 400, "the body names no container"))
  end
  check_powers(world, request)
  return world.shown.container and given.Container or nil
end

return view_bodies
