--- How the fields of a body are read: each looks at one value and adds the powers in it. The rows
--- that walk.lua is given name one of these; what a reader wants to know besides stands in the row.
--- What is of another type than the engine expects is an error.

local json = require "moonward.json"
local mount_fields = require "moonward.mount_fields"
local paths = require "moonward.paths"
local walk = require "moonward.powers.walk"

local readers = {}

local add, text_of = walk.add, mount_fields.text

-- The first power of a row.
local function power_of(row)
  return walk.powers_of(row)[1]
end

local function list_of(value, where)
  return mount_fields.list_at({ at = value }, "at", where)
end

-- "" and 0 are what clients write for nothing.
local function say(value)
  return type(value) == "string" and value or type(value) == "table" and "" or tostring(value)
end

-- Plain values -------------------------------------------------------------------------------

--- Read by mounts.lua.
function readers.mount() end

--- true.
function readers.flag(found, value, where, row)
  if value == true then
    add(found, power_of(row), "", where)
  elseif value ~= false then
    mount_fields.fail("expected true or false, got a " .. type(value), where)
  end
end

--- Any text but "" and those in row.harmless.
function readers.text(found, value, where, row)
  local text = text_of(value, where)
  if text ~= "" and not (row.harmless and row.harmless[text]) then
    add(found, power_of(row), text, where)
  end
end

--- A path of the host.
function readers.path(found, value, where, row)
  local path = text_of(value, where)
  if path ~= "" and not (row.harmless and row.harmless[path]) then
    add(found, power_of(row), paths.clean(path), where)
  end
end

--- Each text of a list; a text alone is a list of one.
function readers.texts(found, value, where, row)
  if type(value) == "string" then
    return readers.text(found, value, where, row)
  end
  for i, text in ipairs(list_of(value, where)) do
    local at = where .. "[" .. i .. "]"
    add(found, power_of(row), text_of(text, at), at)
  end
end

--- Anything, if it is not null: an empty list too.
function readers.present(found, value, where, row)
  add(found, power_of(row), say(value), where)
end

--- Each of row.defaults that a list leaves out.
function readers.missing(found, value, where, row)
  local given = {}
  for i, text in ipairs(list_of(value, where)) do
    given[text_of(text, where .. "[" .. i .. "]")] = true
  end
  for _, path in ipairs(row.defaults) do
    if not given[path] then
      add(found, power_of(row), path, where)
    end
  end
end

--- Anything but what says nothing: 0, false, "", an empty list or object.
function readers.given(found, value, where, row)
  local nothing = value == 0 or value == false or value == ""
    or type(value) == "table" and json.next(value) == nil
  if not nothing then
    add(found, power_of(row), say(value), where)
  end
end

--- A number below 0.
function readers.negative(found, value, where, row)
  if type(value) ~= "number" then
    mount_fields.fail("expected a number, got a " .. type(value), where)
  elseif value < 0 then
    add(found, power_of(row), tostring(value), where)
  end
end

--- "key=value" of each entry of a map, but for the keys in row.harmless.
function readers.map(found, value, where, row)
  for _, key in ipairs(walk.keys(mount_fields.object(value, where))) do
    if not (row.harmless and row.harmless[key]) then
      add(found, power_of(row), key .. "=" .. say(value[key]), where .. "." .. key)
    end
  end
end

--- The value of each entry of a map.
function readers.map_values(found, value, where, row)
  for _, key in ipairs(walk.keys(mount_fields.object(value, where))) do
    add(found, power_of(row), say(value[key]), where .. "." .. key)
  end
end

-- Objects ------------------------------------------------------------------------------------

--- An object of row.type.
function readers.object(found, value, where, row)
  walk.object(found, row.type, mount_fields.object(value, where), where .. ".")
end

--- A list of objects of row.type.
function readers.objects(found, value, where, row)
  walk.objects(found, row.type, list_of(value, where), where)
end

--- A list of objects of row.type, each a power. Its value is in the field row.value.
function readers.each(found, value, where, row)
  for i, item in ipairs(list_of(value, where)) do
    local at = where .. "[" .. i .. "]"
    local text = say(mount_fields.object(item, at)[row.value] or "")
    add(found, power_of(row), row.is_path and paths.clean(text) or text, at)
    walk.object(found, row.type, item, at .. ".")
  end
end

--- A map whose keys are networks, with endpoints of row.type.
function readers.endpoints(found, value, where, row)
  for _, key in ipairs(walk.keys(mount_fields.object(value, where))) do
    local at = where .. "." .. key
    readers.network_mode(found, key, at)
    if value[key] ~= json.null then
      walk.object(found, row.type, mount_fields.object(value[key], at), at .. ".")
    end
  end
end

-- Values with a meaning ----------------------------------------------------------------------

-- "container:name", as the engine splits it.
local function container_in(text)
  return string.match(text, "^container:(.*)$")
end

--- A namespace: row.is says which, row.harmless what keeps it apart.
function readers.namespace(found, value, where, row)
  local text = text_of(value, where)
  if text == "" or row.harmless[text] then
    return
  elseif text == "host" then
    add(found, "host-namespace", row.is, where)
  elseif row.is == "ipc" and text == "shareable" then
    add(found, "shareable-ipc", "", where)
  elseif container_in(text) then
    add(found, "joined-namespace", row.is .. ":" .. container_in(text), where)
  else
    add(found, "unknown-value", text, where)
  end
end

local own_networks = walk.set "default bridge none"

--- A network by name, or one of the words that mean something else.
function readers.network_mode(found, value, where)
  local text = text_of(value, where)
  if text == "" or own_networks[text] then
    return
  elseif text == "host" then
    add(found, "host-namespace", "net", where)
  elseif container_in(text) then
    add(found, "joined-namespace", "net:" .. container_in(text), where)
  elseif string.find(text, "[:/]") then
    add(found, "unknown-value", text, where)
  else
    add(found, "network", text, where)
  end
end

--- Capabilities, however they are written; "ALL" is all of them.
function readers.capabilities(found, value, where)
  for i, text in ipairs(type(value) == "string" and { value } or list_of(value, where)) do
    local at = type(value) == "string" and where or where .. "[" .. i .. "]"
    add(found, "capability", readers.capability_name(text_of(text, at)), at)
  end
end

---@param text string "cap_net_admin"
---@return string # "NET_ADMIN"
function readers.capability_name(text)
  return (string.gsub(string.upper(text), "^CAP_", ""))
end

-- What only takes away.
local tightening = walk.set "no-new-privileges no-new-privileges:true no-new-privileges=true"

--- Security options: all but those that only take away.
function readers.security_options(found, value, where)
  for i, item in ipairs(list_of(value, where)) do
    local at = where .. "[" .. i .. "]"
    local text = text_of(item, at)
    if not tightening[text] then
      add(found, "security-option", text, at)
    end
  end
end

--- A directory that may be a file descriptor of the runtime. Links in the image are not seen.
function readers.working_dir(found, value, where)
  local path = paths.clean("/" .. text_of(value, where))
  if paths.is_below_any(path, { "/proc", "/dev" }) then
    add(found, "working-dir", path, where)
  end
end

-- "8080", "127.0.0.1:8080", "[::1]:8000-8010"
local function add_port(found, address, port, where)
  if string.find(address, ":", 1, true) and string.sub(address, 1, 1) ~= "[" then
    address = "[" .. address .. "]"
  end
  add(found, "port", (address ~= "" and address .. ":" or "") .. (port ~= "" and port or "0"), where)
end

local binding = walk.type({}, "HostIp HostPort")

--- A map of container ports to lists of ports of the host.
function readers.port_bindings(found, value, where)
  for _, key in ipairs(walk.keys(mount_fields.object(value, where))) do
    for i, item in ipairs(mount_fields.list_at(value, key, where)) do
      local at = where .. "." .. key .. "[" .. i .. "]"
      mount_fields.object(item, at)
      add_port(found, mount_fields.text_at(item, "HostIp", at),
        mount_fields.text_at(item, "HostPort", at), at)
      walk.object(found, binding, item, at .. ".")
    end
  end
end

--- A list of objects with ports as numbers, in the fields row.port and row.address; row.range is how
--- many follow each other.
function readers.port_list(found, value, where, row)
  for i, item in ipairs(list_of(value, where)) do
    local at = where .. "[" .. i .. "]"
    mount_fields.object(item, at)
    local first = math.tointeger(item[row.port] or 0) or 0
    local count = row.range and math.tointeger(item[row.range] or 1) or 1
    local port = count > 1 and first .. "-" .. first + count - 1 or tostring(first)
    add_port(found, row.address and mount_fields.text_at(item, row.address, at) or "", port, at)
    walk.object(found, row.type, item, at .. ".")
  end
end

--- true: any free ports of the host.
function readers.publish_all(found, value, where)
  if value == true then
    add(found, "port", "0", where)
  elseif value ~= false then
    mount_fields.fail("expected true or false, got a " .. type(value), where)
  end
end

return readers
