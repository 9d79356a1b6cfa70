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

--- So many objects may one request name; the engine is asked for each.
references.most = 32

--- The object that a power is about; nil if it is about none, or none that exists. Waits for the engine.
---@param power moonward.Power
---@param known table of this request: an empty one at first, which keeps what was asked
---@return moonward.Container|moonward.NetworkObject|moonward.Volume|nil
function references.object(power, known)
  local entry = kinds[power.power]
  local reference = entry and string.match(power.value, entry[2])
  if not reference then
    return nil
  end
  local key = entry[1] .. " " .. reference
  if known[key] == nil then
    known.count = (known.count or 0) + 1
    if known.count > references.most then
      error("a request that names more than " .. references.most .. " objects", 0)
    end
    known[key] = target.look_up(entry[1], reference) or false
  end
  return known[key] or nil
end

local own_networks = { bridge = true, none = true }

--- Whether rules allow a network under its name, where a request names it by its id. The engine's own
--- networks that are no power under their names are none here either.
---@param power moonward.Power
---@param object table as references.object() found it
---@param allows fun(power: moonward.Power): boolean
---@return boolean
function references.is_allowed(power, object, allows)
  return power.power == "network"
    and (own_networks[object.name] or allows { power = "network", value = object.name, where = power.where })
end

return references
