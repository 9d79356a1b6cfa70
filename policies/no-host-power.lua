-- no-host-power: denies every request that asks for power over the host, its neighbours or the engine,
-- but for the powers listed in -allowpower; all other requests are allowed. Made to stand beside
-- another policy, which says what may be asked at all:
--
--   moonward -policy default -allowPOST='/v1\..*/containers/.*' -policy no-host-power \
--     -allowpower=bind=/srv -allowpower=port=8000-8999,volume,restart-policy
--
-- Alone it allows reads, and writes to any container there is. Beside a policy that has no opinion
-- (nil) on some requests, add -allowrest=false: then this one has none either, and only denies.
--
-- An entry of -allowpower is a power, or power=pattern; several with commas between. What a pattern
-- means depends on the power (docs/powers.md lists them all):
--
--   bind=/srv                     that directory and what is in it; likewise device=/dev/fuse
--   capability=NET_*              a glob, with or without CAP_, in any case
--   port=8080  port=8000-8999     ports of the host on any address; port=127.0.0.1:* on that one;
--                                 port=0 is "any free one"
--   volume=web_*  network=*_net   globs over the name
--   sysctl=net.*  annotation=x=*  globs over key=value
--   privileged                    no pattern: there is nothing to choose from
--
-- Without a pattern any value will do. A pattern cannot hold a comma; then leave it out.
--
-- What it reads and what it does not: lualib/moonward/create.lua. Above all: a request that uses an
-- existing container, volume or network gets the powers that it already has. An allowed directory
-- should hold nothing that clients can write: a symbolic link in it leads anywhere.
local create = require "moonward.create"
local glob = require "moonward.glob"
local lpeg = require "lpeg"
local moonward = require "moonward"
local nearest = require "moonward.nearest"
local paths = require "moonward.paths"

local policy = {
  summary = "Denies power over the host but for what is listed, and allows the rest; made to stand beside"
    .. " another policy.",
  options = {
    {
      name = "allowpower", env = "MOONWARD_ALLOWPOWER", env_family = true, kind = "list",
      help = "Powers to let through: bind=/srv, capability=NET_ADMIN, port=8080, ...; commas between.",
    },
    {
      name = "allowrest", env = "MOONWARD_ALLOWREST", kind = "switch", default = true,
      help = "Allow what asks for no other power; false: leave that to the other policies.",
    },
  },
}

-- Set by start: power -> list of functions of a value. One that matches lets the power through.
local allowed = {}

local known, candidates = {}, {}
for i, entry in ipairs(create.list) do
  known[entry.power], candidates[i] = entry, entry.power
end

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

local matchers = { text = glob.compile, port = port_matcher }

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
  return glob.compile(string.sub(pattern, 1, 4) == "CAP_" and string.sub(pattern, 5) or pattern)
end

function matchers.flag()
  return nil, "this power takes no pattern"
end

local entry_parts = lpeg.C((1 - lpeg.P "=") ^ 0) * ("=" * lpeg.C(lpeg.P(1) ^ 0)) ^ -1

local function add_rule(text)
  local name, pattern = lpeg.match(entry_parts, text)
  local entry = known[name]
  if not entry then
    error("allowpower: unknown power '" .. name .. "'" .. nearest.hint(name, candidates), 0)
  elseif entry.takes == "never" then
    error("allowpower: '" .. name .. "' cannot be let through, since nobody knows what was asked for", 0)
  end
  local matches = function() return true end
  if pattern then
    local message
    matches, message = matchers[entry.takes](pattern)
    if not matches then
      error("allowpower: '" .. text .. "': " .. message, 0)
    end
  end
  local rules = allowed[name] or {}
  rules[#rules + 1] = matches
  allowed[name] = rules
end

function policy.start(options)
  for _, list in ipairs(options.allowpower) do
    for _, entry in ipairs(paths.list(list)) do
      if entry ~= "" then
        add_rule(entry)
      end
    end
  end
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

local function hint_for(power)
  local takes = known[power.power].takes
  if takes == "never" then
    return nil
  end
  local with_value = takes ~= "flag" and #power.value <= longest_value and lpeg.match(plain, power.value)
    and (takes ~= "path" or paths.is_absolute(power.value))
  return "-allowpower=" .. power.power .. (with_value and "=" .. power.value or "")
end

local function is_allowed(power)
  for _, matches in ipairs(allowed[power.power] or {}) do
    if matches(power.value) then
      return true
    end
  end
  return false
end

function policy.decide(_, request, options)
  local first, more = nil, 0
  for _, power in ipairs(create.powers(request)) do
    if not is_allowed(power) then
      first, more = first or power, first and more + 1 or more
    end
  end
  if first then
    local reason = "not allowed: " .. describe(first) .. (more > 0 and " and " .. more .. " more" or "")
    return moonward.deny(reason, { hint = hint_for(first), rule = first.power })
  end
  return options.allowrest and moonward.allow() or nil
end

return policy
