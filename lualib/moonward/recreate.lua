--- What it would take to make a container anew: programs such as Watchtower inspect it, take it away, and
--- create another with the same configuration. A policy that would deny the create had better deny what
--- comes before.
local engine = require "moonward.host.engine"
local json = require "moonward.json"
local power_rules = require "moonward.power_rules"
local references = require "moonward.references"

local recreate = {}

local function none()
  return {}
end

-- The networks that a container is on, as a create names them.
local function endpoints_of(inspect)
  local settings = inspect.NetworkSettings
  return { EndpointsConfig = settings and settings.Networks or nil }
end

--- The create with the configuration of a container, as moonward.create and moonward.power_rules read one;
--- nil if the container is gone. Waits for the engine.
---@param container moonward.Container
---@return table? request
function recreate.request(container)
  local status, text = engine.get("/containers/" .. container.id .. "/json")
  if status ~= 200 then
    return nil
  end
  local inspect, message = json.decode(text)
  if message then
    error("the engine's answer about the container " .. container.name .. ": " .. message, 0)
  end
  return {
    method = "POST", path = "/containers/create", operation = "container.create", query = {}, values = none,
    has_body = true, body = text,
    json = {
      Labels = container.labels, HostConfig = inspect.HostConfig,
      WorkingDir = inspect.Config and inspect.Config.WorkingDir, NetworkingConfig = endpoints_of(inspect),
    },
  }
end

--- The powers that ordinary containers have, those of the engine's defaults among them: other containers,
--- ports and volumes may be in reach, but not the host.
recreate.usual = "address,alias,dns,extra-host,mac-address,network,port,restart-policy,runtime=runc,ulimit,"
  .. "unmasked-paths=/proc/interrupts,unmasked-paths=/sys/devices/virtual/powercap,volume"

--- Reads the powers that an operator lists (moonward.power_rules); a network may be named by its id.
---@param entries string[]
---@param option string
---@return fun(request: table): string?, table?
function recreate.rules(entries, option)
  return power_rules.read(entries, option, function(power, allows, known)
    local network = power.power == "network" and references.object(power, known)
    return network and references.is_allowed(power, network, allows)
  end)
end

--- Why a container could not be made anew; nil if it could. Waits for the engine.
---@param container moonward.Container
---@param refusal_of fun(request: table): string?, table? as rules() made it
---@return string?
---@return table? more with the hint, as in moonward.deny
function recreate.refusal(container, refusal_of)
  local create = recreate.request(container)
  if not create then
    return nil
  end
  local reason, more = refusal_of(create)
  return reason and container.name .. " could not be made anew; " .. reason, more
end

return recreate
