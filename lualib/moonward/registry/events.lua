--- What an event of the engine changes in the registry.
local container = require "moonward.registry.container"
local reply = require "moonward.reply"

local events = {}

local function ended(registry, id)
  registry:silence(id, "exited")
end

local function changed(registry, id)
  registry.questions:touch(id)
  registry.questions:add("container", id)
end

local function paused(state)
  return function(registry, id)
    local record = registry:get(id)
    if record and container.is_live(record) then
      record.state = state
    end
  end
end

-- When its networks were connected it was asked about; and that answer waits for the start.
local function started(registry, id)
  local record, asked = registry:get(id), registry.questions.asked
  if asked and asked.id == id and not asked.touched[id] then
    asked.starts = true
  elseif not record or not container.is_live(record) then
    changed(registry, id)
  end
end

-- died and remove are podman's words.
local of_container = {
  create = changed, rename = changed, start = started, die = ended, died = ended,
  destroy = function(registry, id) registry:remove(id) end,
  remove = function(registry, id) registry:remove(id) end,
  pause = paused "paused", unpause = paused "running",
}

-- Functions of the registry, the network's id, the container's id, and when.
local of_network = {}

function of_network.connect(registry, network_id, id, time)
  if container.is_id(id) then
    registry:connect(id, network_id, time)
    changed(registry, id)
  end
end

function of_network.disconnect(registry, network_id, id)
  if container.is_id(id) then
    registry:leave(id, network_id)
  end
end

function of_network.create(registry)
  registry.questions:add "networks"
end

function of_network.destroy(registry, network_id)
  registry:remove_network(network_id)
end

of_network.remove = of_network.destroy

-- By the engine's clock, in microseconds since 1970; when in doubt, too late.
local function time_of(event)
  if type(event.timeNano) == "number" then
    return event.timeNano // 1000 + 1
  end
  return ((tonumber(event.time) or 0) + 1) * 1000000
end

--- Filters for GET /events: what is understood here, and nothing else.
events.filters = '{"type":["container","network"],"event":["create","start","die","died","destroy","remove",'
  .. '"rename","pause","unpause","connect","disconnect"]}'

--- Takes one event.
---@param registry moonward.Registry
---@param text string
---@return string? message it cannot be read
function events.take(registry, text)
  local event, message = reply.decode(text)
  event = reply.table(event)
  local actor = reply.table(event.Actor)
  local id, action = reply.text(actor.ID), reply.text(event.Action)
  if not id or not action then
    return message or "it does not say what happened, or to what"
  end
  if event.Type == "container" and of_container[action] and container.is_id(id) then
    of_container[action](registry, id)
  elseif event.Type == "network" and of_network[action] then
    of_network[action](registry, id, reply.table(actor.Attributes).container, time_of(event))
  end
end

-- Who acts stands in front of the attributes, which hold labels of any length. Nothing in a text looks
-- like this: a quote in it is written with a backslash.
local ACTOR = '"Type":"container".-"Actor":{"ID":"(%x+)"'
local BEGINNING = 4096

--- Takes the beginning of an event that is too long to be read. Whatever happened to its container: until
--- that has been asked about, it has no addresses.
---@param registry moonward.Registry
---@param start string
---@return string? message it does not say whose it is
---@return boolean? lost
function events.take_long(registry, start)
  local id = string.match(string.sub(start, 1, BEGINNING), ACTOR)
  if not id or not container.is_id(id) then
    return "it is longer than 1 MiB, and does not say whose it is", true
  end
  registry:complain(string.format("an event of container %s is longer than 1 MiB; it is asked about",
    string.sub(id, 1, 12)))
  registry:silence(id, "unknown")
  changed(registry, id)
end

return events
