--- Which powers over the host a policy lets through: entries "bind=/srv", "capability=NET_*", "port=8080"
--- or "privileged", as policies/no-host-power.lua describes them, read once and then asked per request.
---
---   local refusal_of = power_rules.read({ "bind=/srv", "volume" }, "allowpower")
---   local reason, more = refusal_of(request)     -- nil: it asks for nothing else
---   if reason then return moonward.deny(reason, more) end
local buildkit = require "moonward.buildkit"
local create = require "moonward.create"
local glob = require "moonward.glob"
local lpeg = require "lpeg"
local nearest = require "moonward.nearest"
local paths = require "moonward.paths"
local ps_args = require "moonward.ps_args"

local power_rules = {}

-- The host's own network counts as that, also where it is named by its id. Only a network has to be asked
-- for, so rules can be read where there is no engine.
local function as_host(power, learnt)
  local references = require "moonward.references"
  return references.is_host(power, learnt) and references.as_host(power) or power
end

local known, candidates = {}, {}
for i, entry in ipairs(create.list) do
  known[entry.power], candidates[i] = entry, entry.power
end
candidates[#candidates + 1] = "ordinary"

--- What an ordinary `docker run` asks for, and a container of a compose file, as one entry: "ordinary" stands
--- for this list. Other containers, ports and volumes may be in reach, but not the host.
power_rules.ordinary = "address,alias,dns,extra-host,mac-address,network,port,restart-policy,runtime=runc,"
  .. "ulimit,unmasked-paths=/proc/interrupts,unmasked-paths=/sys/devices/virtual/powercap,volume"

-- Ports ----------------------------------------------------------------------------------------

-- "[address:]first[-last]" or "[address:]*"
local number = lpeg.R "09" ^ 1 / tonumber
local address = lpeg.C(lpeg.P "[" * (1 - lpeg.P "]") ^ 1 * "]" + (1 - lpeg.S ":[") ^ 1)
local range = lpeg.P "*" * lpeg.Cg(lpeg.Cc(true), "any")
  + lpeg.Cg(number, "first") * ("-" * lpeg.Cg(number, "last")) ^ -1
local port_range = lpeg.Ct((lpeg.Cg(address, "address") * ":") ^ -1 * range * -1)

local function read_ports(text)
  local ports = lpeg.match(port_range, text)
  if ports and not ports.any then
    ports.last = ports.last or ports.first
  end
  return ports
end

local function port_matcher(pattern)
  local allow = read_ports(pattern)
  if not allow then
    return nil, "expected [address:]port, [address:]first-last or [address:]*"
  end
  return function(value)
    local asked = read_ports(value)
    return asked ~= nil and (not allow.address or allow.address == asked.address)
      and (allow.any or not asked.any and allow.first <= asked.first and asked.last <= allow.last)
  end
end

-- Rules ----------------------------------------------------------------------------------------

local matchers = { text = glob.try, port = port_matcher }

function matchers.path(pattern)
  if not paths.is_absolute(pattern) then
    return nil, "expected a directory that begins with /"
  end
  return function(value)
    return paths.is_below(value, pattern)
  end
end

function matchers.capability(pattern)
  pattern = string.upper(pattern)
  return glob.try(string.sub(pattern, 1, 4) == "CAP_" and string.sub(pattern, 5) or pattern)
end

function matchers.flag()
  return nil, "this power takes no pattern"
end

local entry_parts = lpeg.C((1 - lpeg.P "=") ^ 0) * ("=" * lpeg.C(lpeg.P(1) ^ 0)) ^ -1

local function add_rule(allowed, text, option)
  local name, pattern = lpeg.match(entry_parts, text)
  local entry = known[name]
  if name == "ordinary" then
    if pattern then
      error(option .. ": '" .. text .. "': it is a list of powers and takes no pattern", 0)
    end
    for _, one in ipairs(paths.list(power_rules.ordinary)) do
      add_rule(allowed, one, option)
    end
    return
  end
  if not entry then
    error(option .. ": unknown power '" .. name .. "'" .. nearest.hint(name, candidates), 0)
  elseif entry.takes == "never" then
    error(option .. ": '" .. name .. "' cannot be let through, since nobody knows what was asked for", 0)
  end
  local matches = function() return true end
  if pattern then
    local message
    matches, message = matchers[entry.takes](pattern)
    if not matches then
      error(option .. ": '" .. text .. "': " .. message, 0)
    end
  end
  local rules = allowed[name] or {}
  rules[#rules + 1] = matches
  allowed[name] = rules
end

-- Denials --------------------------------------------------------------------------------------

local longest_value = 80

-- The beginning of a long value, cut between characters.
local function short(value)
  if #value <= longest_value then
    return value
  end
  local stop = longest_value
  while stop > 0 and (string.byte(value, stop + 1) & 0xc0) == 0x80 do
    stop = stop - 1
  end
  return string.sub(value, 1, stop) .. "..."
end

local function describe(power)
  return power.power .. (power.value ~= "" and " " .. short(power.value) or "") .. " (" .. power.where .. ")"
end

-- What would let it through; a value that would mean more as a pattern is left out.
local plain = (1 - lpeg.S ",*?[]\\") ^ 1 * -1

local function hint_for(power, option)
  local takes = known[power.power].takes
  if takes == "never" then
    return nil
  end
  local with_value = takes ~= "flag" and #power.value <= longest_value and lpeg.match(plain, power.value)
    and (takes ~= "path" or paths.is_absolute(power.value))
  return "-" .. option .. "=" .. power.power .. (with_value and "=" .. power.value or "")
end

local function is_allowed(allowed, power)
  for _, matches in ipairs(allowed[power.power] or {}) do
    if matches(power.value) then
      return true
    end
  end
  return false
end

---@alias moonward.power_rules.Allows fun(power: moonward.Power): boolean
---@alias moonward.power_rules.Else
---| fun(power: moonward.Power, allows: moonward.power_rules.Allows, learnt: table, request: table): any

--- Reads entries; each may hold several with commas between. An entry that cannot be read is an error,
--- which names the option. Returns a function that says why a request is refused, nil if it is not,
--- and what moonward.deny takes besides the reason.
---@param entries string[]
---@param option? string the one that an operator writes entries in; for messages and hints
---@param or_else? moonward.power_rules.Else asked of a power that no entry lets through, with the function
---  that says whether one does and a table for what it learns of this request; not asked any more once one
---  was refused
---@return fun(request: moonward.Request): string?, { rule: string, hint?: string }?
---@return fun(powers: moonward.Power[], request: moonward.Request): string?, table? the same for powers
---  that are not read out of a request
function power_rules.read(entries, option, or_else)
  local allowed = {}
  for _, list in ipairs(entries) do
    for _, entry in ipairs(paths.list(list)) do
      if entry ~= "" then
        add_rule(allowed, entry, option or "powers")
      end
    end
  end
  local function allows(power)
    return is_allowed(allowed, power)
  end
  local function refusal_of(powers, request)
    local first, more, learnt = nil, 0, {}
    for _, power in ipairs(powers) do
      if power.power == "network" and allows(power) then
        power = as_host(power, learnt)
      end
      if not allows(power) and (first or not (or_else and or_else(power, allows, learnt, request))) then
        first, more = first or power, first and more + 1 or more
      end
    end
    if first then
      return "not allowed: " .. describe(first) .. (more > 0 and " and " .. more .. " more" or ""),
        { rule = first.power, hint = option and hint_for(first, option) or nil }
    end
  end
  return function(request)
    local reason, more = refusal_of(create.powers(request), request)
    if reason then
      return buildkit.reason(request, reason), more
    end
    return ps_args.refusal(request)
  end, refusal_of
end

return power_rules
