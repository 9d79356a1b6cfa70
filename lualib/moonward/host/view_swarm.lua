--- Services and tasks in a view of containers: a service exists if the containers that it makes do, a task
--- if its container does.
local core = require "moonward.core"
local engine = require "moonward.host.engine"
local items = require "moonward.host.items"
local reply = require "moonward.reply"
local results = require "moonward.host.results"

local swarm = {}

local function judge_of_services(world)
  local shown = world.shown.container
  return function(service)
    local spec = reply.table(service.Spec)
    local container = reply.table(reply.table(spec.TaskTemplate).ContainerSpec)
    local labels = {}
    for key, value in pairs(reply.table(container.Labels)) do
      labels[key] = value
    end
    labels["com.docker.swarm.service.id"] = reply.text(service.ID)
    labels["com.docker.swarm.service.name"] = reply.text(spec.Name)
    return results.shown(shown, shown(items.wrap({
      Id = reply.text(service.ID), Names = { reply.text(spec.Name) }, Labels = labels,
      Image = reply.text(container.Image),
    }, "container"), "container"))
  end
end

local function judge_of_tasks(world)
  local members = world:set "container"
  return function(task)
    local status = reply.table(reply.table(task.Status).ContainerStatus)
    return members[status.ContainerID or ""] == true
  end
end

--- A list of services or tasks.
---@param kind "service"|"task"
---@return fun(world: moonward.World, request: moonward.Request, part: table)
function swarm.list(kind)
  return function(world, _, part)
    if world.shown.container then
      part.only = (kind == "service" and judge_of_services or judge_of_tasks)(world)
    end
  end
end

--- One of them: it is asked for beforehand, so that what is hidden is answered as what does not exist.
---@param kind "service"|"task"
---@return fun(world: moonward.World, request: moonward.Request, part: table): moonward.Verdict?
function swarm.inspect(kind)
  local list = swarm.list(kind)
  return function(world, request, part)
    if not world.shown.container then
      return nil
    end
    list(world, request, part)
    local status, text = engine.get("/" .. kind .. "s/" .. engine.quote(request.id))
    local object = reply.decode(text)
    if status == 404 or status == 200 and not (type(object) == "table" and part.only(object)) then
      return core.ruling("hide", 404, string.format("%s %s not found", kind, request.id))
    end
  end
end

return swarm
