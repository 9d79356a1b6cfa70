--- Lists of who may connect, as operators write them: "127.0.0.1/32,fd00::/8,10.0.0.7,web".

local cidr = require "moonward.cidr"
local core = require "moonward.core"

local addresses = {}

---@class moonward.Addresses
---@field text string as it was given
---@field private networks moonward.Network[]
---@field private hosts moonward.Host[]
local Addresses = {}
local meta = { __index = Addresses, __metatable = false }

---@class moonward.Host
---@field name string
---@field asked integer? when the resolver last said something of it, also that there is none
---@field found string[] what it said when it last knew
---@field known integer when that was

local FRESH_US = 2000000  -- what the resolver said counts for so long without asking again
local LAST_US = 30000000  -- what it said last counts for so long when it says nothing, or fails
local NONE = "no such host" -- as core/net/resolver.h has it
local QUESTION = 400      -- bytes of names that are asked at a time

local function has(host, address)
  for _, one in ipairs(host.found) do
    local network = cidr.try(one)
    if network and network:contains(address) then
      return true
    end
  end
  return false
end

-- The hosts to ask about, in questions of some names each.
local function questions_of(hosts, now)
  local questions, by_name = {}, {}
  for _, host in ipairs(hosts) do
    if not host.asked or now - host.asked > FRESH_US then
      local last = questions[#questions]
      if last and #last + #host.name < QUESTION then
        questions[#questions] = last .. "\n" .. host.name
      else
        questions[#questions + 1] = host.name
      end
      by_name[host.name] = host
    end
  end
  return questions, by_name
end

local function take_answer(host, message, found)
  local now = core.now()
  host.asked = now
  if message ~= "" then
    local moonward = require "moonward"
    moonward.warn("error looking up allowed client hostname " .. host.name .. ": " .. message)
  end
  if message ~= "" and message ~= NONE then
    return
  end
  host.found, host.known = {}, now
  for one in string.gmatch(found, "%S+") do
    host.found[#host.found + 1] = one
  end
end

-- Asks about names at once, until one of the hosts has the address or all have been heard of.
local function ask(question, by_name, address)
  local wait = require "moonward.host.wait" -- only here, so that the rest can be used without the daemon
  local open = 0
  for _ in string.gmatch(question, "[^\n]+") do
    open = open + 1
  end
  while open > 0 do
    local ok, answers = wait.try("names", question, "an address by the name of its host")
    local before = open
    for name, message, found in string.gmatch(ok and answers or "", "([^\t\n]+)\t([^\t\n]*)\t([^\n]*)\n") do
      open = open - 1
      take_answer(by_name[name], message, found)
      if message == "" and has(by_name[name], address) then
        return true
      end
    end
    if open == before then
      return false
    end
    question = "" -- what comes now
  end
  return false
end

--- Whether the list has an address. Names of hosts are looked up only when no network has it; then all at
--- once, and none waits for another. A name that cannot be looked up is warned about; what was last known of
--- it counts for half a minute.
---@param address string
---@return boolean
function Addresses:has(address)
  for _, network in ipairs(self.networks) do
    if network:contains(address) then
      return true
    end
  end
  if #self.hosts == 0 then
    return false
  end
  local now = core.now()
  for _, host in ipairs(self.hosts) do
    if host.asked and now - host.asked <= FRESH_US and now - host.known <= LAST_US and has(host, address) then
      return true
    end
  end
  local questions, by_name = questions_of(self.hosts, now)
  for _, question in ipairs(questions) do
    if ask(question, by_name, address) then
      return true
    end
  end
  for _, host in ipairs(self.hosts) do
    if now - host.known <= LAST_US and has(host, address) then
      return true
    end
  end
  return false
end

--- Whether it has names of hosts, which may mean other addresses later.
---@return boolean
function Addresses:has_names()
  return #self.hosts > 0
end

--- The list as text with one more address; nil if that is none, or has a zone.
---@param address string
---@return string?
function Addresses:with(address)
  if cidr.try(address) then
    return (self.text ~= "" and self.text .. "," or "") .. address
  end
end

-- Digits and dots alone are an address, if anything.
local function is_host_name(text)
  return string.find(text, "^[%w_][%w_.-]*$") and string.find(text, "[^%d.]")
    and not string.find(text, "..", 1, true)
end

--- The same as addresses.parse, for whoever words the message.
---@param text string
---@return moonward.Addresses? list nil: an entry could never fit
---@return string? message
function addresses.try(text)
  if type(text) ~= "string" then
    return nil, "expected addresses with commas between, got a " .. type(text)
  end
  local networks, hosts = {}, {}
  for item in string.gmatch(text, "[^,]+") do
    local network, message = cidr.try(item)
    if network then
      networks[#networks + 1] = network
    elseif is_host_name(item) then
      hosts[#hosts + 1] = { name = item, found = {}, known = math.mininteger // 2 }
    elseif string.find(item, "%s") then
      return nil, "'" .. item .. "' has a space; entries are separated by commas alone"
    else
      local may_be_host = not string.find(item, "/", 1, true)
      return nil, message .. (may_be_host and ", nor the name of a host" or "")
    end
  end
  return setmetatable({ text = text, networks = networks, hosts = hosts }, meta)
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
