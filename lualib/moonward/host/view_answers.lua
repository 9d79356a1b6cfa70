--- Answers in a view: each function takes the world, the request and the part of changes.lua that it
--- fills in, and returns a refusal or nothing.
local core = require "moonward.core"
local items = require "moonward.host.items"
local json = require "moonward.json"
local places = require "moonward.references.places"
local relations = require "moonward.host.view_relations"
local reply = require "moonward.reply"
local target = require "moonward.host.target"

local view_answers = {}

-- Lists ------------------------------------------------------------------------------------------

-- Values of a filter, whichever way it is written: {"before":["x"]} or {"before":{"x":true}}.
local function values_of(filters, name)
  local given, values = filters[name], {}
  for key, value in pairs(type(given) == "table" and given ~= json.null and given or {}) do
    values[#values + 1] = type(key) == "string" and key or value
  end
  return values
end

-- Whether an object exists in the world.
local exists = {}

function exists.container(world, reference)
  return world:find(reference) ~= nil
end

function exists.image(world, reference)
  local image = target.look_up("image", reference)
  return image ~= nil and world:has(image, "image")
end

-- Keys such as "before" and "since" say of any object whether it exists.
local function check_filters(world, request)
  local text = request.query.filters or ""
  local filters = text ~= "" and json.decode_parameter(text)
  if type(filters) ~= "table" or filters == json.null then
    return text ~= "" and core.ruling("deny", 400, "the filters cannot be read") or nil
  end
  for _, row in ipairs(places.of(request.operation)) do
    local is_seen = row.source == "filters" and row.held == "seen" and world.shown[row.kind]
    for _, reference in ipairs(is_seen and values_of(filters, row.key) or {}) do
      if not exists[row.kind](world, tostring(reference)) then
        return core.ruling("hide", 404, "No such " .. row.kind .. ": " .. tostring(reference))
      end
    end
  end
end

-- A limit counts what is shown. The engine gets one that is never reached, since any makes it list
-- containers that do not run.
local NO_LIMIT = "1000000000"

local function lift_limit(request, part)
  for _, key in ipairs { "limit", "last" } do -- the second is podman's
    local limit = math.tointeger(tonumber(request.query[key])) or 0
    if limit > 0 then
      part.limit = math.min(limit, part.limit or limit)
      part.query = part.query or {}
      part.query[key] = NO_LIMIT
    end
  end
end

---@param world moonward.World
---@param request moonward.Request
---@param part table
---@param kind "container"|"image"|"volume"
function view_answers.list(world, request, part, kind)
  local only = world.shown[kind]
  part.only = only
  if kind == "image" then
    relations.images(world, request, part)
    return only and check_filters(world, request)
  elseif kind == "container" and only then
    lift_limit(request, part)
    relations.list(part, only)
    return check_filters(world, request)
  end
end

-- Networks ---------------------------------------------------------------------------------------

-- A network shows its members, and in a swarm its tasks.
local function without_strangers(world)
  local members = world:set "container"
  return function(value)
    local given = value.Containers or value.containers
    for id in pairs(type(given) == "table" and given ~= json.null and given or {}) do
      if not members[id] then
        given[id] = nil
      end
    end
    value.Services = nil
    value.Status = nil -- how many addresses are taken
  end
end

function view_answers.network(world, _, part)
  part.edit = world.shown.container and without_strangers(world) or nil
end

function view_answers.networks(world, request, part)
  part.only = world.shown.network
  view_answers.network(world, request, part)
end

-- Events -----------------------------------------------------------------------------------------

-- What the engine says of a container's event beside the container's labels, among which it stands.
local own_attributes = {}
for name in string.gmatch([[name image exitCode signal execID execDuration oldName comment imageID imageRef
  containerExitCode podId height width]], "%S+") do
  own_attributes[name] = true
end

-- An event's attributes without what the engine wrote: a filter for a label "name" or "signal" must not
-- take those for labels.
local function labels_of(event)
  local labels = {}
  for key, value in pairs(event.labels) do
    labels[key] = not own_attributes[key] and value or nil
  end
  return labels
end

-- A function of an event: whether its container exists. Labels are those that the engine listed when the
-- stream began, or told when the container was made.
local function judge_of_containers(world)
  if not world.shown.container then
    return function() return true end, nil
  end
  local labels, members = world:labels(), world:set "container"
  world:forget()
  return function(event)
    local id = event.id or ""
    if id == "" or labels[id] == false then
      return false -- a prune, with what all containers took; or one that could not be looked at
    end
    labels[id] = labels[id] or labels_of(event)
    local container = { Id = id, Names = { event.name }, Labels = labels[id], Image = event.image }
    local shown = world:has(items.wrap(container, "container"), "container", true)
    members[id] = shown or nil
    if event.Action == "destroy" then
      labels[id], members[id] = nil, nil
    end
    return shown
  end, members
end

-- Types of events that say nothing of containers.
local others = { builder = true, config = true, daemon = true, node = true, plugin = true, secret = true }

-- Of a network and a volume it is told what happens between them and a container that exists; that
-- they are made and removed says nothing of whose they are.
function view_answers.events(world, _, part)
  local judge = {}
  local members
  judge.container, members = judge_of_containers(world)

  function judge.image(event)
    return world:has(event, "image")
  end

  local function judge_by_container(event, kind)
    local container = reply.table(reply.table(event.Actor).Attributes).container
    if container then
      return not members or members[container] == true
    end
    return world.shown[kind] == nil
  end

  part.only = function(event)
    local kind = reply.text(event.Type)
    if kind == "network" or kind == "volume" then
      return judge_by_container(event, kind)
    elseif judge[kind] then
      return judge[kind](event)
    end
    return others[kind] or kind ~= nil and not members
  end
end

-- Counts -----------------------------------------------------------------------------------------

function view_answers.info(world, _, part)
  if world.shown.container then
    world:list "container" -- now: an answer that comes cannot wait for another
  end
  if world.shown.image then
    world:list "image"
  end
  part.edit = function(value)
    if world.shown.container then
      value.Containers = #world:list "container"
      value.ContainersRunning = world:count "running" + world:count "restarting"
      value.ContainersPaused = world:count "paused"
      value.ContainersStopped = value.Containers - value.ContainersRunning - value.ContainersPaused
      -- Each container that runs has its share of these.
      for _, name in ipairs { "NFd", "NGoroutines", "NEventsListener" } do
        value[name] = value[name] and 0
      end
    end
    if world.shown.image then
      value.Images = #world:list "image"
    end
  end
end

-- The lists of the disk usage by the kind of their elements: old engines have them in the answer itself,
-- those with API 1.52 each in an object with totals.
local usage = {
  container = { path = "ContainerUsage", name = "Id", size = "SizeRw" },
  image = { path = "ImageUsage", name = "Id", size = "Size" },
  volume = { path = "VolumeUsage", name = "Name" },
}

local function is_table(value)
  return type(value) == "table" and value ~= json.null
end

-- What the elements that are shown take together, and how many of them are in use.
local function size_of(row, object)
  local size = row.size and object[row.size] or is_table(object.UsageData) and object.UsageData.Size
  return type(size) == "number" and math.max(size, 0) or 0
end

-- How many containers use what is listed.
local function edit_users(world, object, kind)
  if kind == "image" then
    object.Containers = world:users(object.Id)
    return object.Containers
  elseif kind == "volume" then
    local count = world:users(nil, object.Name)
    if is_table(object.UsageData) then
      object.UsageData.RefCount = count
    end
    return count
  end
  return 0
end

-- Totals of what is left; what the answer does not list is not known, and told as nothing.
local function count_anew(world, value, kind, sum)
  if world.shown[kind] then
    local total = #world:list(kind)
    value.ActiveCount = kind == "container" and world:count "running" or total
    value.TotalCount, value.TotalSize, value.Reclaimable = total, sum.size, 0
  end
  if world.shown.container and kind ~= "container" then
    value.ActiveCount, value.Reclaimable = sum.lists and sum.used or nil, nil
  end
end

function view_answers.usage(world, _, part)
  local sets, sums = {}, {}
  for kind, row in pairs(usage) do
    sums[row.path] = { kind = kind, size = 0, used = 0 }
    sets[kind] = world.shown[kind] and world:set(kind) -- now: an answer that comes cannot wait
  end
  part.only = function(object, kind)
    if kind == "cache" then
      return not world.shown.image
    end
    sums[usage[kind].path].lists = true
    return not sets[kind] or sets[kind][object[usage[kind].name]] == true
  end
  part.edit = function(object, kind)
    local row = usage[kind]
    local sum = row and sums[row.path]
    if sum then
      if kind == "container" and sets.container then
        relations.hide(object)
      end
      sum.size = sum.size + size_of(row, object)
      sum.used = sum.used + (world.shown.container and edit_users(world, object, kind) > 0 and 1 or 0)
    end
  end
  part.rest = function(value, path)
    local sum = sums[path]
    if sum then
      count_anew(world, value, sum.kind, sum)
    elseif world.shown.image and path == "BuildCacheUsage" then
      for name in pairs(value) do
        value[name] = nil
      end
    end
  end
end

return view_answers
