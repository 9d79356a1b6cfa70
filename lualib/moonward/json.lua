--- JSON as the engine reads it, or refused.
---
--- The engine reads bodies with Go's encoding/json, which finds fields whatever their case, takes
--- U+017F for "s" and U+212A for "k", merges repeated objects and keeps elements of replaced lists.
--- Here every text that two readers could read in two ways is an error: keys that are repeated or
--- equal under Go's folding and have different values, keys with those two characters, keys with NUL,
--- invalid UTF-8, lone surrogates, anything after the value, a byte order mark, nesting deeper than 64, and
--- more than 32768 values. Of members that say the same twice, in the same bytes, the first one stays.
---
--- Objects are tables. `body.HostConfig` and `body.hostconfig` both find the field as it was sent,
--- `pairs` shows the keys as they were sent. Objects whose keys are data (Labels, Options, ...) are
--- exact instead. Arrays are sequences. `null` is `json.null` wherever a policy sees one: its fields are
--- all nil, and it is true in a condition. Numbers are integers where they fit 64 bits, else floats;
--- json.source() gives any value's own bytes.
---
--- It is read in C (core/json/document.h), and becomes Lua's where somebody looks.

local core = require "moonward.core"
local json_path = require "moonward.json_path"

local json = {}

json.max_depth = 64

-- Fields of request bodies (Engine API and libpod) that are maps from the user's own words. No
-- struct that a request body can hold has a field of one of these names that is itself a struct:
-- that is what makes it safe to go by the name.
json.data_maps = {
  annotations = true,
  auxiliaryaddresses = true,
  driveropts = true,
  endpointsconfig = true,
  env = true, -- libpod; a list in the Engine API
  expose = true, -- libpod
  exposedports = true,
  index_annotations = true, -- libpod
  ipam_options = true, -- libpod
  label = true, -- libpod
  labels = true,
  network_options = true, -- libpod
  networks = true, -- libpod; a list in the Engine API
  options = true,
  portbindings = true,
  secret_env = true, -- libpod
  segments = true,
  storage_opts = true, -- libpod
  storageopt = true,
  sysctl = true, -- libpod
  sysctls = true,
  throttlereadbpsdevice = true, -- libpod
  throttlereadiopsdevice = true, -- libpod
  throttlewritebpsdevice = true, -- libpod
  throttlewriteiopsdevice = true, -- libpod
  tmpfs = true,
  unified = true, -- libpod
  volumes = true,
  weightdevice = true, -- libpod
}
-- The same, for names that mean something else elsewhere: field, then the field around it.
json.data_maps_inside = { config = "logconfig" }

--- What null is, wherever a policy sees one.
json.null = core.json.null

--- Lua's `next`, which finds the fields of what was read as well.
---@type fun(table: table, key: any): any, any
json.next = core.json.next

core.json.rules(json.data_maps, json.data_maps_inside)

--- A field's name as Go compares it: two names that fold to the same are one field to the engine.
---@param key string
---@return string
function json.fold(key)
  local folded = string.lower(key)
  if string.find(folded, "[\xc5\xe2]") then
    folded = string.gsub(folded, "\u{17f}", "s")
    folded = string.gsub(folded, "\u{212a}", "k")
  end
  return folded
end

--- Reads one JSON text. Bad text gives nil and a message that begins with the byte's position.
---@param text string
---@return any value
---@return string? message
function json.decode(text)
  local value, message = core.json.read(text, "body")
  return value, message
end

--- The same for what parameters of the query hold, such as filters and a build's labels. They go on as they
--- are, and their keys are data, which the engine reads exactly: what is twins here, {"a":1,"A":1}, is two
--- there. So there may be none.
---@param text string
---@return any value
---@return string? message
function json.decode_parameter(text)
  local value, message, single = core.json.read(text, "body")
  if single then
    return nil, "a key comes twice"
  end
  return value, message
end

---@return boolean # true for an array that was read and for one made by json.array
function json.is_array(value)
  return core.json.kind(value) == "array"
end

---@return boolean # true for an object that was read
function json.is_object(value)
  local kind = core.json.kind(value)
  return kind ~= nil and kind ~= "array"
end

--- Where a value that was read stands in the text: an object or array, or its element 'key'.
---@param value table
---@param key? string|integer
---@return integer? first byte
---@return integer? last byte
function json.span(value, key)
  return core.json.span(value, key)
end

--- The bytes that a value was read from, for numbers that no Lua number holds exactly; nil if it has
--- changed since.
---@param value table
---@param key? string|integer
---@return string?
function json.source(value, key)
  return core.json.source(value, key)
end

--- Marks a sequence as an array, so that an empty one is written as [].
---@param list table
---@return table list
function json.array(list)
  return core.json.array(list)
end

--- What stands at a path: "HostConfig.Binds[1]", 'Labels["com.example.role"]'; elements count from 1, names
--- of fields are found whatever their case. nil where something on the way is not there, or is of another
--- kind. A field that is null is nil, for it is as if it were not there; an element that is null is
--- json.null, which the engine takes for an empty one.
---@param value any
---@param path string
---@return any
function json.at(value, path)
  local steps = json_path.read(path, 2)
  for i = 1, #steps do
    if type(value) ~= "table" or value == json.null then
      return nil
    end
    value = value[steps[i]]
  end
  if value == json.null and type(steps[#steps]) == "string" then
    return nil
  end
  return value
end

local function name_of(value)
  return json.is_array(value) and "a list" or type(value) == "table" and "an object" or "a " .. type(value)
end

local function is_kind(value, is_list)
  return type(value) == "table" and value ~= json.null and json.is_array(value) == is_list
end

--- For an edit: the object at a path of names, made where there is none, and what stands around it as
--- well. With [] at its end it is a list: json.ensure(body, "HostConfig.CapDrop[]"). Something of another
--- kind on the way is an error, and so is a value that is read-only.
---@param value table
---@param path string
---@return table
function json.ensure(value, path)
  local steps = json_path.written(path, 2)
  if not is_kind(value, false) then
    error("json.ensure: expected an object, got " .. name_of(value), 2)
  end
  for i, step in ipairs(steps) do
    local is_list = steps.is_list == true and i == #steps
    if value[step] == nil or value[step] == json.null then
      value[step] = is_list and json.array {} or {}
    end
    value = value[step]
    if not is_kind(value, is_list) then
      error(string.format("json.ensure: '%s' is %s, expected %s", table.concat(steps, ".", 1, i),
        name_of(value), is_list and "a list" or "an object"), 2)
    end
  end
  return value
end

--- Writes a value without white space. A table is an array if it was read or marked as one or holds
--- a sequence; else an object. What JSON cannot hold raises an error.
---@param value any
---@return string
function json.encode(value)
  return require("moonward.json_writer").encode(json, value)
end

return json
