--- What it would take to make a container anew: programs such as Watchtower inspect it, take it away, and
--- create another with the same configuration. A policy that would deny the create had better deny what
--- comes before.
local engine = require "moonward.host.engine"
local json = require "moonward.json"

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

return recreate
