--- Walks a body beside a table of its fields, and collects the powers that it asks for.
---
--- A type is a table of rows and a list of fields that are known to have no power. A row:
---   { field, reader, power or list of powers, ... what the reader wants to know }
--- The reader gets (found, value, where, row) and adds to found; readers.lua has them. A field of the
--- body that is in neither is the power "unknown-field": an engine may know it. Null and absent are
--- the same to the engine, known field or not, and have no power. Null in a list is an element to it, with
--- nothing in it, and so not understood.

local json = require "moonward.json"
local mount_fields = require "moonward.mount_fields"
local names = require "moonward.powers.names"

local walk = {}

---@param found moonward.Power[]
---@param power string
---@param value string
---@param where string
function walk.add(found, power, value, where)
  assert(names.known[power], power)
  found[#found + 1] = { power = power, value = value, where = where }
end

--- The words of a text.
---@return table<string, boolean>
function walk.set(text)
  local set = {}
  for word in string.gmatch(text, "%S+") do
    set[word] = true
  end
  return set
end

--- A type from rows, other types whose fields stand beside them, and the names of harmless fields.
---@param rows table[]
---@param harmless? string words
---@param ... table other types
function walk.type(rows, harmless, ...)
  local result = { rows = {}, harmless = walk.set(harmless or ""), known = {} }
  for _, other in ipairs { ... } do
    table.move(other.rows, 1, #other.rows, #result.rows + 1, result.rows)
    for name in pairs(other.harmless) do
      result.harmless[name] = true
    end
  end
  table.move(rows, 1, #rows, #result.rows + 1, result.rows)
  for _, row in ipairs(result.rows) do
    for _, power in ipairs(walk.powers_of(row)) do
      assert(names.known[power], power)
    end
    result.known[json.fold(row[1])] = true
  end
  for name in pairs(result.harmless) do
    result.known[json.fold(name)] = true
  end
  return result
end

---@return string[]
function walk.powers_of(row)
  return type(row[3]) == "table" and row[3] or { row[3] }
end

--- Whether a type knows a field, in any case.
---@return boolean
function walk.is_known(kind, field)
  return kind.known[json.fold(field)] == true
end

--- The keys of a map or an object in order.
---@return string[]
function walk.keys(object)
  local keys = {}
  for key in pairs(object) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- 'prefix' is "HostConfig." or "".
---@param found moonward.Power[]
---@param kind table
---@param object table
---@param prefix string
function walk.object(found, kind, object, prefix)
  for _, row in ipairs(kind.rows) do
    local value = object[row[1]]
    if value ~= nil and value ~= json.null then
      row[2](found, value, prefix .. row[1], row)
    end
  end
  for _, key in ipairs(walk.keys(object)) do
    if object[key] ~= json.null and not walk.is_known(kind, key) then
      walk.add(found, "unknown-field", key, prefix .. key)
    end
  end
end

--- Each object of a list.
function walk.objects(found, kind, list, where)
  for i, item in ipairs(list) do
    local at = where .. "[" .. i .. "]"
    walk.object(found, kind, mount_fields.object(item, at), at .. ".")
  end
end

return walk
