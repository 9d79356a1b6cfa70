--- Which policies that ship allow what one of them denies, with the options that they have by themselves: for
--- `moonward explain`.
local client = require "moonward.command.client"

local alternatives = {}

local MOST = 8 -- that are named
local HOST_POWER = 4 -- with the right fields it takes over the host: nobody is sent to a policy for that

local function shipped(tools)
  local names = {}
  for _, file in ipairs(tools.bundle()) do
    local name = string.match(file, "^policies/([^/]+)%.lua$")
    if name then
      names[#names + 1], names[name] = name, true
    end
  end
  return names
end

-- Where the engine is, as an option.
local function engine_option(engine)
  return engine.unix and "-upstream=unix://" .. engine.path or "-upstream=tcp://" .. engine.address
end

local function allows(tools, name, engine, request, painted)
  local allowed = false
  if tools.open(2, { "-policy=" .. name, engine }, {}) then
    allowed = client.ask(tools, 2, request, painted).allowed
    tools.close(2)
  end
  return allowed
end

--- Their names, as text; nil where there is something better to say: an option would allow it, nobody knows
--- the route, it can take over the host, or the policy is none that ships.
---@param tools table
---@param request table as of client.ask()
---@param painted table as of client.paint()
---@param answer table what set-up 1 has said
---@return string?
function alternatives.find(tools, request, painted, answer)
  local names, setup = shipped(tools), tools.describe(1)
  if answer.refused or answer.allowed or answer.failed or answer.hint ~= "" or answer.operation == ""
    or answer.power >= HOST_POWER or not names[answer.policy] then
    return nil
  end
  local found, count = {}, 0
  for _, name in ipairs(names) do
    if name ~= answer.policy and allows(tools, name, engine_option(setup.engine), request, painted) then
      count = count + 1
      found[#found + 1] = count <= MOST and name or nil
    end
  end
  local rest = count > MOST and " and " .. count - MOST .. " others" or ""
  return count > 0 and table.concat(found, ", ") .. rest or nil
end

return alternatives
