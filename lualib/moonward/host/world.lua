--- What exists in a view: the objects of each kind for which its predicate holds, as the engine lists
--- them when somebody asks. For what cannot be judged by itself: members of networks, counts.
local engine = require "moonward.host.engine"
local items = require "moonward.host.items"
local reply = require "moonward.reply"
local results = require "moonward.host.results"
local target = require "moonward.host.target"

local world = {}

---@class moonward.World
---@field shown table<string, fun(object: table, kind: string): any> by kind
---@field lists table<string, table[]> those that exist
---@field all table<string, table[]> those that the engine has
---@field networks table<string, string|false> ids by reference, of those that were asked for
local World = {}
World.__index = World

local sources = {
  container = { "/containers/json?all=1" },
  image = { "/images/json" },
  network = { "/networks" },
  volume = { "/volumes", "Volumes" },
}

---@param shown table<string, fun(object: table, kind: string): any>
---@return moonward.World
function world.new(shown)
  return setmetatable({ shown = shown, lists = {}, all = {}, sets = {}, networks = {} }, World)
end

--- Whether an object exists in it. Kinds without a predicate exist for all.
---@param object table
---@param kind string
---@param is_inspected? boolean it is no element of a list, whose `image` may be another than it was made of
---@return boolean
function World:has(object, kind, is_inspected)
  local predicate = self.shown[kind]
  return predicate == nil or results.shown(predicate, predicate(object, kind, is_inspected))
end

--- The objects of a kind that exist. Waits for the engine, the first time.
---@param kind "container"|"image"|"network"|"volume"
---@return table[]
function World:list(kind)
  if not self.lists[kind] then
    local source, list, all = sources[kind], {}, {}
    local status, text = engine.get(source[1])
    local given = reply.decode(text)
    if status ~= 200 or type(given) ~= "table" then
      error(string.format("the engine answers %d to %s", status, source[1]), 0)
    end
    for _, object in ipairs(reply.table(source[2] and given[source[2]] or given)) do
      local item = items.wrap(object, kind)
      all[#all + 1] = item
      if self:has(item, kind) then
        list[#list + 1] = item
      end
    end
    self.lists[kind], self.all[kind] = list, all
  end
  return self.lists[kind]
end

--- What they are called by, as a set: ids, names of volumes.
---@param kind "container"|"image"|"network"|"volume"
---@return table<string, boolean>
function World:set(kind)
  if not self.sets[kind] then
    local set = {}
    for _, object in ipairs(self:list(kind)) do
      set[kind == "volume" and object.name or object.id or ""] = true
    end
    self.sets[kind] = set
  end
  return self.sets[kind]
end

-- A prefix that several ids begin with is an error to the engine, and a network's name that several have.
local AMBIGUOUS = {
  "the engine answers [45]%d%d: [Mm]ultiple IDs found", "the engine answers [45]%d%d: .*is ambiguous",
}

local function is_ambiguous(message)
  for _, pattern in ipairs(AMBIGUOUS) do
    if type(message) == "string" and string.find(message, pattern) then
      return true
    end
  end
  return false
end

--- What a call that asks the engine returns; nil if the engine finds several objects.
---@param ask fun(): any
---@return any
function world.unless_ambiguous(ask)
  local ok, object = pcall(ask)
  if not ok and not is_ambiguous(object) then
    error(object, 0)
  end
  return ok and object or nil
end

--- The id of the only container that exists and whose id begins so; nil if there is none, or several.
---@param reference string
---@return string?
function World:by_prefix(reference)
  local found
  if string.find(reference, "^%x+$") and #reference < 64 then
    for _, container in ipairs(self:list "container") do
      if string.sub(container.id, 1, #reference) == reference then
        if found then
          return nil
        end
        found = container.id
      end
    end
  end
  return found
end

--- Whether the id of what does not exist begins so: should the name be taken away in between, then the engine
--- would find that one.
---@param kind "container"|"network"
---@param reference string
---@return boolean
function World:hides(kind, reference)
  if string.find(reference, "^%x+$") then
    local set = self:set(kind)
    for _, object in ipairs(self.all[kind]) do
      if string.sub(object.id or "", 1, #reference) == reference and not set[object.id] then
        return true
      end
    end
  end
  return false
end

--- The id of the container that a reference means; nil if none of that name exists.
---@param reference string
---@return string?
function World:find(reference)
  local object = world.unless_ambiguous(function() return target.look_up("container", reference) end)
  if object and self:has(object, "container", true) then
    return object.id
  end
  return self:by_prefix(reference)
end

--- The id of the network that a reference means; nil if none of that name exists. Of several with one name
--- it is the only one that exists.
---@param reference string
---@return string?
function World:find_network(reference)
  local known = self.networks[reference]
  if known == nil then
    known = self:seek_network(reference) or false
    self.networks[reference] = known
    if known then
      self.networks[known] = known
    end
  end
  return known or nil
end

---@param reference string
---@return string?
function World:seek_network(reference)
  local object = world.unless_ambiguous(function() return target.look_up("network", reference) end)
  if object then
    return self:has(object, "network") and object.id or nil
  end
  local found
  for _, network in ipairs(self:list "network") do
    if network.name == reference then
      if found then
        return nil
      end
      found = network.id
    end
  end
  return found
end

--- The labels of each container of the engine, by id. Waits for the engine, the first time.
---@return table<string, table<string, string>>
function World:labels()
  local labels = {}
  self:list "container"
  for _, container in ipairs(self.all.container) do
    local copy = {} -- what was read holds the whole list
    for key, value in pairs(container.labels) do
      copy[key] = value
    end
    labels[container.id or ""] = copy
  end
  return labels
end

--- Lets go of the lists, for streams: what lasts is small. They are asked for anew when they are needed.
function World:forget()
  self.lists, self.all = {}, {}
end

--- How many containers are in a state.
---@param state string "running"
---@return integer
function World:count(state)
  local count = 0
  for _, container in ipairs(self:list "container") do
    count = count + (container.state == state and 1 or 0)
  end
  return count
end

-- How many containers use each image, by its id, and each volume, by its name.
local function count_users(list)
  local images, volumes = {}, {}
  for _, container in ipairs(list) do
    local used = {}
    images[container.ImageID or ""] = (images[container.ImageID or ""] or 0) + 1
    for _, mount in ipairs(reply.table(container.Mounts)) do
      local name = reply.text(reply.table(mount).Name)
      if name and not used[name] then
        used[name], volumes[name] = true, (volumes[name] or 0) + 1
      end
    end
  end
  return images, volumes
end

--- How many containers use an image, by its id, or a volume, by its name.
---@param id? string
---@param volume? string
---@return integer
function World:users(id, volume)
  if not self.users_of_images then
    self.users_of_images, self.users_of_volumes = count_users(self:list "container")
  end
  return id and self.users_of_images[id] or volume and self.users_of_volumes[volume] or 0
end

return world
