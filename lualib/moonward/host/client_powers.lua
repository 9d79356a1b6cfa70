--- The powers that a policy of moonward.client lets through: those of its `powers`, of its options, and what
--- only brings together the client's own objects.
local power_rules = require "moonward.power_rules"
local references = require "moonward.references"

local client_powers = {}

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
  return power_rules.read(entries, option, function(power, allows, known)
    local asks = description.own or power.power == "network"
    local object = asks and references.object(power, known) or nil
    return object ~= nil
      and (description.own and description.own(object, options)
        or references.is_allowed(power, object, allows))
  end)
end

return client_powers
