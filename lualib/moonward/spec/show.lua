--- Values in words, for the messages of specs: short, on one line, keys in order; and where two differ.
local show = {}

local DEEPEST, LONGEST = 8, 600
local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }

local function quote(text)
  return '"' .. string.gsub(text, '[%c\\"]', function(letter)
    return escapes[letter] or string.format("\\%d", string.byte(letter))
  end) .. '"'
end

-- Numbers in their order, before all else in the order of its text.
local function before(a, b)
  local first, second = type(a) == "number", type(b) == "number"
  if first and second then
    return a < b
  elseif first ~= second then
    return first
  end
  return tostring(a) < tostring(b)
end

local function sorted_keys(map)
  local keys = {}
  for key in next, map do
    keys[#keys + 1] = key
  end
  table.sort(keys, before)
  return keys
end

local function key_text(key)
  if type(key) == "string" and string.find(key, "^[%a_][%w_]*$") then
    return key
  end
  return "[" .. (type(key) == "string" and quote(key) or tostring(key)) .. "]"
end

local add

local function add_table(parts, value, above, depth)
  if above[value] then
    parts[#parts + 1] = "(itself)"
    return
  elseif depth > DEEPEST then
    parts[#parts + 1] = "{ ... }"
    return
  end
  above[value] = true
  parts[#parts + 1] = "{"
  local list = #value
  for i, key in ipairs(sorted_keys(value)) do
    parts[#parts + 1] = i == 1 and " " or ", "
    if not (math.type(key) == "integer" and key >= 1 and key <= list) then
      parts[#parts + 1] = key_text(key) .. " = "
    end
    add(parts, rawget(value, key), above, depth + 1)
    if #parts > LONGEST then
      parts[#parts + 1] = ", ..."
      break
    end
  end
  parts[#parts + 1] = next(value) == nil and "}" or " }"
  above[value] = nil
end

function add(parts, value, above, depth)
  if type(value) == "string" then
    parts[#parts + 1] = quote(value)
  elseif type(value) == "table" then
    add_table(parts, value, above, depth)
  else
    parts[#parts + 1] = tostring(value)
  end
end

local function cut(text)
  return #text > LONGEST and string.sub(text, 1, LONGEST) .. "..." or text
end

--- A value as it would be written in a spec.
---@param value any
---@return string
function show.value(value)
  local parts = {}
  add(parts, value, {}, 1)
  return cut(table.concat(parts))
end

local function same_tables(a, b, seen, path)
  if seen[a] == b then
    return true
  end
  seen[a] = b
  for _, key in ipairs(sorted_keys(a)) do
    local inner = path .. (math.type(key) == "integer" and "[" .. key .. "]"
      or (type(key) == "string" and "." or "") .. key_text(key))
    local same, where, first, second = show.same(rawget(a, key), b[key], seen, inner)
    if not same then
      return false, where, first, second
    end
  end
  for _, key in ipairs(sorted_keys(b)) do
    if a[key] == nil then
      return false, path .. (math.type(key) == "integer" and "[" .. key .. "]" or "." .. key_text(key)), nil,
        rawget(b, key)
    end
  end
  return true
end

--- Whether two values are equal all the way down; else where they are not, and both values there.
---@param a any
---@param b any
---@return boolean
---@return string? where
---@return any
---@return any
function show.same(a, b, seen, path)
  path = path or ""
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b, path, a, b
  elseif rawequal(a, b) then
    return true
  end
  return same_tables(a, b, seen or {}, path)
end

--- Where two texts begin to differ, in words; nothing if that is plain to see.
---@param a any
---@param b any
---@return string
function show.difference(a, b)
  if type(a) ~= "string" or type(b) ~= "string" or a == b or #a + #b < 80 then
    return ""
  end
  local at = 1
  while string.byte(a, at) == string.byte(b, at) do
    at = at + 1
  end
  local from = math.max(1, at - 20)
  return string.format("\nthey differ from letter %d on: %s, and %s", at, quote(string.sub(a, from, at + 40)),
    quote(string.sub(b, from, at + 40)))
end

return show
