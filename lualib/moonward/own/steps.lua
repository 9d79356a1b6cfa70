--- Which containers with an owner's stamp are steps of builds: their labels are what a Dockerfile says, or
--- the image that it begins with, and so count for nothing. A list does not tell: it calls containers by
--- their image's id, too, that were made by a name which has moved on. Such a one is inspected, once, since
--- what a container was made of stays. Start reading at steps.of().
local engine = require "moonward.host.engine"
local identity = require "moonward.host.identity"
local json = require "moonward.json"
local reply = require "moonward.reply"
local target = require "moonward.host.target"

local steps = {}

local MOST = 10000 -- containers that are remembered

local known, count = {}, 0 -- by id: whether it is a step

local function is_step(id)
  if known[id] == nil then
    local object = target.look_up("container", id)
    if count >= MOST then
      known, count = {}, 0
    end
    known[id], count = object ~= nil and identity.is_of_build(object.image), count + 1
  end
  return known[id]
end

-- Operations whose answers list or count containers.
local lists = { ["container.list"] = true, ["system.df"] = true, ["system.info"] = true }

--- The ids of those that are. Waits for the engine.
---@param request moonward.Request
---@param label string of the stamp
---@param owner string
---@return table<string, boolean>
function steps.of(request, label, owner)
  local found = {}
  if not lists[request.operation] then
    return found
  end
  local filters = json.encode { label = { [label .. "=" .. owner] = true } }
  local candidates = {}
  local status = engine.each("/containers/json?all=1&filters=" .. engine.quote(filters), "", function(text)
    local one = reply.table(reply.decode(text))
    local id, image = reply.text(one.Id), reply.text(one.Image)
    if id and image and identity.is_of_build(image) then
      candidates[#candidates + 1] = id
    end
  end, function(start)
    local id = string.match(start, '^{"Id":"(%x+)"')
    if id then
      found[id] = true -- what cannot be read counts as hidden
    end
  end)
  if status ~= 200 then
    error(string.format("the engine answers %d to a list of containers", status), 0)
  end
  for _, id in ipairs(candidates) do
    found[id] = is_step(id)
  end
  return found
end

return steps
