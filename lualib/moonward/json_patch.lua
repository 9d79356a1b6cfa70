--- Writes a document that was read and then changed, with the bytes of everything that nobody touched.
---
--- A table that was read knows where it stands in the text. What it held then is kept aside, so that
--- what is still the same is found by comparing, however it was changed. Start reading at
--- json_patch.read().

local json = require "moonward.json"
local json_writer = require "moonward.json_writer"

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

  -- The bytes of a member that is what it was: a table wherever it stands now, other values where they
  -- stood.
  local function source_of(table, key)
    local member, before = table[key], kept[table]
    if kept[member] then
      return is_same(member, kept) and json.source(member)
    end
    return before and before[key] ~= nil and before[key] == member
      and json.source(table, key)
  end

  return value, function()
    return is_same(value, kept) and text or json_writer.encode(json, value, source_of)
  end
end

return json_patch
