--- The engine's networks: which of them tell who a client is, where they lie, and their gateways.
local cidr = require "moonward.cidr"
local core = require "moonward.core"
local reply = require "moonward.reply"

local networks = {}

---@class moonward.Networks
---@field private known table<string, table> by id
local Networks = {}
Networks.__index = Networks

---@return moonward.Networks
function networks.new()
  return setmetatable({ known = {} }, Networks)
end

local link6, link4 = cidr.parse "fe80::/10", cidr.parse "169.254.0.0/16"

--- Whether it is an address that every interface has, or may have, and the engine does not tell of.
---@param address string
---@return boolean
function networks.is_of_link(address)
  return link6:contains(address) or link4:contains(address)
end

-- Podman's default network: containers on it say "podman", and the list calls it "bridge", as Docker's.
-- The id is the same everywhere, and nobody can choose one.
local PODMANS = "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9"

local function add_ranges(network, object)
  for _, range in ipairs(reply.table(reply.table(object.IPAM).Config)) do
    range = reply.table(range)
    local subnet = cidr.try(reply.text(range.Subnet) or "")
    network.subnets[#network.subnets + 1] = subnet
    local base = core.address(string.match(reply.text(range.Subnet) or "", "^[^/]*"))
    if base then
      network.firsts[string.sub(base, 1, -2) .. string.char(string.byte(base, -1) + 1 & 255)] = true
    end
    local gateway = core.address((string.gsub(reply.text(range.Gateway) or "", "/%d+$", "")))
    if gateway then
      network.gateways[gateway] = true
    end
  end
end

--- Takes an element of GET /networks. Podman knows networks by name where the Docker Engine has ids.
---@return string? id nil: it cannot be read
function Networks:put(object)
  local id, name = reply.text(reply.table(object).Id), reply.text(reply.table(object).Name)
  if not id or not name then
    return nil
  end
  local old = self.known[id]
  local network = {
    id = id, name = id == PODMANS and "podman" or name,
    driver = reply.text(object.Driver), scope = reply.text(object.Scope),
    subnets = {}, firsts = {}, gateways = old and old.gateways or {},
  }
  add_ranges(network, object)
  self.known[id] = network
  return id
end

---@param id string
function Networks:remove(id)
  self.known[id] = nil
end

--- Removes what is not in the set.
---@param seen table<string, true>
function Networks:keep(seen)
  for id in pairs(self.known) do
    if not seen[id] then
      self.known[id] = nil
    end
  end
end

---@param id string or a name, for podman
function Networks:get(id)
  local network = self.known[id]
  if network or #id == 64 then
    return network
  end
  for _, other in pairs(self.known) do
    if other.name == id then
      return other
    end
  end
end

--- A container says which gateway a network has; GET /networks does not always.
---@param id string
---@param gateways string[] packed
function Networks:add_gateways(id, gateways)
  local network = #gateways > 0 and self:get(id)
  for _, packed in ipairs(network and gateways or {}) do
    network.gateways[packed] = true
  end
end

--- Those that a program on the engine's host can be reached from.
---@return table<string, true> counted by id, and by name
function Networks:bridges()
  local counted = {}
  for id, network in pairs(self.known) do
    if network.driver == "bridge" and network.scope ~= "swarm" then
      counted[id], counted[network.name] = true, true
    end
  end
  return counted
end

-- Where the engine does not say a bridge's gateway (20.10, of its default bridge) it is the first address.
local function is_gateway(network, packed)
  if network.driver == "bridge" and not next(network.gateways) then
    return network.firsts[packed]
  end
  return network.gateways[packed]
end

--- Whether an address may belong to a container on one of these networks: not if it lies elsewhere,
--- and not if it is a gateway, which is where everybody else seems to come from.
---@param counted table<string, true>
---@param address string
---@param packed string
---@return boolean
function Networks:may_hold(counted, address, packed)
  local within = false
  for id in pairs(counted) do
    local network = self:get(id)
    if network and is_gateway(network, packed) then
      return false
    elseif not network or #network.subnets == 0 then
      within = true
    end
    for _, subnet in ipairs(network and network.subnets or {}) do
      within = within or subnet:contains(address)
    end
  end
  return within
end

--- Whether nobody but containers of this engine lives where the address lies: on a bridge of this host.
--- On others (macvlan, overlay) there are strangers, too.
---@param counted table<string, true>
---@param address string
---@return boolean
function Networks:is_bridged(counted, address)
  for id in pairs(counted) do
    local network = self:get(id)
    for _, subnet in ipairs(network and network.driver == "bridge" and network.subnets or {}) do
      if subnet:contains(address) then
        return true
      end
    end
  end
  return false
end

--- For the log.
---@param counted table<string, true>
---@return string
function Networks:list(counted)
  local set, list = {}, {}
  for id in pairs(counted) do
    local network = self:get(id)
    set[network and network.name or id] = true
  end
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return #list > 0 and table.concat(list, ", ") or "none"
end

return networks
