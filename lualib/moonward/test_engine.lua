--- An engine for specs, as far as moonward asks one about containers: a list of containers and
--- networks, which the spec may change, and the answers that follow from it.
local engine = {}

---@class moonward.test.Engine
---@field containers moonward.test.Container[]
---@field networks moonward.test.Network[]
---@field known table<string, table[]> the objects that are not containers, by the kinds that were given
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
---@field labels? table<string, string>
---@field driver? string "bridge" if there is none
---@field scope? string "local" if there is none
---@field subnet? string
---@field gateway? string

---@class moonward.test.Volume
---@field name string
---@field labels? table<string, string>
---@field driver? string "local" if there is none
---@field options? table<string, string>

---@class moonward.test.Image
---@field name string its first tag, "busybox:1"
---@field id? string "sha256:" and what is made of the name, if there is none
---@field tags? string[] instead of the name alone
---@field labels? table<string, string>
---@field env? string[]

---@class moonward.test.Exec
---@field id string
---@field container string name of the container that it runs in
---@field command? string[]
---@field tty? boolean
---@field stdin? boolean
---@field privileged? boolean

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

---@class moonward.test.Objects
---@field containers? moonward.test.Container[]
---@field networks? moonward.test.Network[]
---@field volumes? moonward.test.Volume[]
---@field images? moonward.test.Image[]
---@field execs? moonward.test.Exec[]

---@param given? moonward.test.Objects
---@return moonward.test.Engine
function engine.new(given)
  given = given or {}
  local networks = given.networks
    or { { name = "bridge", subnet = "172.17.0.0/16", gateway = "172.17.0.1" } }
  local known = {
    exec = given.execs, images = given.images, networks = given.networks, volumes = given.volumes,
  }
  return setmetatable({ containers = given.containers or {}, networks = networks, known = known }, Engine)
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

local function network_json(network)
  return engine.json {
    Id = network.id or engine.id(network.name), Name = network.name, Scope = network.scope or "local",
    Driver = network.driver or "bridge", Labels = network.labels or {},
    IPAM = { Config = { { Subnet = network.subnet, Gateway = network.gateway } } },
  }
end

-- By the first segment of their paths: what one is to the engine, in its own form, and the names that mean
-- it.
local kinds = {
  exec = function(exec)
    local command = exec.command or {}
    return {
      ID = exec.id, ContainerID = engine.id(exec.container), Running = false, OpenStdin = exec.stdin == true,
      ProcessConfig = {
        entrypoint = command[1] or "", arguments = { is_list = true, table.unpack(command, 2) },
        tty = exec.tty == true, privileged = exec.privileged == true,
      },
    }, { exec.id }
  end,
  images = function(image)
    local id, tags = image.id or "sha256:" .. engine.id(image.name), image.tags or { image.name }
    local names = { id, (string.gsub(id, "^sha256:", "")), table.unpack(tags) }
    for _, tag in ipairs(tags) do
      names[#names + 1] = string.match(tag, "^(.*):latest$")
    end
    return { Id = id, RepoTags = tags, Config = { Labels = image.labels or {}, Env = image.env } }, names
  end,
  networks = function(network)
    local id = network.id or engine.id(network.name)
    return {
      Id = id, Name = network.name, Driver = network.driver or "bridge", Scope = network.scope or "local",
      Labels = network.labels or {},
    }, { id, network.name }
  end,
  volumes = function(volume)
    return {
      Name = volume.name, Driver = volume.driver or "local", Labels = volume.labels or {},
      Options = volume.options,
    }, { volume.name }
  end,
}

-- What the engine answers about an object that is no container; nothing where its kind was not given.
local function about(known, path)
  local kind, reference = string.match(path, "^/(%a+)/(.+)$")
  if kind == "exec" or kind == "images" then
    reference = string.match(reference, "^(.*)/json$")
  end
  if not known[kind or ""] or not reference then
    return nil
  end
  for _, given in ipairs(known[kind]) do
    local object, names = kinds[kind](given)
    for _, name in ipairs(names) do
      if name == reference then
        return 200, engine.json(object)
      end
    end
  end
  return 404, engine.json { message = "no such object: " .. reference }
end

-- Lists of these: the engine has volumes in one more level.
local function list_of(known, path)
  local kind = string.match(path, "^/(%a+)$") or string.match(path, "^/(images)/json$")
  if not kind or not known[kind] then
    return nil
  end
  local list = { is_list = true }
  for i, given in ipairs(known[kind]) do
    local object = kinds[kind](given)
    if kind == "images" then
      object.Labels = object.Config.Labels
    end
    list[i] = object
  end
  return 200, engine.json(kind == "volumes" and { Volumes = list } or list)
end

--- The elements of a list.
---@param path string
---@return string[]
function Engine:items(path)
  local list = {}
  if string.find(path, "/networks$") then
    for i, network in ipairs(self.networks) do
      list[i] = network_json(network)
    end
  else
    for i, given in ipairs(self.containers) do
      list[i] = engine.json(item(self, given))
    end
  end
  return list
end

--- The answer to a path about one object, or all containers; nothing for other paths.
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
  path = string.gsub(string.gsub(path, "%?.*$", ""), "^/v[%d.]+/", "/")
  local status, body = list_of(self.known, path)
  if status then
    return status, body
  end
  return about(self.known, path)
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
