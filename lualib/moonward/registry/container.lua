--- What the engine says of one container, in its list or when asked for it, in one form.
local core = require "moonward.core"
local reply = require "moonward.reply"

local container = {}

---@class moonward.ContainerRecord
---@field id string
---@field name string without slash
---@field labels table<string, string>
---@field image string
---@field state string "running"
---@field networks table<string, moonward.ContainerNetwork> by name
---@field mode string HostConfig.NetworkMode: "container:ID" for one that shares another's network
---@field started integer? microseconds since 1970; a list does not say
---@field broken string? why who comes from its addresses counts as unknown

---@class moonward.ContainerNetwork
---@field id string
---@field address string? IPv4
---@field address6 string?
---@field packed string[] both, as core.address makes them
---@field gateways string[]? packed

--- Fields of HostConfig that may say "container:ID".
container.modes = {
  "NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode", "Cgroup", "CgroupMode",
}

-- All that moonward looks at to know who it is; most of an inspect is about other things.
local pick = core.json.picker {
  { "Id" }, { "Name" }, { "Names" }, { "Labels" }, { "Image" }, { "State" }, { "Config", "Labels" },
  { "Config", "Image" }, { "NetworkSettings", "Networks" }, { "HostConfig", "NetworkMode" },
}

local references = {
  { "State", "Error" }, { "Dependencies" }, { "NetworkSettings", "Networks" },
  { "HostConfig", "VolumesFrom" }, { "HostConfig", "Links" },
}
for _, mode in ipairs(container.modes) do
  references[#references + 1] = { "HostConfig", mode }
end
local pick_references = core.json.picker(references)

local live = { running = true, paused = true, restarting = true, stopping = true }

--- Whether it may have processes and addresses.
---@param record moonward.ContainerRecord
---@return boolean
function container.is_live(record)
  return live[record.state] == true
end

---@param id any
---@return boolean
function container.is_id(id)
  return type(id) == "string" and #id == 64 and string.find(id, "^%x+$") ~= nil
end

--- A list's name is among the aliases that links give it, which hold a second slash. libpod writes it
--- without any.
---@param object table
---@return string name without slash, "" if there is none
local function name_of(object)
  for _, name in ipairs(reply.table(object.Names)) do
    if type(name) == "string" and string.find(name, "^/?[^/]+$") then
      return (string.gsub(name, "^/", ""))
    end
  end
  return (string.gsub(reply.text(object.Name) or "", "^/", ""))
end

local function read_labels(object, config)
  local given = object.Labels
  if config.Labels ~= nil then
    given = config.Labels
  end
  if given == nil or given == reply.null then
    return {}
  elseif type(given) ~= "table" then
    return {}, "its labels are a " .. type(given)
  elseif core.json.texts(given) then -- it was picked, and holds on to no text
    return given
  end
  local labels = {}
  for key, value in pairs(given) do
    if type(key) ~= "string" or type(value) ~= "string" then
      return {}, string.format("its label %q is a %s, expected a text", tostring(key), type(value))
    end
    labels[key] = value
  end
  return labels
end

local function add_address(list, text)
  if type(text) ~= "string" or text == "" then
    return nil
  end
  local packed = core.address((string.gsub(text, "/%d+$", "")))
  list[#list + 1] = packed
  return packed and text, not packed and text or nil
end

local function read_network(given)
  local packed, gateways = {}, {}
  local address, wrong = add_address(packed, given.IPAddress)
  local address6, wrong6 = add_address(packed, given.GlobalIPv6Address)
  add_address(gateways, given.Gateway)
  add_address(gateways, given.IPv6Gateway)
  return {
    id = reply.text(given.NetworkID) or "", address = address, address6 = address6,
    packed = packed, gateways = gateways,
  }, wrong or wrong6
end

local function read_networks(object)
  local networks, broken = {}, nil
  for name, given in pairs(reply.table(reply.table(object.NetworkSettings).Networks)) do
    if type(name) == "string" and type(given) == "table" then
      local wrong
      networks[name], wrong = read_network(given)
      broken = wrong and string.format("its address on network %s is %q", name, wrong) or broken
    end
  end
  return networks, broken
end

---@param object table
---@return string
local function state_of(object)
  if type(object.State) == "table" then
    return reply.text(object.State.Status) or object.State.Running == true and "running" or "exited"
  end
  return reply.text(object.State) or "unknown"
end

container.name_of, container.state_of = name_of, state_of

--- A container of the engine's, in its list or when asked for it: who it is.
---@param text string
---@return any value nil: it is no JSON
---@return string? message
function container.decode(text)
  local object = pick(text)
  if object then
    return object
  end
  return reply.decode(text)
end

--- The same of what it refers to.
---@param text string
---@return any value nil: it is no JSON
---@return string? message
function container.references(text)
  local object = pick_references(text)
  if object then
    return object
  end
  return reply.decode(text)
end

--- Reads an element of GET /containers/json, or the answer to GET /containers/ID/json.
---@param object any as container.decode or reply.decode returns it
---@return moonward.ContainerRecord? record nil: nothing can be said of it
---@return string? message
function container.read(object)
  if type(object) ~= "table" or object == reply.null then
    return nil, "it is no object"
  elseif not container.is_id(object.Id) then
    return nil, string.format("%s has no id of 64 digits", name_of(object) ~= "" and name_of(object) or "it")
  end
  local config = reply.table(object.Config)
  local labels, bad_label = read_labels(object, config)
  local networks, bad_address = read_networks(object)
  return {
    id = object.Id,
    name = name_of(object),
    labels = labels,
    image = reply.text(config.Image) or reply.text(object.Image) or "",
    state = state_of(object),
    networks = networks,
    mode = reply.text(reply.table(object.HostConfig).NetworkMode) or "",
    started = reply.moment(reply.table(object.State).StartedAt),
    broken = bad_label or bad_address,
  }
end

return container
