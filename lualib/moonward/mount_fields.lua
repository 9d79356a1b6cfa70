--- Reading fields of a body for mounts.lua: absent and null are the same, and what is of another type
--- than the engine expects is an error. Messages end with the place in the body.

local json = require "moonward.json"
local paths = require "moonward.paths"

local mount_fields = {}

---@param message string
---@param where string
function mount_fields.fail(message, where)
  error(message .. " (" .. where .. ")", 0)
end

local function place(prefix, key)
  if prefix == "" or string.sub(prefix, -1) == "." then
    return prefix .. key
  end
  return prefix .. "." .. key
end

local function expect(what, value, where)
  local got = value == json.null and "null"
    or json.is_array(value) and "a list"
    or json.is_object(value) and "an object"
    or "a " .. type(value)
  mount_fields.fail("expected " .. what .. ", got " .. got, where)
end

local function get(object, key)
  local value = object and object[key]
  if value ~= json.null then
    return value
  end
end

---@return table
function mount_fields.object(value, where)
  if type(value) ~= "table" or value == json.null or json.is_array(value) then
    expect("an object", value, where)
  end
  return value
end

---@return string
function mount_fields.text(value, where)
  if type(value) ~= "string" then
    expect("a string", value, where)
  end
  return value
end

--- The object in a field; nil if there is none.
---@return table?
function mount_fields.object_at(object, key, prefix)
  local value = get(object, key)
  return value ~= nil and mount_fields.object(value, place(prefix, key)) or nil
end

--- The string in a field; "" if there is none.
---@return string
function mount_fields.text_at(object, key, prefix)
  local value = get(object, key)
  return value ~= nil and mount_fields.text(value, place(prefix, key)) or ""
end

--- The switch in a field; false if there is none.
---@return boolean
function mount_fields.flag_at(object, key, prefix)
  local value = get(object, key)
  if value ~= nil and type(value) ~= "boolean" then
    expect("true or false", value, place(prefix, key))
  end
  return value == true
end

--- The list in a field; an empty one if there is none.
---@return table
function mount_fields.list_at(object, key, prefix)
  local value = get(object, key)
  if value == nil then
    return {}
  elseif not json.is_array(value) then
    expect("a list", value, place(prefix, key))
  end
  return value
end

--- The parts between the separators, empty ones too.
---@param text string
---@param separator string one character
---@return string[]
function mount_fields.split(text, separator)
  local parts = {}
  for part in string.gmatch(text .. separator, "([^" .. separator .. "]*)" .. separator) do
    parts[#parts + 1] = part
  end
  return parts
end

---@return moonward.Mount # the entry, to say more about it
function mount_fields.add(found, kind, source, where)
  if kind == "bind" then
    source = paths.clean(source)
  end
  local entry = { kind = kind, source = source, where = where }
  found[#found + 1] = entry
  return entry
end

--- Whether options say "ro", and none "rw".
---@return boolean
function mount_fields.is_readonly(options)
  local said = {}
  for _, option in ipairs(options) do
    said[option] = true
  end
  return said.ro == true and not said.rw
end

--- Says where it goes in the container; nothing where the request does not say.
function mount_fields.set_target(entry, target, readonly)
  if target ~= "" then
    entry.target, entry.readonly = paths.clean(target), readonly
  end
end

--- Adds what cannot be told, where 'found' is open for such (mounts.all); else an error.
---@param kind "plugin"|"view"|"unknown"
function mount_fields.add_unknown(found, kind, source, where, message)
  if not found.open then
    mount_fields.fail(message, where)
  end
  mount_fields.add(found, kind, source, where)
end

--- A source that is a path, or the name of a volume. Podman takes "./x" for a path, Docker refuses it.
function mount_fields.add_source(found, source, where)
  local is_path = string.find(source, "^[/.~]") ~= nil
  return mount_fields.add(found, is_path and "bind" or "volume", source, where)
end

--- Options that name paths, such as "upperdir=/x" of an overlay. Several lower directories come with
--- colons between them. Quotes and backslashes hide where a path ends, so they are refused.
---@param options string[]
function mount_fields.add_option_paths(found, options, where)
  for _, option in ipairs(options) do
    local key, value = string.match(mount_fields.text(option, where), "^([^=]*)=?(.*)$")
    if string.find(option, "[\\\"']") then
      mount_fields.fail("quotes and backslashes in mount options are not understood", where)
    elseif string.find(key, "dir") or string.find(value, "/") then
      for path in string.gmatch(value, "[^:]+") do
        mount_fields.add(found, "bind", path, where)
      end
    end
  end
end

--- One mount of the kind for each text of a list.
function mount_fields.add_list(found, kind, list, where)
  for i, text in ipairs(list) do
    local at = where .. "[" .. i .. "]"
    mount_fields.add(found, kind, mount_fields.text(text, at), at)
  end
end

return mount_fields
