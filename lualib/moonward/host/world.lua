--- What exists in a view: the objects of each kind for which its predicate holds, as the engine lists
--- them when somebody asks. For what cannot be judged by itself: members of networks, counts.
---
--- A list is looked at as it comes (engine.each), and of each element a few words are kept: who makes objects
--- chooses how much an engine says of them, and that must not be the end of everybody's questions.
local engine = require "moonward.host.engine"
local items = require "moonward.host.items"
local reply = require "moonward.reply"
local results = require "moonward.host.results"
local target = require "moonward.host.target"

local world = {}

--- What is kept of an element of a list.
---@class moonward.Listed
---@field id? string
---@field name? string
---@field state? string of a container
---@field image? string of a container: the image's id
---@field volumes? table<string, boolean> of a container: a set of names

---@class moonward.World
---@field shown table<string, fun(object: table, kind: string): any> by kind
---@field lists table<string, moonward.Listed[]> those that exist
---@field hidden table<string, string[]> ids of those that the engine has as well
---@field unknown table<string, integer> how many of those there are of which not even the id can be read
---@field networks table<string, string|false> ids by reference, of those that were asked for
local World = {}
World.__index = World

local sources = {
  container = { "/containers/json?all=1", "" },
  image = { "/images/json", "" },
  network = { "/networks", "" },
  volume = { "/volumes", "Volumes" },
}

-- How an element begins that is too long to be read: what the engine writes before anything that a client
-- could have chosen. A name of a network is none of an id.
local beginnings = {
  container = '^{"Id":"(%x+)"',
  network = '^{"Name":"[^"\\]*","Id":"(%x+)"',
}

---@param shown table<string, fun(object: table, kind: string): any>
---@return moonward.World
function world.new(shown)
  return setmetatable({
    shown = shown, lists = {}, hidden = {}, unknown = {}, sets = {}, networks = {},
  }, World)
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

-- The volumes that a container uses, as a set of names; nil if there are none.
local function volumes_of(container)
  local volumes
  for _, mount in ipairs(reply.table(container.Mounts)) do
    local name = reply.text(reply.table(mount).Name)
    if name then
      volumes = volumes or {}
      volumes[name] = true
    end
  end
  return volumes
end

local function listed(object, kind)
  local is_container = kind == "container"
  return {
    id = kind ~= "volume" and object.id or nil, name = kind ~= "image" and object.name or nil,
    state = is_container and object.state or nil, image = is_container and reply.text(object.ImageID) or nil,
    volumes = is_container and volumes_of(object) or nil,
  }
end

-- Reads the list of a kind anew; 'look' is called with each element as well, and whether it exists.
function World:read(kind, look)
  local source, read, list, hidden, unknown = sources[kind], items.reader(kind), {}, {}, 0
  local beginning = beginnings[kind]
  local status = engine.each(source[1], source[2], function(text)
    local object = read(text)
    if type(object) ~= "table" and type(object) ~= "userdata" then
      error(string.format("the engine's answer to %s lists what is no object", source[1]), 0)
    end
    local exists = self:has(object, kind)
    if exists then
      list[#list + 1] = listed(object, kind)
    elseif kind ~= "volume" then
      hidden[#hidden + 1] = object.id
    end
    if look then
      look(object, exists)
    end
  end, function(start)
    local id = beginning and string.match(start, beginning)
    hidden[#hidden + 1] = id
    unknown = unknown + (id and 0 or 1)
  end)
  if status ~= 200 then
    error(string.format("the engine answers %d to %s", status, source[1]), 0)
  end
  self.lists[kind], self.hidden[kind], self.unknown[kind] = list, hidden, unknown
end

--- The objects of a kind that exist, without those that are too long to be read. Waits for the engine, the
--- first time.
---@param kind "container"|"image"|"network"|"volume"
---@return moonward.Listed[]
function World:list(kind)
  if not self.lists[kind] then
    self:read(kind)
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
      set[(kind == "volume" and object.name or object.id) or ""] = true
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
--- would find that one. An object whose id cannot be read may have any.
---@param kind "container"|"network"
---@param reference string
---@return boolean
function World:hides(kind, reference)
  if string.find(reference, "^%x+$") then
    self:list(kind)
    for _, id in ipairs(self.hidden[kind]) do
      if string.sub(id, 1, #reference) == reference then
        return true
      end
    end
    return self.unknown[kind] > 0
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

-- Bytes of labels that are kept for a stream: of containers that exist, and of others. Those come last, so
-- that whoever makes many takes nobody's place.
local LABELS_MAX, OTHER_LABELS_MAX = 4 << 20, 1 << 20

-- A copy, since what was read holds more; nil if it is longer than 'most'.
local function copy_labels(labels, most)
  local copy, size = {}, 0
  for key, value in pairs(labels) do
    size = size + #key + #value
    if size > most then
      return nil, 0
    end
    copy[key] = value
  end
  return copy, size
end

--- The labels of each container of the engine, by id; false for one whose labels are more than can be kept.
--- Waits for the engine.
---@return table<string, table<string, string>|false>
function World:labels()
  local labels, left, left_of_others = {}, LABELS_MAX, OTHER_LABELS_MAX
  self:read("container", function(container, exists)
    local copy, size = copy_labels(container.labels, exists and left or left_of_others)
    labels[container.id or ""] = copy or false
    if exists then
      left = left - size
    else
      left_of_others = left_of_others - size
    end
  end)
  for _, id in ipairs(self.hidden.container) do -- those that cannot be read among them
    labels[id] = labels[id] or false
  end
  return labels
end

--- Lets go of the lists, for streams: what lasts is small. They are asked for anew when they are needed.
function World:forget()
  self.lists, self.hidden, self.unknown = {}, {}, {}
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
    local image = container.image or ""
    images[image] = (images[image] or 0) + 1
    for name in pairs(container.volumes or {}) do
      volumes[name] = (volumes[name] or 0) + 1
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
