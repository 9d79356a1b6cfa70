--- The known name that a mistyped one was most likely meant to be.
local nearest = {}

local LONGEST = 64 -- the cost grows with the square

--- Edit distance, where two letters that changed places count as one edit.
local function distance(a, b)
  local before, above = nil, {}
  for j = 0, #b do
    above[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = string.byte(a, i) == string.byte(b, j)
      row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same and 0 or 1))
      if before and j > 1 and string.byte(a, i) == string.byte(b, j - 1)
        and string.byte(a, i - 1) == string.byte(b, j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, above = above, row
  end
  return above[#b]
end

--- Case does not count. Nothing is returned when nothing is near.
---@param name string
---@param known table<string, any> the names are its keys
---@return string?
function nearest.name(name, known)
  local best, least
  if type(name) ~= "string" or #name > LONGEST then
    return nil
  end
  for candidate in pairs(known) do
    local d = distance(string.lower(name), string.lower(candidate))
    if not least or d < least or d == least and candidate < best then
      best, least = candidate, d
    end
  end
  if least and least <= math.max(1, #name // 3) then
    return best
  end
end

--- The same as the end of a message: "; did you mean 'x'?", or "" when nothing is near.
---@param name any
---@param known table<string, any>
---@return string
function nearest.hint(name, known)
  local best = nearest.name(name, known)
  return best and string.format("; did you mean '%s'?", best) or ""
end

--- A list as the keys of a table.
---@param list string[]
---@return table<string, true>
function nearest.set(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name] = true
  end
  return set
end

return nearest
