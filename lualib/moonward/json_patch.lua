--- Writes a document that was read and then changed, with the bytes of everything that nobody touched.
---
--- A table that was read knows where it stands in the text. What it held then is kept aside, so that
--- what is still the same is found by comparing, however it was changed. Start reading at
--- json_patch.read().

local json = require "moonward.json"

local json_patch = {}

-- What each table held when it was read. Without recursion into metatables: `next` sees what is there.
local function keep(value, kept)
  if type(value) ~= "table" or value == json.null then
    return
  end
  local copy = {}
  for key, member in next, value do
    copy[key] = member
    keep(member, kept)
  end
  kept[value] = copy
end

local function is_same(value, kept)
  local before = kept[value]
  if not before then
    return type(value) ~= "table" or value == json.null
  end
  for key, member in next, before do
    if value[key] ~= member or not is_same(member, kept) then
      return false
    end
  end
  for key in next, value do
    if before[key] == nil then
      return false
    end
  end
  return true
end

local write

-- A member as it was sent, if it still stands where it stood; else written anew.
local function write_member(run, table, key)
  local value, before = table[key], run.kept[table]
  if before and before[key] == value and is_same(value, run.kept) then
    run[#run + 1] = json.source(table, key)
  else
    write(run, value)
  end
end

local function position(table, key)
  return json.span(table, key) or math.maxinteger
end

-- The keys that were there before in their order, new ones behind them by name.
local function keys_of(run, object)
  local keys, place, before = {}, {}, run.kept[object]
  for key in next, object do
    if type(key) ~= "string" then
      error("cannot write a key of type " .. type(key) .. " as JSON", 0)
    end
    keys[#keys + 1] = key
    place[key] = before[key] ~= nil and position(object, key) or math.maxinteger
  end
  table.sort(keys, function(a, b)
    if place[a] ~= place[b] then
      return place[a] < place[b]
    end
    return a < b
  end)
  return keys
end

local function write_object(run, object)
  run[#run + 1] = "{"
  for i, key in ipairs(keys_of(run, object)) do
    run[#run + 1] = (i > 1 and "," or "") .. json.encode(key) .. ":"
    write_member(run, object, key)
  end
  run[#run + 1] = "}"
end

local function write_array(run, list)
  run[#run + 1] = "["
  for i = 1, #list do
    if i > 1 then
      run[#run + 1] = ","
    end
    write_member(run, list, i)
  end
  run[#run + 1] = "]"
end

-- A table that the policy made holds tables that were read, perhaps: those keep their bytes too.
function write(run, value)
  if type(value) ~= "table" or value == json.null then
    run[#run + 1] = json.encode(value)
  elseif run.kept[value] and is_same(value, run.kept) then
    run[#run + 1] = json.source(value)
  elseif run.writing[value] then
    error("cannot write a table that holds itself as JSON", 0)
  else
    run.writing[value] = true
    run.kept[value] = run.kept[value] or {}
    if json.is_array(value) or not json.is_object(value) and #value > 0 then
      write_array(run, value)
    else
      write_object(run, value)
    end
    run.writing[value] = nil
  end
end

--- Reads a text like json.decode. The function that comes with the value writes it as it is then; the
--- text itself if nothing was changed.
---@param text string
---@return any value
---@return (fun(): string)|string writer or, if the value is nil, what is wrong with the text
function json_patch.read(text)
  local value, message = json.decode(text)
  if message then
    return nil, message
  end
  local kept = {}
  keep(value, kept)
  return value, function()
    if is_same(value, kept) then
      return text
    end
    local run = { kept = kept, writing = {} }
    write(run, value)
    return table.concat(run)
  end
end

return json_patch
