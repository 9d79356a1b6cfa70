--- Writes values as JSON, exactly: what json.lua read and nobody changed comes out with the same
--- keys in the same order and the same numbers. Called through json.encode.

local core = require "moonward.core"

local json_writer = {}

local function quote(text)
  return core.json.quote(text) or error("cannot write a string that is not UTF-8 as JSON", 0)
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

-- One run of json.encode: the json module, source, and the pieces so far.
local write

-- The bytes of a member that is to be written as it was read: of a number always, since
-- 18446744073709551615 is no float's; of other values if the caller says so.
local function source_of(run, value, key)
  local member = value[key]
  if type(member) == "table" then
    return run.source and run.source(member) or nil
  elseif run.source or type(member) == "number" then
    return core.json.source(value, key)
  end
end

local function write_element(run, value, key, depth)
  local source = source_of(run, value, key)
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
local function sorted_keys(object)
  local sent, others = core.json.keys(object)
  if not sent then
    sent, others = {}, {}
    for key in next, object do
      others[#others + 1] = key
    end
  end
  for _, key in ipairs(others) do
    if type(key) ~= "string" then
      error("cannot write a key of type " .. type(key) .. " as JSON", 0)
    end
  end
  table.sort(others)
  for _, key in ipairs(others) do
    sent[#sent + 1] = key
  end
  return sent
end

local function write_object(run, object, depth)
  run[#run + 1] = "{"
  for i, key in ipairs(sorted_keys(object)) do
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
---@param source? fun(table: table): string? the bytes of a table that is to be written as it was read
---@return string
function json_writer.encode(json, value, source)
  local run = { json = json, source = source }
  write(run, value, 1)
  return table.concat(run)
end

return json_writer
