--- Reads a JSON body so that a policy sees what the engine will do with it, or refuses it.
---
--- The engine reads bodies with Go's encoding/json, which finds fields whatever their case, takes
--- U+017F for "s" and U+212A for "k", merges repeated objects and keeps elements of replaced lists.
--- Here every text that two readers could read in two ways is an error: keys that are repeated or
--- equal under Go's folding, keys with those two characters, keys with NUL, invalid UTF-8, lone
--- surrogates, anything after the value, a byte order mark, and nesting deeper than 64.
---
--- Objects are tables. `body.HostConfig` and `body.hostconfig` both find the field as it was sent,
--- `pairs` shows the keys as they were sent. Objects whose keys are data (Labels, Options, ...) are
--- exact instead. Arrays are sequences. `null` is `json.null`, whose fields are all nil, and which
--- is true in a condition. Numbers are integers where they fit 64 bits, else floats; json.source()
--- gives any value's own bytes.
---
--- Start reading at json.decode(). No input or output, linear time, bounded memory.

local lpeg = require "lpeg"
local json_text = require "moonward.json_text"

local json = {}

json.max_depth = 64
-- Values in one body. Bounds the memory that a body of -maxbody bytes can turn into; the largest
-- create requests seen hold some hundreds.
json.max_values = 32768

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

json.null = setmetatable({}, {
  __index = function() end,
  __newindex = function() error("json.null cannot be changed", 2) end,
  __tostring = function() return "null" end,
  __metatable = false,
})

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

-- Behind the tables --------------------------------------------------------------------------

-- All objects of a document share two metatables, all arrays one: {kind=, doc=, __metatable=}. The
-- document holds what does not fit into the tables themselves:
--   text     the whole text
--   spans    of each object and array: start << 32 | stop
--   names    of each object, made when it is needed: folded name -> name as sent
--   members  of each object and array, made when it is needed: key -> start << 32 | stop

local function meta_of(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and meta.kind and meta or nil
end

local function names_of(object)
  local doc = getmetatable(object).doc
  local names = doc.names[object]
  if not names then
    names = {}
    for key in next, object do
      if type(key) == "string" then
        names[json.fold(key)] = key
      end
    end
    doc.names[object] = names
  end
  return names
end

local function find_folded(object, key)
  if type(key) == "string" then
    local sent = names_of(object)[json.fold(key)]
    return sent and rawget(object, sent)
  end
end

-- A field set under another case replaces the one that was sent; two would be read as one.
local function set_folded(object, key, value)
  if type(key) == "string" then
    local names = names_of(object)
    local folded = json.fold(key)
    names[folded] = names[folded] or key
    key = names[folded]
  end
  rawset(object, key, value)
end

local function new_meta(kind, doc)
  local meta = { kind = kind, doc = doc }
  if kind == "struct" then
    meta.__index, meta.__newindex = find_folded, set_folded
  end
  meta.__metatable = meta -- for meta_of; and it cannot be replaced
  return meta
end

local function new_doc(text)
  local doc = { text = text, left = json.max_values, spans = {}, names = {}, members = {} }
  doc.array, doc.struct, doc.map = new_meta("array", doc), new_meta("struct", doc), new_meta("map", doc)
  return doc
end

-- Reading ------------------------------------------------------------------------------------

local match, byte_at, fail = lpeg.match, string.byte, json_text.fail
local space, describe, read_string = json_text.space, json_text.describe, json_text.read_string

local read_value

-- 'members', if given, gets the span of each element.
local function read_array(doc, pos, depth, members)
  local text, list, count, start = doc.text, {}, 0, pos
  pos = match(space, text, pos + 1)
  if byte_at(text, pos) ~= 0x5d then
    while true do
      local stop
      count = count + 1
      list[count], stop = read_value(doc, pos, depth + 1)
      if members then
        members[count] = pos << 32 | (stop - 1)
      end
      pos = match(space, text, stop)
      local byte = byte_at(text, pos)
      if byte == 0x5d then
        break
      elseif byte ~= 0x2c then
        fail(pos, "expected ',' or ']' in an array, found " .. describe(text, pos))
      end
      pos = match(space, text, pos + 1)
    end
  end
  doc.spans[list] = start << 32 | pos
  return setmetatable(list, doc.array), pos + 1
end

-- The key at 'pos', what it counts as, and the position of its value.
local function read_key(text, pos, is_map)
  if byte_at(text, pos) ~= 0x22 then
    fail(pos, "expected a key in double quotes, found " .. describe(text, pos))
  end
  local key, stop = read_string(text, pos)
  if string.find(key, "\0", 1, true) then
    fail(pos, "a key holds a NUL")
  end
  local folded = json.fold(key)
  if not is_map and string.lower(key) ~= folded then
    fail(pos, 'the key "' .. key .. '" holds a character that the engine reads as an ASCII letter')
  end
  stop = match(space, text, stop)
  if byte_at(text, stop) ~= 0x3a then
    fail(stop, 'expected \':\' after the key "' .. key .. '", found ' .. describe(text, stop))
  end
  return key, is_map and key or folded, match(space, text, stop + 1)
end

local function fail_twice(pos, key, first)
  local other = first ~= key and ', first as "' .. first .. '"' or ""
  fail(pos, 'the key "' .. key .. '" comes twice' .. other)
end

-- 'name' is the folded key that a struct stands under. What a map holds is never a map by its key:
-- a network may be named "labels".
local function read_object(doc, pos, depth, is_map, name, members)
  local text, object, seen, start = doc.text, {}, {}, pos
  pos = match(space, text, pos + 1)
  if byte_at(text, pos) ~= 0x7d then
    while true do
      local key, known, at = read_key(text, pos, is_map)
      if seen[known] then
        fail_twice(pos, key, seen[known])
      end
      seen[known] = key
      local value, stop = read_value(doc, at, depth + 1, not is_map and known or nil, name)
      object[key] = value
      if members then
        members[key] = at << 32 | (stop - 1)
      end
      pos = match(space, text, stop)
      local byte = byte_at(text, pos)
      if byte == 0x7d then
        break
      elseif byte ~= 0x2c then
        fail(pos, "expected ',' or '}' in an object, found " .. describe(text, pos))
      end
      pos = match(space, text, pos + 1)
    end
  end
  doc.spans[object] = start << 32 | pos
  return setmetatable(object, is_map and doc.map or doc.struct), pos + 1
end

local words = {
  [0x74] = { "true", true },
  [0x66] = { "false", false },
  [0x6e] = { "null", json.null },
}

local function read_word(text, pos)
  local word = words[byte_at(text, pos)]
  local stop = word and pos + #word[1]
  if word and string.sub(text, pos, stop - 1) == word[1] and not string.find(text, "^[%w_]", stop) then
    return word[2], stop
  end
  fail(pos, "expected a value, found " .. describe(text, pos))
end

-- 'name' is the folded key of a struct that the value stands under, 'outer' that of the struct.
function read_value(doc, pos, depth, name, outer)
  doc.left = doc.left - 1
  if doc.left < 0 then
    fail(pos, "more than " .. json.max_values .. " values")
  end
  local text = doc.text
  local byte = byte_at(text, pos)
  if byte == 0x22 then
    return read_string(text, pos)
  elseif depth > json.max_depth and (byte == 0x7b or byte == 0x5b) then
    fail(pos, "nested deeper than " .. json.max_depth)
  elseif byte == 0x7b then
    local inside = json.data_maps_inside[name]
    local is_map = json.data_maps[name] or (inside ~= nil and inside == outer)
    return read_object(doc, pos, depth, is_map, name)
  elseif byte == 0x5b then
    return read_array(doc, pos, depth)
  elseif byte and (byte == 0x2d or byte >= 0x30 and byte <= 0x39) then
    return json_text.read_number(text, pos)
  end
  return read_word(text, pos)
end

local function read_document(text)
  if string.sub(text, 1, 3) == "\xef\xbb\xbf" then
    fail(1, "a byte order mark")
  end
  local pos = match(space, text)
  if pos > #text then
    fail(pos, "expected a value, the text is empty")
  end
  local value, stop = read_value(new_doc(text), pos, 1)
  stop = match(space, text, stop)
  if stop <= #text then
    fail(stop, "expected the end, found " .. describe(text, stop))
  end
  return value
end

--- Reads one JSON text. Bad text gives nil and a message that begins with the byte's position.
---@param text string
---@return any value
---@return string? message
function json.decode(text)
  local ok, result = pcall(read_document, text)
  if ok then
    return result
  elseif type(result) == "table" and getmetatable(result) == json_text.failure then
    return nil, result.message
  end
  error(result, 0)
end

-- Looking behind a value ---------------------------------------------------------------------

---@return boolean # true for an array that was read and for one made by json.array
function json.is_array(value)
  local meta = meta_of(value)
  return meta ~= nil and meta.kind == "array"
end

---@return boolean # true for an object that was read
function json.is_object(value)
  local meta = meta_of(value)
  return meta ~= nil and meta.kind ~= "array"
end

-- The elements' spans, found by reading the value once more: few values are asked for them.
local function members_of(value, meta)
  local doc = meta.doc
  local members = doc.members[value]
  if not members then
    members = {}
    local start = doc.spans[value] >> 32
    local again = new_doc(doc.text)
    if meta.kind == "array" then
      read_array(again, start, 1, members)
    else
      read_object(again, start, 1, meta.kind == "map", nil, members)
    end
    doc.members[value] = members
  end
  return members
end

--- Where a value that was read stands in the text: an object or array, or its element 'key'.
---@param value table
---@param key? string|integer
---@return integer? first byte
---@return integer? last byte
function json.span(value, key)
  local meta = meta_of(value)
  local span = meta and meta.doc and meta.doc.spans[value]
  if span and key ~= nil then
    local members = members_of(value, meta)
    span = members[key]
    if not span and meta.kind == "struct" and type(key) == "string" then
      span = members[names_of(value)[json.fold(key)]]
    end
  end
  if span then
    return span >> 32, span & 0xffffffff
  end
end

--- The bytes that a value was read from, for numbers that no Lua number holds exactly.
---@param value table
---@param key? string|integer
---@return string?
function json.source(value, key)
  local first, last = json.span(value, key)
  return first and string.sub(meta_of(value).doc.text, first, last)
end

local plain_array = new_meta("array")

--- Marks a sequence as an array, so that an empty one is written as [].
---@param list table
---@return table list
function json.array(list)
  return setmetatable(list, plain_array)
end

--- Writes a value without white space. A table is an array if it was read or marked as one or holds
--- a sequence; else an object. What JSON cannot hold raises an error.
---@param value any
---@return string
function json.encode(value)
  return require("moonward.json_writer").encode(json, value)
end

return json
