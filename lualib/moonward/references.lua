--- Objects that a request names outside its path: networks and volumes that a container joins, containers
--- whose volumes or namespaces it takes. moonward.create finds the place, the engine says what is meant.
local held = require "moonward.host.held"
local places = require "moonward.references.places"
local target = require "moonward.host.target"

local references = {}

-- By power: what of its value is the reference. The kind of object says the table of references.
local patterns = {
  network = "^(.+)$", volume = "^(.+)$",
  ["volumes-from"] = "^([^:]+)", -- "name:ro"
  ["joined-namespace"] = "^[^:]+:(.+)$", -- "net:name"
}

--- So many objects may one request name; the engine is asked for each.
references.most = 32

--- The object that a power is about; nil if it is about none, or none that exists. Waits for the engine.
---@param power moonward.Power
---@param known table of this request: an empty one at first, which keeps what was asked
---@return moonward.Container|moonward.NetworkObject|moonward.Volume|nil
function references.object(power, known)
  local pattern = patterns[power.power]
  local reference = pattern and string.match(power.value, pattern)
  if not reference then
    return nil
  end
  local kind = places.of_power(power.power).kind
  local key = kind .. " " .. reference
  if known[key] == nil then
    known.count = (known.count or 0) + 1
    if known.count > references.most then
      error("a request that names more than " .. references.most .. " objects", 0)
    end
    known[key] = target.look_up(kind, reference) or false
  end
  return known[key] or nil
end

--- Whether a network is the host's own, under its name or its id, or the beginning of that. Waits for the
--- engine where it may be an id.
---@param power moonward.Power
---@param known table as in references.object()
---@return boolean
function references.is_host(power, known)
  if power.power ~= "network" then
    return false
  elseif not string.find(power.value, "^%x+$") then
    return power.value == "host"
  end
  local network = references.object(power, known)
  return network ~= nil and (network.name == "host" or network.driver == "host")
end

--- What that is to rules.
---@param power moonward.Power
---@return moonward.Power
function references.as_host(power)
  return { power = "host-namespace", value = "net", where = power.where }
end

--- An edit that holds a body to the objects that it was judged by: containers and networks for which the
--- predicate holds go on by their ids. What was let through by its name stays a name.
---@param request moonward.Request
---@param holds? fun(object: table, options: table): any
---@param options table
---@return (fun(body: table))? edit nil: there is nothing to hold
function references.holder(request, holds, options)
  local function find(kind, reference)
    local object = target.look_up(kind, reference)
    return object and holds(object, options) and object.id or nil
  end
  if not holds or not request.has_body or not held.names_networks(request.operation) then
    return nil
  end
  return function(body)
    held.containers(request.operation, body, function(_, reference)
      return find("container", reference)
    end)
    held.networks(request, body, function(reference)
      return find("network", reference)
    end)
  end
end

local own_networks = { bridge = true, none = true }

--- Whether rules allow a network under its name, where a request names it by its id. The engine's own
--- networks that are no power under their names are none here either.
---@param power moonward.Power
---@param object table as references.object() found it
---@param allows fun(power: moonward.Power): boolean
---@return boolean
function references.is_allowed(power, object, allows)
  if power.power == "network" and object.name == "host" then
    return allows(references.as_host(power))
  end
  return power.power == "network"
    and (own_networks[object.name] or allows { power = "network", value = object.name, where = power.where })
end

return references
