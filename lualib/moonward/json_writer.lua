--- Writes values as JSON, exactly: what json.lua read and nobody changed comes out with the same
--- keys in the same order and the same numbers. Called through json.encode.

local json_text = require "moonward.json_text"

local json_writer = {}

local function quote(text)
  return json_text.quote(text) or error("cannot write a string that is not UTF-8 as JSON", 0)
end

local function write_number(value)
  if math.type(value) == "integer" then
    return string.format("%d", value)
  elseif value ~= value or value == math.huge or value == -math.huge then
    error("cannot write " .. tostring(value) .. " as JSON", 0)
  end
  for precision = 15, 16 do
    local text = string.format("%." .. precision .. "g", value)
    if tonumber(text) == value then
      return text
    end
  end
  return string.format("%.17g", value)
end

-- One run of json.encode: the json module, source_of, and the pieces so far.
local write

-- A number that was read keeps its spelling: 18446744073709551615 is no float's.
local function number_source(run, value, key)
  local number = value[key]
  local source = math.type(number) == "float" and run.json.source(value, key)
  return source and tonumber(source) == number and source
end

local function write_element(run, value, key, depth)
  local source = run.source_of and run.source_of(value, key) or number_source(run, value, key)
  if source then
    run[#run + 1] = source
  else
    write(run, value[key], depth + 1)
  end
end

local function write_array(run, list, depth)
  run[#run + 1] = "["
  for i = 1, #list do
    if i > 1 then
      run[#run + 1] = ","
    end
    write_element(run, list, i, depth)
  end
  run[#run + 1] = "]"
end

-- Keys that were read come in the order they were sent in, others after them by name.
local function sorted_keys(json, object)
  local keys, place = {}, {}
  for key in next, object do
    if type(key) ~= "string" then
      error("cannot write a key of type " .. type(key) .. " as JSON", 0)
    end
    keys[#keys + 1] = key
    place[key] = json.span(object, key) or math.huge
  end
  table.sort(keys, function(a, b)
    if place[a] ~= place[b] then
      return place[a] < place[b]
    end
    return a < b
  end)
  return keys
end

local function write_object(run, object, depth)
  run[#run + 1] = "{"
  for i, key in ipairs(sorted_keys(run.json, object)) do
    run[#run + 1] = (i > 1 and "," or "") .. quote(key) .. ":"
    write_element(run, object, key, depth)
  end
  run[#run + 1] = "}"
end

function write(run, value, depth)
  local kind, json = type(value), run.json
  if value == json.null then
    run[#run + 1] = "null"
  elseif kind == "string" then
    run[#run + 1] = quote(value)
  elseif kind == "number" then
    run[#run + 1] = write_number(value)
  elseif kind == "boolean" then
    run[#run + 1] = tostring(value)
  elseif kind ~= "table" then
    error("cannot write a " .. kind .. " as JSON", 0)
  elseif depth > json.max_depth then
    error("cannot write JSON nested deeper than " .. json.max_depth, 0)
  elseif json.is_array(value) or (not json.is_object(value) and #value > 0) then
    write_array(run, value, depth)
  else
    write_object(run, value, depth)
  end
end

---@param json table the json module
---@param value any
---@param source_of? fun(table: table, key: string|integer): string? the bytes of a member that is to be
---  written as it was read
---@return string
function json_writer.encode(json, value, source_of)
  local run = { json = json, source_of = source_of }
  write(run, value, 1)
  return table.concat(run)
end

return json_writer
