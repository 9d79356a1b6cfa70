--- The engine's containers, from what the engine tells: by id, by name, and by address. Pure: whoever
--- has the connection asks the engine what question() says, and tells what comes. What cannot be read is
--- logged and leaves out what it is about; an answer that an event has overtaken is thrown away, and
--- asked for again.
---
--- Start reading at Registry:tell(). Registry:at() is what it is for.
local answers = require "moonward.registry.answers"
local container = require "moonward.registry.container"
local core = require "moonward.core"
local events = require "moonward.registry.events"
local index = require "moonward.registry.index"
local networks = require "moonward.registry.networks"
local questions = require "moonward.registry.questions"

local registry = {}

---@class moonward.Registry
---@field questions moonward.Questions
---@field private options moonward.RegistryOptions
---@field private index moonward.Index
---@field private networks moonward.Networks
---@field private connects table<string, table<string, integer>> id to network to when, as far as seen
---@field private vague integer when a container, or a network, was lost whose addresses are not known
---@field private counted table<string, true>? the networks that count; nil: to be found out
---@field private listed integer? when the last list that is complete began
---@field private left_open integer? the last question that was due when it was read: some may be about
--- containers that events have touched meanwhile
local Registry = {}
Registry.__index = Registry

---@class moonward.RegistryOptions
---@field prefix string of paths: "/v1.41"
---@field opened integer from when on events were told, in microseconds since 1970
---@field self string? the name of the container that the proxy is in
---@field own string[] else: ids that it may have, the likeliest first
---@field log fun(level: "info"|"warn", text: string)

local LOUDEST = 50 -- lines of the log that one connection to the engine may cost

---@param options moonward.RegistryOptions
---@return moonward.Registry
function registry.new(options)
  local self = setmetatable({
    options = options, index = index.new(), networks = networks.new(), questions = questions.new(),
    connects = {}, vague = 0, complaints = {}, complained = 0,
  }, Registry)
  self.questions:add "networks"
  self.questions:add "list"
  return self
end

--- The path of the engine's events, without version.
---@param since integer microseconds since 1970; what happened from then on is told too
---@return string
function registry.events_path(since)
  local filters = string.gsub(events.filters, "[^%w]", function(letter)
    return string.format("%%%02X", string.byte(letter))
  end)
  return string.format("/events?since=%d.%06d000&filters=%s", since // 1000000, since % 1000000, filters)
end

--- Logs a thing once.
---@param text string
function Registry:complain(text)
  if not self.complaints[text] and self.complained < LOUDEST then
    self.complaints[text] = true
    self.complained = self.complained + 1
    self.options.log("warn", text)
  end
end

-- Asking and being told ----------------------------------------------------------------------------

local paths = {
  networks = function() return "/networks" end,
  list = function() return "/containers/json?all=1" end,
  container = function(id) return "/containers/" .. id .. "/json" end,
}

--- What to ask next; nil: nothing is missing. Stays the same until it is answered.
---@param now integer microseconds since 1970
---@return string? path
---@return boolean? is_list the answer comes in items
function Registry:question(now)
  local asked = self.questions:ask(now)
  if asked then
    return self.options.prefix .. paths[asked.kind](asked.id), asked.kind ~= "container"
  end
end

--- Takes news: "event" or "item" with a text; "long", how an event begins that is too long; "answer" with a
--- status, and a text unless it came in items; "late": the question about a container is set aside; "aside":
--- the answer to that path, or status 0.
---@param news "event"|"long"|"item"|"answer"|"late"|"aside"
---@param status integer
---@param text string
---@param path? string
---@return boolean ok false: it cannot go on, the connection to the engine has to begin anew
function Registry:tell(news, status, text, path)
  if news == "late" then
    self.questions:set_aside(paths.container)
    return true
  elseif news == "aside" then
    answers.finish_aside(self, string.sub(path, #self.options.prefix + 1), status, text)
    return true
  elseif news == "answer" then
    local ok = answers.finish(self, status, text)
    if ok and self:is_complete() then
      self:announce()
    end
    return ok
  end
  local take = news == "event" and events.take or news == "long" and events.take_long or answers.item
  local message, lost = take(self, text)
  if message then
    self:complain((news == "item" and "an element of a list of the engine" or "an event of the engine")
      .. " is left out: " .. message)
  end
  return not lost
end

--- Whether everything that was due is answered.
---@return boolean
function Registry:is_complete()
  return self.questions:settled() == self.questions:last()
end

--- Has the list asked for once more, unless one began at or after that moment.
---@param since integer microseconds since 1970
function Registry:refresh(since)
  local asked = self.questions.asked
  local is_read = self.listed and self.listed >= since
  if not is_read and not (asked and asked.kind == "list" and asked.began >= since) then
    self.questions:add "list"
  end
end

--- Whether a list that began at or after that moment has been read, and what it left open is answered.
---@param since integer
---@return boolean
function Registry:is_fresh(since)
  return self.listed ~= nil and self.listed >= since and self.questions:settled() >= self.left_open
end

-- What events and answers change -------------------------------------------------------------------

---@param record moonward.ContainerRecord
function Registry:put(record)
  self.counted = nil
  self.index:put(record)
  for _, network in pairs(record.networks) do
    self.networks:add_gateways(network.id, network.gateways)
  end
  if record.broken then
    self:spoil(record.id, record.broken)
  end
end

--- What is known of one container is not to be relied on.
---@param id string
---@param message string
function Registry:spoil(id, message)
  local record = self.index.records[id]
  if record then
    record.broken = message
  end
  self:complain(string.format("container %s%s: %s; its clients are unknown",
    record and record.name .. " " or "", string.sub(id, 1, 12), message))
end

---@param id string
---@param state string
function Registry:silence(id, state)
  if self.questions:is_open(id) then
    self.vague = core.wall() -- it may have had addresses that nobody will know
  end
  self.questions:touch(id)
  self.questions:answered(id) -- it has no addresses any more
  self.counted = nil
  self.index:silence(id, state)
  self.connects[id] = nil
end

---@param id string
function Registry:remove(id)
  self:silence(id, "removed")
  self.index:remove(id)
  self.questions:drop(id)
end

--- Removes all that are not in the set; it is of a list that began at that moment.
---@param seen table<string, true>
---@param began integer
function Registry:keep(seen, began)
  local gone = {}
  for id in pairs(self.index.records) do
    gone[#gone + 1] = not seen[id] and id or nil
  end
  for _, id in ipairs(gone) do
    self:remove(id)
  end
  self.listed, self.left_open = began, self.questions:last()
end

---@param id string
---@param network_id string
---@param time integer
function Registry:connect(id, network_id, time)
  self.connects[id] = self.connects[id] or {}
  self.connects[id][network_id] = time
end

---@param id string
---@param network_id string
function Registry:leave(id, network_id)
  if self.questions:touch(id) then
    self.questions:add("container", id) -- the answer that is on its way does not count
  end
  self.counted = nil
  self.index:leave(id, network_id)
  if self.connects[id] then
    self.connects[id][network_id] = nil
  end
end

---@param object table
function Registry:put_network(object)
  self.counted = nil
  self.networks:put(object)
end

---@param id string
function Registry:remove_network(id)
  self.vague = core.wall()
  self.questions:touch(id)
  self.counted = nil
  self.networks:remove(id)
end

--- Removes all that are not in the set.
---@param seen table<string, true>
function Registry:keep_networks(seen)
  self.counted = nil
  self.networks:keep(seen)
  -- What containers said of gateways came too early for networks that were not known yet.
  for _, record in pairs(self.index.records) do
    for _, network in pairs(record.networks) do
      self.networks:add_gateways(network.id, network.gateways)
    end
  end
end

-- Looking up ---------------------------------------------------------------------------------------

---@param id string
---@return moonward.ContainerRecord?
function Registry:get(id)
  return self.index.records[id]
end

--- The container that the engine would take for a reference.
---@param reference string
---@return moonward.ContainerRecord? record nil: there is none, or several
function Registry:find(reference)
  return self.index:find(reference)
end

--- The record of the container that the proxy is in, if it is one of this engine's.
---@return moonward.ContainerRecord?
function Registry:own()
  if self.options.self then
    return self.index:named(self.options.self)
  end
  for _, candidate in ipairs(self.options.own) do
    local record = self.index.records[candidate] or #candidate < 64 and self.index:find(candidate)
    if record then
      return record
    end
  end
end

local function networks_of(self, record)
  for _ = 1, 4 do -- one may share the network of another
    local other = self:find(string.match(record.mode, "^container:(.+)$") or "")
    if not other then
      break
    end
    record = other
  end
  local counted = {}
  for name, network in pairs(record.networks) do
    local known = self.networks:get(network.id)
    if record.mode == "host" or known and known.driver == "host" then
      return self.networks:bridges()
    end
    counted[network.id ~= "" and network.id or name] = true
  end
  return counted
end

--- The networks whose addresses say who is asking: those of the proxy's own container, or all bridges if
--- it is in none.
---@return table<string, true> ids
function Registry:networks_that_count()
  if not self.counted then
    local own = self:own()
    if own then
      self.counted = networks_of(self, own)
    else
      self.counted = self.options.self and {} or self.networks:bridges()
    end
  end
  return self.counted
end

local function missing_self(self)
  return "no container is called " .. self.options.self
    .. ", so nobody's container can be known (-proxycontainername)"
end

-- Says which networks count, whenever that has changed.
function Registry:announce()
  local own = self:own()
  local text = string.format("clients are known by their addresses on %s: %s",
    own and "the networks of " .. own.name or "all bridges, the proxy being in no container of the engine",
    self.networks:list(self:networks_that_count()))
  if self.options.self and not own then
    self:complain(missing_self(self))
  elseif self.announced ~= text then
    self.options.log("info", text)
  end
  self.announced = text
end

--- Who has an address. "container" with its record; "stranger": no container can have it; "absent": one
--- could, but none does that is known, with whether nobody else can; "late": the same, while the engine
--- does not answer about some container; "unknown" with the reason.
---@param address string
---@return "container"|"stranger"|"absent"|"late"|"unknown"
---@return moonward.ContainerRecord|string|boolean|nil
function Registry:at(address)
  local packed = core.address(address)
  if not packed or networks.is_of_link(address) then
    return "unknown", "containers are not known by addresses of the link, such as " .. address
  elseif not self.listed then
    return "unknown", "the engine's containers are still being read"
  elseif self.options.self and not self:own() then
    return "unknown", missing_self(self)
  end
  local counted = self:networks_that_count()
  local found = self.index:holders_of(packed, counted)
  if not self.networks:may_hold(counted, address, packed) then
    return "stranger"
  elseif #found > 1 then
    return "unknown", "two containers claim the address " .. address
  elseif not found[1] and self.questions:late() then
    return "late"
  elseif not found[1] then
    return "absent", self.networks:is_bridged(counted, address)
  elseif found[1].broken then
    return "unknown", string.format("container %s: %s", found[1].name, found[1].broken)
  end
  return "container", found[1]
end

--- Whether no container has lost an address since that moment.
---@param address string
---@param moment integer microseconds since 1970
---@return boolean
function Registry:was_free(address, moment)
  local packed = core.address(address)
  return packed ~= nil and self.options.opened <= moment and self.vague < moment
    and self.index:freed(packed) < moment
end

--- Whether a container that the engine was asked about just now has an address on a network that counts,
--- and had it at that moment already: so that nobody is taken for whoever had the address before. The moment
--- is known within some ms; where only containers live, and none has lost it since, the latest one will do.
---@param record moonward.ContainerRecord
---@param address string
---@param moment integer microseconds since 1970, or somewhat earlier
---@param latest? integer the same, or somewhat later
---@return boolean
function Registry:held(record, address, moment, latest)
  local packed, counted = core.address(address), self:networks_that_count()
  local connects = self.connects[record.id] or {}
  for _, network in pairs(container.is_live(record) and record.networks or {}) do
    -- A process may call before its container counts as started, but not before it was connected.
    local since = connects[network.id] or math.max(record.started or math.maxinteger, self.options.opened)
    for _, one in ipairs(counted[network.id] and network.packed or {}) do
      if one == packed and (since <= moment or since <= (latest or moment)
        and self.networks:is_bridged(counted, address) and self:was_free(address, moment)) then
        return true
      end
    end
  end
  return false
end

return registry
