--- Holds a request to what was judged: names of objects in its body and its query become the ids that they
--- had then, so that the engine takes them for the same whenever it resolves them. Which places there are
--- and how each is held says the table of references (references/engine.lua).
---
--- Start reading at held.containers() and held.networks(). `find` is asked for each reference, and returns
--- the object's id, raises a verdict, or returns nil: then the reference stays as it is.
local core = require "moonward.core"
local json = require "moonward.json"
local places = require "moonward.references.places"

local held = {}

local function is_object(value)
  return type(value) == "table" and value ~= json.null
end

-- Walking ------------------------------------------------------------------------------------------

-- "HostConfig.Binds[]" as { "HostConfig", "Binds", "[]" }.
local function steps_of(key)
  local steps = {}
  for name, more in string.gmatch(key, "([^.%[{]+)([%[%]{}]*)") do
    steps[#steps + 1] = name
    for mark in string.gmatch(more, "..") do
      steps[#steps + 1] = mark
    end
  end
  return steps
end

-- Old engines take the fields of HostConfig at the top as well.
local function twin_of(steps)
  return steps[1] == "HostConfig" and { table.unpack(steps, 2) } or nil
end

local walks = {}
for _, row in ipairs(places.from "body") do
  local steps = steps_of(row.key)
  walks[row] = { steps, row == places.at("container.create", row.place) and twin_of(steps) or nil }
end

-- Calls 'visit' with each table and key that the steps lead to.
local function follow(value, steps, at, visit)
  local step = steps[at]
  if not is_object(value) or step == nil then
    return
  end
  local keys = {}
  if step == "[]" then
    for i in ipairs(value) do
      keys[i] = i
    end
  elseif step == "{}" then
    for key in pairs(value) do
      keys[#keys + 1] = key
    end
  elseif value[step] ~= nil and value[step] ~= json.null then
    keys[1] = step
  end
  for _, key in ipairs(keys) do
    if at == #steps then
      visit(value, key)
    else
      follow(value[key], steps, at + 1, visit)
    end
  end
end

--- Calls 'visit' with the table and the key of each value in a place of the body.
---@param row moonward.Reference
---@param body any decoded
---@param visit fun(holder: table, key: string|integer)
function held.each(row, body, visit)
  for _, steps in ipairs(walks[row]) do
    follow(body, steps, 1, visit)
  end
end

-- References -----------------------------------------------------------------------------------------

local CONTAINER = "^container:(.*)$"

-- By form: the value with ids; what cannot be read stays as it is, and the engine refuses it.
local forms = {}

function forms.any(text, find)
  return text ~= "" and find(text) or text
end

function forms.mode(text, find)
  local name = string.match(text, CONTAINER)
  return name and "container:" .. (find(name) or name) or text
end

-- "db" is short for "db:db" in a link; "/db:/web/alias", as the engine itself writes it, for "db:alias".
function forms.entry(text, find, row)
  local name, rest = string.match(text, "^([^:]*)(.*)$")
  local id = find(name)
  if not id then
    return text
  elseif row.power ~= "link" then
    return id .. rest
  end
  local path = string.match(name, "^/") and "^:.*/([^/]*)$" or "^:(.*)$"
  return id .. ":" .. (string.match(rest, path) or string.match(rest, "^:(.*)$") or name)
end

-- A network mode can be a container, too.
forms.network = forms.mode

local function names_container(row)
  return row.held == "id" and row.kind == "container" or row.form == "network"
end

local by_id = {}
for _, row in ipairs(places.from("body", names_container)) do
  for _, operation in ipairs(row.operations) do
    by_id[operation] = by_id[operation] or {}
    table.insert(by_id[operation], row)
  end
end

--- Containers that a body names.
---@param operation string
---@param body any decoded; is changed
---@param find fun(row: moonward.Reference, reference: string): string?
function held.containers(operation, body, find)
  for _, row in ipairs(by_id[operation] or {}) do
    held.each(row, body, function(holder, key)
      if type(holder[key]) == "string" or row.form == "entry" then
        holder[key] = forms[row.form](tostring(holder[key]), function(name) return find(row, name) end, row)
      end
    end)
  end
end

-- Networks -------------------------------------------------------------------------------------------

-- Words for what the engine brings along; it goes by these, whatever else an endpoint says.
local words = { [""] = true, default = true, bridge = true, host = true, none = true }

--- Whether a network mode, or the key of an endpoint, names a network that somebody made.
---@param text any
---@return boolean
function held.is_network(text)
  return type(text) == "string" and not words[text] and not string.find(text, CONTAINER)
end

-- An endpoint that is of the network with this id, and says so.
local function pin(endpoints, key, id, find)
  if not id then
    return
  end
  local endpoint = is_object(endpoints[key]) and endpoints[key] or {}
  local given = endpoint.NetworkID
  if type(given) == "string" and given ~= "" and given ~= id and find(given) ~= id then
    error(core.ruling("deny", 400, "NetworkID of the endpoint " .. key .. " is another network's"))
  end
  endpoint.NetworkID = id
  endpoints[key] = endpoint
end

local function pin_all(endpoints, find)
  local keys = {}
  for key in pairs(endpoints) do
    keys[#keys + 1] = key
  end
  for _, key in ipairs(keys) do
    if held.is_network(key) then
      pin(endpoints, key, find(key), find)
    elseif is_object(endpoints[key]) and endpoints[key].NetworkID ~= nil then
      endpoints[key].NetworkID = ""
    end
  end
  return #keys
end

-- Which of the two places the engine reads the mode from: HostConfig, if there is one.
local function hosts_of(body)
  return is_object(body.HostConfig) and { body.HostConfig, body } or { body }
end

-- The engine resolves the name of a network when the container starts for the first time, and goes by the
-- endpoint's NetworkID where there is one.
local function pin_create(body, find)
  local config = is_object(body.NetworkingConfig) and body.NetworkingConfig or {}
  local endpoints = is_object(config.EndpointsConfig) and config.EndpointsConfig or {}
  local count = pin_all(endpoints, find)
  for _, host in ipairs(hosts_of(body)) do
    local mode = host.NetworkMode
    if held.is_network(mode) then
      if count > 0 and not endpoints[mode] then -- an endpoint more would be a network more
        host.NetworkMode = find(mode) or mode
      elseif count == 0 then
        pin(endpoints, mode, find(mode), find)
      end
    end
  end
  if next(endpoints) ~= nil then
    config.EndpointsConfig, body.NetworkingConfig = endpoints, config
  end
end

local function pin_connect(body, find, request)
  local network = request.target
  if network and held.is_network(network.name) or is_object(body.EndpointConfig) then
    pin(body, "EndpointConfig", network and network.id or "", find)
  end
end

local pins = { ["container.create"] = pin_create, ["network.connect"] = pin_connect }
for operation in pairs(pins) do
  assert(places.of(operation)[1], operation)
end

--- Whether bodies of an operation can name networks that are resolved later.
---@param operation string
---@return boolean
function held.names_networks(operation)
  return pins[operation] ~= nil
end

--- Networks that a body names get their id beside their name.
---@param request moonward.Request
---@param body any decoded; is changed
---@param find fun(reference: string): string?
function held.networks(request, body, find)
  local write = pins[request.operation]
  if write and is_object(body) then
    write(body, find, request)
  end
end

--- The network mode in a query, as it goes on: the builder resolves it at each step.
---@param mode string
---@param find_network fun(reference: string): string
---@param find_container fun(reference: string): string
---@return string
function held.mode(mode, find_network, find_container)
  if held.is_network(mode) then
    return find_network(mode)
  end
  return forms.mode(mode, find_container)
end

return held
