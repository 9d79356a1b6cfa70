--- The strict reader of JSON once more, in LPeg: what core/json/document.c is compared with. It makes plain
--- tables, of all of the text at once.

local json = require "moonward.json"
local lpeg = require "lpeg"
local words = require "spec.support.json_words"

local oracle = {}

local MAX_VALUES = 32768

local match, byte_at, fail = lpeg.match, string.byte, words.fail
local space, describe, read_string = words.space, words.describe, words.read_string

local read_value

local function read_array(doc, pos, depth)
  local text, list, count = doc.text, {}, 0
  pos = match(space, text, pos + 1)
  if byte_at(text, pos) ~= 0x5d then
    while true do
      local stop
      count = count + 1
      list[count], stop = read_value(doc, pos, depth + 1)
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
  doc.kinds[list] = "array"
  return list, pos + 1
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

-- What is between the two goes, and what goes inside of it with it.
local function leave_out(twins, from, to)
  while twins[#twins] and twins[#twins][1] > from do
    twins[#twins] = nil
  end
  twins[#twins + 1] = { from, to }
end

local function fail_twice(pos, key, first)
  local other = first ~= key and ', first as "' .. first .. '"' or ""
  fail(pos, 'the key "' .. key .. '" comes twice' .. other)
end

-- 'name' is the folded key that a struct stands under. What a map holds is never a map by its key:
-- a network may be named "labels".
local function read_object(doc, pos, depth, is_map, name)
  local text, object, seen, values = doc.text, {}, {}, {}
  local comma
  pos = match(space, text, pos + 1)
  if byte_at(text, pos) ~= 0x7d then
    while true do
      local key, known, at = read_key(text, pos, is_map)
      local value, stop = read_value(doc, at, depth + 1, not is_map and known or nil, name)
      local source = string.sub(text, at, stop - 1)
      if not seen[known] then
        seen[known], values[known], object[key] = key, source, value
      elseif values[known] == source then
        leave_out(doc.twins, comma, stop)
      else
        fail_twice(pos, key, seen[known])
      end
      pos = match(space, text, stop)
      local byte = byte_at(text, pos)
      if byte == 0x7d then
        break
      elseif byte ~= 0x2c then
        fail(pos, "expected ',' or '}' in an object, found " .. describe(text, pos))
      end
      comma = pos
      pos = match(space, text, pos + 1)
    end
  end
  doc.kinds[object] = is_map and "map" or "struct"
  return object, pos + 1
end

local literals = {
  [0x74] = { "true", true },
  [0x66] = { "false", false },
  [0x6e] = { "null", json.null },
}

local function read_word(text, pos)
  local word = literals[byte_at(text, pos)]
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
    fail(pos, "more than " .. MAX_VALUES .. " values")
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
    return words.read_number(text, pos)
  end
  return read_word(text, pos)
end

local function without(text, twins)
  local parts, from = {}, 1
  for _, twin in ipairs(twins) do
    parts[#parts + 1] = string.sub(text, from, twin[1] - 1)
    from = twin[2]
  end
  return table.concat(parts) .. string.sub(text, from)
end

local function read_document(text)
  if string.sub(text, 1, 3) == "\xef\xbb\xbf" then
    fail(1, "a byte order mark")
  end
  local pos = match(space, text)
  if pos > #text then
    fail(pos, "expected a value, the text is empty")
  end
  local doc = { text = text, left = MAX_VALUES, kinds = {}, twins = {} }
  local value, stop = read_value(doc, pos, 1)
  stop = match(space, text, stop)
  if stop <= #text then
    fail(stop, "expected the end, found " .. describe(text, stop))
  end
  return { value = value, kinds = doc.kinds, single = doc.twins[1] and without(text, doc.twins) or nil }
end

--- Reads one JSON text: what it is, what kind each of its tables is, and if it had twins the text without them.
--- Bad text gives nil and the message of moonward.json.
---@param text string
---@return { value: any, kinds: table<table, string>, single: string? }?
---@return string? message
function oracle.read(text)
  local ok, result = pcall(read_document, text)
  if ok then
    return result
  elseif type(result) == "table" and getmetatable(result) == words.failure then
    return nil, result.message
  end
  error(result, 0)
end

return oracle
