--- Networks by address and length: "10.0.0.0/8", "fd00::/8"; an address alone is a network of one.
--- IPv4-mapped IPv6 is IPv4 throughout, as in Go, so that a rule for 10.0.0.0/8 holds on a listener
--- for both.

local core = require "moonward.core"

local cidr = {}

---@class moonward.Network
---@field text string as it was given
---@field private base string packed, bits behind the length as given
---@field private bits integer
local Network = {}
-- Not Network itself: network.__index would hand it to whoever wants to change it.
local meta = { __index = Network, __metatable = false }

local function holds(network, packed)
  if #packed ~= #network.base then
    return false
  end
  local whole, rest = network.bits // 8, network.bits % 8
  if string.sub(packed, 1, whole) ~= string.sub(network.base, 1, whole) then
    return false
  elseif rest == 0 then
    return true
  end
  local mine, theirs = string.byte(network.base, whole + 1), string.byte(packed, whole + 1)
  return (mine ~ theirs) >> (8 - rest) == 0
end

--- Whether an address lies in the network. What is no address, or has a zone, lies in none.
---@param address string "10.1.2.3"
---@return boolean
function Network:contains(address)
  local packed = core.address(address)
  return packed ~= nil and holds(self, packed)
end

--- Whether all of another network lies in this one. A text is read as cidr.parse reads it; what is no network
--- lies in none.
---@param other moonward.Network|string
---@return boolean
function Network:covers(other)
  if type(other) == "string" then
    other = cidr.try(other)
  elseif type(other) ~= "table" or type(other.base) ~= "string" or math.type(other.bits) ~= "integer" then
    error("covers: expected a network or a text, got a " .. type(other), 2)
  end
  return other ~= nil and other.bits >= self.bits and holds(self, other.base)
end

--- The same as cidr.parse, for whoever words the message.
---@param text string
---@return moonward.Network? network nil: the text is none
---@return string? message
function cidr.try(text)
  if type(text) ~= "string" then
    return nil, "expected an address or a network, got a " .. type(text)
  end
  local address, length = string.match(text, "^([^/]+)/?(%d*)$")
  local base = address and core.address(address)
  if not base or (length == "") == (string.find(text, "/", 1, true) ~= nil) then
    return nil, "'" .. text .. "' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8"
  end
  local written = string.find(address, ":", 1, true) and 128 or 32
  -- ::ffff:10.0.0.0/104 is 10.0.0.0/8; a shorter one would mean more than the mapped addresses.
  local least = written - 8 * #base
  local bits = length == "" and written or math.tointeger(tonumber(length)) or -1
  if bits < least or bits > written then
    return nil, "the length in '" .. text .. "' must be between " .. least .. " and " .. written
  end
  return setmetatable({ text = text, base = base, bits = bits - least }, meta)
end

--- Reads "address/length" or "address". Bits of the address behind the length mean nothing. What is none is
--- an error, in the line that calls.
---@param text string
---@return moonward.Network
function cidr.parse(text)
  local network, message = cidr.try(text)
  return network or error(message, 2)
end

return cidr
