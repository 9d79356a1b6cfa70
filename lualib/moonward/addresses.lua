--- Lists of who may connect, as operators write them: "127.0.0.1/32,fd00::/8,10.0.0.7,web".

local cidr = require "moonward.cidr"
local core = require "moonward.core"

local addresses = {}

---@class moonward.Addresses
---@field text string as it was given
---@field private items { network?: moonward.Network, host?: string, found?: string[], asked?: integer }[]
local Addresses = {}
local meta = { __index = Addresses, __metatable = false }

-- An answer of the resolver, also that there is none, counts for so long.
local KEPT_US = 2000000

-- The addresses of an item's host.
local function addresses_of(item)
  local moonward = require "moonward" -- only here, so that the rest can be used without the daemon
  if not item.asked or core.now() - item.asked > KEPT_US then
    local ok, found = pcall(moonward.resolve, item.host)
    if not ok then
      moonward.warn("error looking up allowed client hostname " .. item.host .. ": " .. found)
    end
    item.found, item.asked = ok and found or {}, core.now()
  end
  return item.found
end

local function has_host(item, address)
  for _, one in ipairs(addresses_of(item)) do
    local network = cidr.try(one)
    if network and network:contains(address) then
      return true
    end
  end
  return false
end

--- Whether the list has an address. Host names are looked up, in the order of the list, and only
--- when nothing before them fits; a name that cannot be looked up is warned about and fits nobody.
---@param address string
---@return boolean
function Addresses:has(address)
  for _, item in ipairs(self.items) do
    if item.network and item.network:contains(address) or item.host and has_host(item, address) then
      return true
    end
  end
  return false
end

--- The list as text with one more address; nil if that is none, or has a zone.
---@param address string
---@return string?
function Addresses:with(address)
  if cidr.try(address) then
    return (self.text ~= "" and self.text .. "," or "") .. address
  end
end

--- The same as addresses.parse, for whoever words the message.
---@param text string
---@return moonward.Addresses? list nil: an entry could never fit
---@return string? message
function addresses.try(text)
  if type(text) ~= "string" then
    return nil, "expected addresses with commas between, got a " .. type(text)
  end
  local items = {}
  for item in string.gmatch(text, "[^,]+") do
    local network, message = cidr.try(item)
    if network then
      items[#items + 1] = { network = network }
    elseif string.find(item, "^[%w_.-]+$") and string.find(item, "[^%d.]") then
      items[#items + 1] = { host = item }
    elseif string.find(item, "%s") then
      return nil, "'" .. item .. "' has a space; entries are separated by commas alone"
    else
      local may_be_host = not string.find(item, "/", 1, true)
      return nil, message .. (may_be_host and ", nor the name of a host" or "")
    end
  end
  return setmetatable({ text = text, items = items }, meta)
end

--- Reads addresses, networks and names of hosts with commas between. Empty entries fit nobody. A list with an
--- entry that could never fit is an error, in the line that calls.
---@param text string
---@return moonward.Addresses
function addresses.parse(text)
  local list, message = addresses.try(text)
  return list or error(message, 2)
end

return addresses
