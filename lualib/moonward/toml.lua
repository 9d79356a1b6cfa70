--- Reads a TOML file: all of TOML 1.1, of which 1.0 is a part.
---
---   local config, place = toml.decode(text)
---
--- Tables and arrays become Lua tables, integers and floats stay apart, dates and times become tables
--- with their fields and `text` (moonward.TomlTime); toml.kind() tells what a value was. What the
--- language forbids is refused with line and column: a key or table that is defined twice, also by
--- another spelling, control characters, what is no UTF-8, nesting deeper than 64.
---
--- Start reading at read_document(). No input or output, linear time.

local toml_number = require "moonward.toml_number"
local toml_text = require "moonward.toml_text"

local toml = {}

toml.max_depth = 64

local byte_at, match = string.byte, require("lpeg").match
local fail, describe = toml_text.fail, toml_text.describe

-- What came from where ------------------------------------------------------------------------

-- How each table came to be, which says what may still be added to it:
--   header    by [a]; once
--   implied   on the way of [a.b] to b; may have its own header yet
--   dotted    by a.b = 1; only more dotted keys of the same section add to it, and headers below it
--   inline    by { }; closed
--   array     by [ ]; closed
--   list      by [[a]]; may have more elements
-- Arrays and times are told from tables by their metatables.

local array_meta = { __metatable = "array" }
local time_meta = { __metatable = "time" }

---@alias moonward.TomlKind "table"|"array"|"time"|"string"|"integer"|"float"|"boolean"

--- What a value of a document is.
---@param value any
---@return moonward.TomlKind
function toml.kind(value)
  if type(value) == "table" then
    local meta = getmetatable(value)
    return (meta == "array" or meta == "time") and meta or "table"
  end
  return type(value) == "number" and math.type(value) or type(value)
end

-- Where each line begins; made when somebody asks.
local function lines_of(doc)
  if not doc.lines then
    doc.lines = { 1 }
    for start in string.gmatch(doc.text, "\n()") do
      doc.lines[#doc.lines + 1] = start
    end
  end
  return doc.lines
end

local function line_of(doc, pos)
  local lines = lines_of(doc)
  local first, last = 1, #lines
  while first < last do
    local middle = (first + last + 1) // 2
    if lines[middle] <= pos then
      first = middle
    else
      last = middle - 1
    end
  end
  return first
end

local function place_of(doc, pos)
  local line = line_of(doc, pos)
  local start = lines_of(doc)[line]
  local column = pos > start and (utf8.len(doc.text, start, pos - 1, true) or pos - start) or 0
  return string.format("line %d, column %d", line, column + 1)
end

local function new_table(doc, how, pos)
  local result = {}
  doc.how[result], doc.at[result], doc.keys[result] = how, pos, {}
  return result
end

local function define(doc, target, key, value, pos)
  target[key] = value
  doc.keys[target][key] = pos
end

local function fail_twice(doc, target, key, pos)
  fail(pos, "'%s' is defined twice, first in line %d", key, line_of(doc, doc.keys[target][key]))
end

-- Values --------------------------------------------------------------------------------------

local read_value

local function read_array(doc, pos, depth)
  local text, list, start = doc.text, {}, pos
  pos = toml_text.skip(text, pos + 1)
  while byte_at(text, pos) ~= 0x5d do
    list[#list + 1], pos = read_value(doc, pos, depth + 1)
    pos = toml_text.skip(text, pos)
    local byte = byte_at(text, pos)
    if byte == 0x2c then
      pos = toml_text.skip(text, pos + 1)
    elseif byte ~= 0x5d then
      fail(pos, "expected ',' or ']' in the array, found %s", describe(text, pos))
    end
  end
  doc.how[list], doc.at[list] = "array", start
  return setmetatable(list, array_meta), pos + 1
end

-- "a.b.c = value" within a section or an inline table.
local function read_pair(doc, target, pos, depth)
  local text = doc.text
  local parts, stop, places = toml_text.read_key(text, pos)
  local last = #parts
  for i = 1, last - 1 do
    local key = parts[i]
    local next_table = target[key]
    if next_table == nil then
      next_table = new_table(doc, "dotted", places[i])
      define(doc, target, key, next_table, places[i])
    elseif doc.how[next_table] ~= "dotted" then
      fail_twice(doc, target, key, places[i])
    end
    target = next_table
  end
  if target[parts[last]] ~= nil then
    fail_twice(doc, target, parts[last], places[last])
  elseif byte_at(text, stop) ~= 0x3d then
    fail(stop, "expected '=' behind the key '%s', found %s", parts[last], describe(text, stop))
  end
  stop = match(toml_text.space, text, stop + 1)
  local value, after = read_value(doc, stop, depth + last)
  define(doc, target, parts[last], value, places[last])
  return after
end

local function read_inline(doc, pos, depth)
  local text, result = doc.text, new_table(doc, "inline", pos)
  pos = toml_text.skip(text, pos + 1)
  while byte_at(text, pos) ~= 0x7d do
    pos = read_pair(doc, result, pos, depth)
    pos = toml_text.skip(text, pos)
    local byte = byte_at(text, pos)
    if byte == 0x2c then
      pos = toml_text.skip(text, pos + 1)
    elseif byte ~= 0x7d then
      fail(pos, "expected ',' or '}' in the inline table, found %s", describe(text, pos))
    end
  end
  return result, pos + 1
end

function read_value(doc, pos, depth)
  local byte = byte_at(doc.text, pos)
  if byte == 0x22 or byte == 0x27 then
    return toml_text.read_string(doc.text, pos)
  elseif depth > toml.max_depth then
    fail(pos, "nested deeper than %d", toml.max_depth)
  elseif byte == 0x5b then
    return read_array(doc, pos, depth)
  elseif byte == 0x7b then
    return read_inline(doc, pos, depth)
  end
  local value, stop = toml_number.read(doc.text, pos)
  if type(value) == "table" then
    setmetatable(value, time_meta)
  end
  return value, stop
end

-- Headers -------------------------------------------------------------------------------------

-- The table that all parts but the last lead to.
local function walk(doc, parts, places)
  local target = doc.root
  for i = 1, #parts - 1 do
    local key = parts[i]
    local found = target[key]
    local how = doc.how[found]
    if found == nil then
      found = new_table(doc, "implied", places[i])
      define(doc, target, key, found, places[i])
    elseif how == "list" then
      found = found[#found]
    elseif how == nil or how == "array" or how == "inline" then
      fail_twice(doc, target, key, places[i])
    end
    target = found
  end
  return target
end

local function open_table(doc, parts, places, start)
  local target, key, pos = walk(doc, parts, places), parts[#parts], places[#parts]
  local found = target[key]
  if found == nil then
    found = new_table(doc, "header", start)
    define(doc, target, key, found, pos)
  elseif doc.how[found] ~= "implied" then
    fail_twice(doc, target, key, pos)
  end
  doc.how[found], doc.at[found] = "header", start
  doc.keys[target][key] = pos
  return found
end

local function open_element(doc, parts, places, start)
  local target, key, pos = walk(doc, parts, places), parts[#parts], places[#parts]
  local found = target[key]
  if found == nil then
    found = setmetatable({}, array_meta)
    doc.how[found], doc.at[found] = "list", start
    define(doc, target, key, found, pos)
  elseif doc.how[found] ~= "list" then
    fail_twice(doc, target, key, pos)
  end
  local element = new_table(doc, "header", start)
  found[#found + 1] = element
  return element
end

local function read_header(doc, pos)
  local text, start = doc.text, pos
  local is_element = byte_at(text, pos + 1) == 0x5b
  local ending = is_element and "]]" or "]"
  pos = match(toml_text.space, text, pos + #ending)
  local parts, stop, places = toml_text.read_key(text, pos)
  if string.sub(text, stop, stop + #ending - 1) ~= ending then
    fail(stop, "expected '%s' behind the table's name, found %s", ending, describe(text, stop))
  end
  local open = is_element and open_element or open_table
  return open(doc, parts, places, start), stop + #ending
end

-- The document --------------------------------------------------------------------------------

local function read_document(doc)
  local text, section = doc.text, doc.root
  local pos = toml_text.skip(text, string.sub(text, 1, 3) == "\xef\xbb\xbf" and 4 or 1)
  while pos <= #text do
    if byte_at(text, pos) == 0x5b then
      section, pos = read_header(doc, pos)
    else
      pos = read_pair(doc, section, pos, 0)
    end
    pos = toml_text.skip(text, toml_text.read_line_end(text, pos))
  end
  return doc.root
end

local function read(doc)
  local ok, invalid = utf8.len(doc.text)
  if not ok then
    fail(invalid, "this is not UTF-8: byte 0x%02x", byte_at(doc.text, invalid))
  end
  return read_document(doc)
end

--- The same as toml.decode, for whoever words the message: it begins with line and column.
---@param text string
---@return table? document
---@return string? message
---@return (fun(value: table, key?: string): string)? place
function toml.try(text)
  if type(text) ~= "string" then
    return nil, "expected a document of TOML, got a " .. type(text)
  end
  local doc = { text = text, how = {}, at = {}, keys = {} }
  doc.root = new_table(doc, "header", 1)
  local ok, result = pcall(read, doc)
  if ok then
    return result, nil, function(value, key)
      local keys = doc.keys[value]
      return place_of(doc, key and keys and keys[key] or doc.at[value])
    end
  elseif type(result) == "table" and getmetatable(result) == toml_text.failure then
    return nil, place_of(doc, result.pos) .. ": " .. result.message
  end
  error(result, 0)
end

--- Reads a document. A bad one is an error, in the line that calls, with line and column of the document.
---
--- `place(table, key)` says "line 3, column 8", where a table begins or the key in it stands.
---@param text string
---@return table document
---@return fun(value: table, key?: string): string place
function toml.decode(text)
  local document, message, place = toml.try(text)
  if not document then
    error(message, 2)
  end
  return document, place
end

return toml
