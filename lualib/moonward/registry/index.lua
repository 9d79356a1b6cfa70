--- Containers by id, by name, and by address.
local container = require "moonward.registry.container"

local index = {}

---@class moonward.Index
---@field records table<string, moonward.ContainerRecord> by id
---@field private names table<string, string> name to id
---@field private holders table<string, string[]> by packed address: id, network, id, network...
local Index = {}
Index.__index = Index

---@return moonward.Index
function index.new()
  return setmetatable({ records = {}, names = {}, holders = {} }, Index)
end

local function drop_holder(holders, id, network_id)
  for i = #holders - 1, 1, -2 do
    if holders[i] == id and holders[i + 1] == network_id then
      table.remove(holders, i + 1)
      table.remove(holders, i)
    end
  end
end

function Index:drop_addresses(record, network)
  for _, packed in ipairs(network.packed) do
    local holders = self.holders[packed] or {}
    drop_holder(holders, record.id, network.id)
    if #holders == 0 then
      self.holders[packed] = nil
    end
  end
end

function Index:add_addresses(record, network)
  for _, packed in ipairs(network.packed) do
    local holders = self.holders[packed] or {}
    self.holders[packed] = holders
    holders[#holders + 1] = record.id
    holders[#holders + 1] = network.id
  end
end

---@param record moonward.ContainerRecord takes the place of what was known of it
function Index:put(record)
  self:remove(record.id)
  self.records[record.id] = record
  self.names[record.name] = record.id
  for _, network in pairs(container.is_live(record) and record.networks or {}) do
    self:add_addresses(record, network)
  end
end

---@param id string
function Index:remove(id)
  local record = self.records[id]
  if record then
    self:silence(id, "removed")
    self.records[id] = nil
    if self.names[record.name] == id then
      self.names[record.name] = nil
    end
  end
end

--- Nobody comes from its addresses any more.
---@param id string
---@param state string
function Index:silence(id, state)
  local record = self.records[id]
  if record then
    for _, network in pairs(record.networks) do
      self:drop_addresses(record, network)
    end
    record.state = state
  end
end

--- Nobody comes from its addresses on that network any more.
---@param id string
---@param network_id string
function Index:leave(id, network_id)
  local record = self.records[id]
  for name, network in pairs(record and record.networks or {}) do
    if network.id == network_id then
      self:drop_addresses(record, network)
      record.networks[name] = nil -- allowed while pairs() goes through it
    end
  end
end

---@param name string
---@return moonward.ContainerRecord?
function Index:named(name)
  return self.records[self.names[name] or ""]
end

--- The container that the engine would take for a reference: by id, by name, by the beginning of an id.
---@param reference string
---@return moonward.ContainerRecord? record nil: there is none, or several
function Index:find(reference)
  local exact = self.records[reference] or self:named((string.gsub(reference, "^/", "")))
  if exact or reference == "" then
    return exact
  end
  local found
  for id, record in pairs(self.records) do
    if string.sub(id, 1, #reference) == reference then
      if found then
        return nil
      end
      found = record
    end
  end
  return found
end

--- The containers that have an address on one of these networks.
---@param packed string
---@param networks table<string, true>
---@return moonward.ContainerRecord[]
function Index:holders_of(packed, networks)
  local holders, found, seen = self.holders[packed] or {}, {}, {}
  for i = 1, #holders, 2 do
    local id = holders[i]
    if networks[holders[i + 1]] and not seen[id] then
      seen[id] = true
      found[#found + 1] = self.records[id]
    end
  end
  return found
end

return index
