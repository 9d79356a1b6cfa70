--- Objects that a request names outside its path: networks and volumes that a container joins, containers
--- whose volumes or namespaces it takes. moonward.create finds the place, the engine says what is meant.
local target = require "moonward.host.target"

local references = {}

-- Kind of object by power, and what of its value is the reference.
local kinds = {
  network = { "network", "^(.+)$" },
  volume = { "volume", "^(.+)$" },
  ["volumes-from"] = { "container", "^([^:]+)" }, -- "name:ro"
  ["joined-namespace"] = { "container", "^[^:]+:(.+)$" }, -- "net:name"
}

--- The object that a power is about; nil if it is about none, or none that exists. Waits for the engine.
---@param power moonward.Power
---@return moonward.Container|moonward.NetworkObject|moonward.Volume|nil
function references.object(power)
  local entry = kinds[power.power]
  local reference = entry and string.match(power.value, entry[2])
  return reference and target.look_up(entry[1], reference) or nil
end

return references
