--- The powers that a policy of moonward.client lets through: those of its `powers`, of its options, and what
--- only brings together the client's own objects.
local json = require "moonward.json"
local power_rules = require "moonward.power_rules"
local references = require "moonward.references"

local client_powers = {}

local function member(value, key)
  if type(value) == "table" and value ~= json.null then
    return value[key]
  end
end

-- The volume that the engine makes for a mount that names none there is: with the labels that are written
-- there; a bind can give it none.
local function new_volume(power, request)
  local object = { kind = "volume", name = power.value, labels = {} }
  local at = string.match(power.where, "^HostConfig%.Mounts%[(%d+)%]%.Source$")
  if at then
    local mount = member(member(member(request.json, "HostConfig"), "Mounts"), math.tointeger(tonumber(at)))
    local labels = member(member(mount, "VolumeOptions"), "Labels")
    object.labels = type(labels) == "table" and labels ~= json.null and labels or {}
  end
  return object
end

--- A function that says why a request is refused; see moonward.power_rules.read.
---@param description moonward.client.Description
---@param options table their values
---@param is_set fun(options: table, option: moonward.client.Option): boolean
---@return fun(request: moonward.Request): string?, table?
function client_powers.read(description, options, is_set)
  if description.powers == false then
    return function() end
  end
  local entries, option = { table.unpack(description.powers or {}) }, nil
  for _, one in ipairs(description.options or {}) do
    local value = options[one.name]
    if one.powers == true then
      option = one.name
      table.move(value, 1, #value, #entries + 1, entries)
    elseif one.powers and is_set(options, one) then
      local added = one.powers(value)
      table.move(added, 1, #added, #entries + 1, entries)
    end
  end
  return power_rules.read(entries, option, function(power, allows, known, request)
    local asks = description.own or power.power == "network"
    local object = asks and references.object(power, known) or nil
    if not object and description.makes and power.power == "volume" then
      return description.makes(new_volume(power, request), options)
    end
    return object ~= nil
      and (description.own and description.own(object, options)
        or references.is_allowed(power, object, allows))
  end)
end

return client_powers
