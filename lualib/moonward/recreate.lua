--- What it would take to make a container anew: programs such as Watchtower inspect it, take it away, and
--- create another with the same configuration. A policy that would deny the create, or what comes after it,
--- had better deny what comes before, so that nobody is left with neither.
local engine = require "moonward.host.engine"
local items = require "moonward.host.items"
local json = require "moonward.json"
local power_rules = require "moonward.power_rules"
local references = require "moonward.references"
local reply = require "moonward.reply"
local target = require "moonward.host.target"

local recreate = {}

local function none()
  return {}
end

local function copy_of(object)
  local copy = {}
  for key, value in pairs(object or {}) do
    copy[key] = value
  end
  return copy
end

-- What Watchtower writes of the labels: those that the image brings are left out.
local function labels_without(labels, image)
  local rest = {}
  for key, value in pairs(labels) do
    if not image or image.labels[key] ~= value then
      rest[key] = value
    end
  end
  return rest
end

-- The body of a create that makes it anew. The networks that it is on stand as a create names them, and a
-- connect.
local function body_of(inspect)
  local body, settings = copy_of(inspect.Config), inspect.NetworkSettings
  local image = type(inspect.Image) == "string" and target.look_up("image", inspect.Image)
  body.Labels = labels_without(reply.table(body.Labels), image)
  body.HostConfig = inspect.HostConfig
  body.NetworkingConfig = { EndpointsConfig = settings and settings.Networks or nil }
  return body
end

-- Some write the id that an inspect shows of the container whose network it is in, others its name.
local function with_name_of_network(body)
  local id = string.match(body.HostConfig.NetworkMode or "", "^container:(.+)$")
  local other = id and target.look_up("container", id)
  if other then
    local copy = copy_of(body)
    copy.HostConfig = copy_of(body.HostConfig)
    copy.HostConfig.NetworkMode = "container:/" .. other.name
    return copy
  end
end

local function request_of(body, version)
  return {
    method = "POST", path = "/containers/create", operation = "container.create", query = {}, values = none,
    has_body = true, body = "-", json = body, version = version,
  }
end

--- The creates that would make a container anew, in the ways that programs write them, as moonward.create and
--- moonward.power_rules read one; nil if the container is gone. Waits for the engine.
---@param container { id: string, name: string }
---@param version? string of the API that the client speaks
---@return table[]? requests
function recreate.requests(container, version)
  local status, text = engine.get("/containers/" .. container.id .. "/json")
  if status ~= 200 then
    return nil
  end
  local inspect, message = json.decode(text)
  if message then
    error("the engine's answer about the container " .. container.name .. ": " .. message, 0)
  end
  local body = body_of(inspect)
  local other = with_name_of_network(body)
  return { request_of(body, version), other and request_of(other, version) }
end

--- The powers that ordinary containers have, those of the engine's defaults among them: other containers,
--- ports and volumes may be in reach, but not the host.
recreate.usual = power_rules.ordinary

--- Reads the powers that an operator lists (moonward.power_rules), in the options client.commonpower() and
--- client.allowpower(); a network may be named by its id.
---@param options { commonpower: string[], allowpower: string[] }
---@return fun(request: table): string?, table?
function recreate.rules(options)
  local entries = { table.unpack(options.commonpower) }
  table.move(options.allowpower, 1, #options.allowpower, #entries + 1, entries)
  return power_rules.read(entries, "allowpower", function(power, allows, known)
    local network = power.power == "network" and references.object(power, known)
    return network and references.is_allowed(power, network, allows)
  end)
end

--- Why a container could not be made anew; nil if it could, or is gone. Waits for the engine.
---@param container { id: string, name: string }
---@param refusal_of fun(create: table): string?, table? why such a create is refused; rules() makes one
---@param version? string of the API that the client speaks
---@return string?
---@return table? more with the hint, as in moonward.deny
---@return boolean? is_gone
function recreate.refusal(container, refusal_of, version)
  local creates = recreate.requests(container, version)
  for _, create in ipairs(creates or {}) do
    local reason, more = refusal_of(create)
    if reason then
      return container.name .. " could not be made anew; " .. reason, more
    end
  end
  return nil, nil, creates == nil
end

-- Calls with each container that the engine lists, as it comes. One that is too long to be read is left out,
-- as it is from what clients are shown: they do not make anew what they do not see.
local function each_container(look)
  local read = items.reader "container"
  local function take(text) look(read(text)) end
  local status = engine.each("/containers/json?all=1", "", take, function() end)
  if status ~= 200 then
    error("the engine's list of containers cannot be had", 0)
  end
end

-- The id of the container whose network one of a list is in.
local function network_of(item)
  return string.match(reply.text(reply.table(item.HostConfig).NetworkMode) or "", "^container:(.+)$")
end

--- The containers in the network of another: they lose it with that one, so they have to be made anew too.
--- Waits for the engine.
---@param id string of the other
---@param is_known? fun(container: table): any which of them count; all if there is none
---@return { id: string, name: string }[]
function recreate.guests(id, is_known)
  local guests = {}
  each_container(function(item)
    if network_of(item) == id and (not is_known or is_known(item)) then
      guests[#guests + 1] = { id = item.id, name = item.name }
    end
  end)
  return guests
end

-- Whatever is wrong with one container (a configuration that cannot be read, a name that nobody can be asked
-- for) is a refusal of that one, and not the end of a list: whoever makes containers chooses what is in it.
local function refusal_in_list(container, refusal_of, version)
  local ok, refusal, more, is_gone = pcall(recreate.refusal, container, refusal_of, version)
  if not ok then
    return container.name .. " could not be made anew; " .. tostring(refusal)
  end
  return refusal, more, is_gone
end

--- The containers that could be made anew, by id, and their guests with them: what a list may show, since
--- what is shown is taken away next. Each is asked about, so it costs a question to the engine for each.
---@param is_known fun(container: table): any whether it may be shown at all; it is not asked about if not
---@param refusal_of fun(create: table): string?, table?
---@param version? string
---@return table<string, boolean>
---@return table<string, string> refusals by id, with what would allow it
function recreate.renewable(is_known, refusal_of, version)
  local found, refusals, list = {}, {}, {}
  each_container(function(item)
    list[#list + 1] = {
      id = item.id, name = item.name, host = network_of(item), is_known = is_known(item) and true or false,
    }
  end)
  for _, container in ipairs(list) do
    if container.is_known then
      local refusal, more, is_gone = refusal_in_list(container, refusal_of, version)
      found[container.id] = refusal == nil and not is_gone
      local hint = more and more.hint and "; allowed by " .. more.hint or ""
      refusals[container.id] = refusal and refusal .. hint
    end
  end
  for _, container in ipairs(list) do
    local host = container.host
    if host and refusals[container.id] and found[host] then
      found[host], refusals[host] = false, "another is in its network; " .. refusals[container.id]
    end
  end
  return found, refusals
end

--- For a policy of a program that updates containers in this way: `start`, and a `when`, which holds where
--- the container could be made anew, or is not there.
---@return { start: fun(options: { commonpower: string[], allowpower: string[] }), may: moonward.client.When }
function recreate.renewer()
  local refusal_of
  return {
    start = function(options)
      refusal_of = recreate.rules(options)
    end,
    may = function(request)
      if not request.target then
        return true -- and the answer is 404
      end
      local refusal, more = recreate.refusal(request.target, refusal_of, request.version)
      return refusal == nil, refusal, more
    end,
  }
end

return recreate
