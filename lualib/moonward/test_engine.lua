--- An engine for specs, as far as moonward asks one about containers: a list of containers and
--- networks, which the spec may change, and the answers that follow from it.
local engine = {}

---@class moonward.test.Engine
---@field containers moonward.test.Container[]
---@field networks moonward.test.Network[]
local Engine = {}
Engine.__index = Engine

---@class moonward.test.Container
---@field name string
---@field id? string made of the name if there is none
---@field labels? table<string, string>
---@field image? string
---@field state? string "running" if there is none
---@field address? string on the network "bridge"; or
---@field networks? table<string, { address?: string, address6?: string }>
---@field mode? string HostConfig.NetworkMode
---@field started? string "2024-01-01T00:00:00Z" if there is none

---@class moonward.test.Network
---@field name string
---@field id? string
---@field driver? string "bridge" if there is none
---@field subnet? string
---@field gateway? string

--- 64 digits that follow from a name.
---@param name string
---@return string
function engine.id(name)
  local digits = {}
  for i = 1, #name do
    digits[i] = string.format("%02x", string.byte(name, i))
  end
  local text = table.concat(digits)
  return string.sub(text .. string.rep("0", 64), 1, 64)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function quote(text)
  return '"' .. string.gsub(text, '[%c"\\]', function(letter)
    return escapes[letter] or string.format("\\u%04x", string.byte(letter))
  end) .. '"'
end

--- A value as JSON. A table with something at 1, or that is empty and says so, is a list.
---@param value any
---@return string
function engine.json(value)
  if type(value) ~= "table" then
    return type(value) == "string" and quote(value) or value == nil and "null" or tostring(value)
  end
  local parts = {}
  if value[1] ~= nil or value.is_list then
    for i, one in ipairs(value) do
      parts[i] = engine.json(one)
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, one in pairs(value) do
    parts[#parts + 1] = quote(key) .. ":" .. engine.json(one)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

---@param given? { containers?: moonward.test.Container[], networks?: moonward.test.Network[] }
---@return moonward.test.Engine
function engine.new(given)
  given = given or {}
  local networks = given.networks
    or { { name = "bridge", subnet = "172.17.0.0/16", gateway = "172.17.0.1" } }
  return setmetatable({ containers = given.containers or {}, networks = networks }, Engine)
end

function Engine:network(name)
  for _, network in ipairs(self.networks) do
    if network.name == name then
      return network
    end
  end
  return { name = name }
end

local function networks_of(self, given)
  local all = {}
  for name, one in pairs(given.networks or { bridge = { address = given.address } }) do
    local network = self:network(name)
    all[name] = {
      NetworkID = one.id or network.id or engine.id(name), Gateway = network.gateway or "",
      IPAddress = one.address or "", GlobalIPv6Address = one.address6 or "",
    }
  end
  return all
end

local function item(self, given)
  return {
    Id = given.id or engine.id(given.name), Names = { "/" .. given.name }, Image = given.image or "",
    State = given.state or "running", Labels = given.labels or {},
    NetworkSettings = { Networks = networks_of(self, given) },
    HostConfig = { NetworkMode = given.mode or "default" },
  }
end

--- The answer to GET /containers/ID/json about a container.
---@param given moonward.test.Container
---@return string
function Engine:inspect(given)
  local listed, state = item(self, given), given.state or "running"
  return engine.json {
    Id = listed.Id, Name = "/" .. given.name, Image = "sha256:0",
    Config = { Image = listed.Image, Labels = listed.Labels },
    State = {
      Status = state, Running = state == "running",
      StartedAt = given.started or "2024-01-01T00:00:00.5Z",
    },
    NetworkSettings = listed.NetworkSettings, HostConfig = listed.HostConfig,
  }
end

--- The container that a reference means to the engine: id, name, beginning of one id.
---@param reference string
---@return moonward.test.Container?
function Engine:find(reference)
  local by_prefix
  for _, given in ipairs(self.containers) do
    local id = given.id or engine.id(given.name)
    if id == reference then
      return given
    elseif string.sub(id, 1, #reference) == reference then
      by_prefix = given
    end
  end
  for _, given in ipairs(self.containers) do
    if given.name == reference then
      return given
    end
  end
  return by_prefix
end

--- The elements of a list.
---@param path string
---@return string[]
function Engine:items(path)
  local list = {}
  if string.find(path, "/networks$") then
    for i, network in ipairs(self.networks) do
      list[i] = engine.json {
        Id = network.id or engine.id(network.name), Name = network.name, Scope = network.scope or "local",
        Driver = network.driver or "bridge",
        IPAM = { Config = { { Subnet = network.subnet, Gateway = network.gateway } } },
      }
    end
  else
    for i, given in ipairs(self.containers) do
      list[i] = engine.json(item(self, given))
    end
  end
  return list
end

--- The answer to a path about one container, or all of them; nothing for other paths.
---@param path string
---@return integer? status
---@return string? body
function Engine:answer(path)
  if string.find(path, "/containers/json", 1, true) then
    return 200, "[" .. table.concat(self:items(path), ",") .. "]"
  end
  local reference = string.match(path, "/containers/([^/]+)/json$")
  local given = reference and self:find(reference)
  if given then
    return 200, self:inspect(given)
  elseif reference then
    return 404, engine.json { message = "No such container: " .. reference }
  end
end

--- Lets a host learn all that it asks for, as the proxy's follower does: a list that comes soon after one
--- that took long is asked for after a pause.
---@param host table
function Engine:tell(host)
  local last, settled = host:progress()
  while settled < last do
    local path, is_list = host:question()
    if path then
      self:tell_one(host, path, is_list)
    end
    last, settled = host:progress()
  end
end

---@param host table
---@param path string
---@param is_list boolean the answer comes in items
function Engine:tell_one(host, path, is_list)
  local status, body = 200, ""
  for _, text in ipairs(is_list and self:items(path) or {}) do
    host:tell("item", 0, text)
  end
  if not is_list then
    status, body = self:answer(path)
  end
  if not host:tell("answer", status, body) then
    error("the registry does not take the answer to " .. path)
  end
end

return engine
