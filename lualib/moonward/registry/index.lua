--- Containers by id, by name, and by address.
local container = require "moonward.registry.container"
local core = require "moonward.core"

local index = {}

local LOST_MOST = 20000 -- addresses that are remembered after they were lost

---@class moonward.Index
---@field records table<string, moonward.ContainerRecord> by id
---@field private names table<string, string> name to id
---@field private lost table<string, integer> by packed address: when somebody was last seen to lose it
---@field private forgotten integer what was lost until then is not known any more
---@field private holders table<string, string[]> by packed address: id, network, id, network...
local Index = {}
Index.__index = Index

---@return moonward.Index
function index.new()
  return setmetatable({
    records = {}, names = {}, holders = {}, lost = {}, lost_count = 0, forgotten = 0,
  }, Index)
end

local function drop_holder(holders, id, network_id)
  for i = #holders - 1, 1, -2 do
    if holders[i] == id and holders[i + 1] == network_id then
      table.remove(holders, i + 1)
      table.remove(holders, i)
    end
  end
end

function Index:note_loss(packed)
  if not self.lost[packed] then
    self.lost_count = self.lost_count + 1
  end
  if self.lost_count > LOST_MOST then
    self.lost, self.lost_count, self.forgotten = {}, 1, core.wall()
  end
  self.lost[packed] = core.wall()
end

--- When somebody was last seen to lose an address; 0: never.
---@param packed string
---@return integer microseconds since 1970
function Index:freed(packed)
  return self.lost[packed] or self.forgotten
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
  local before = self:take_out(record.id)
  self.records[record.id] = record
  self.names[record.name] = record.id
  for _, network in pairs(container.is_live(record) and record.networks or {}) do
    self:add_addresses(record, network)
  end
  self:note_losses(record.id, before)
end

-- Whoever had an address and has it no longer has lost it.
function Index:note_losses(id, before)
  for packed in pairs(before) do
    local holders, has = self.holders[packed] or {}, false
    for i = 1, #holders, 2 do
      has = has or holders[i] == id
    end
    if not has then
      self:note_loss(packed)
    end
  end
end

-- Gives what addresses it had.
function Index:take_out(id)
  local record, before = self.records[id], {}
  for _, network in pairs(record and container.is_live(record) and record.networks or {}) do
    for _, packed in ipairs(network.packed) do
      before[packed] = true
    end
    self:drop_addresses(record, network)
  end
  if record then
    self.records[id] = nil
    if self.names[record.name] == id then
      self.names[record.name] = nil
    end
  end
  return before
end

---@param id string
function Index:remove(id)
  local record = self.records[id]
  self:note_losses(id, self:take_out(id))
  if record then
    record.state = "removed"
  end
end

--- Nobody comes from its addresses any more.
---@param id string
---@param state string
function Index:silence(id, state)
  local record = self.records[id]
  if record then
    local before = self:take_out(id)
    self.records[id], self.names[record.name] = record, self.names[record.name] or id
    record.state = state
    self:note_losses(id, before)
  end
end

--- Nobody comes from its addresses on that network any more.
---@param id string
---@param network_id string
function Index:leave(id, network_id)
  local record = self.records[id]
  for name, network in pairs(record and record.networks or {}) do
    if network.id == network_id then
      local had = container.is_live(record) and network.packed or {}
      self:drop_addresses(record, network)
      for _, packed in ipairs(had) do
        self:note_loss(packed)
      end
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
