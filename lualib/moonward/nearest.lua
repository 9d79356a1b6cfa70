--- Finds the known name that somebody most likely meant, for error messages.

local nearest = {}

-- Longer names are no slips of the hand, and the work grows with the square.
local longest = 64

-- Insertions, deletions, replacements and swaps of neighbours that make 'a' into 'b'.
local function distance(a, b)
  local before, last = {}, {}
  for j = 0, #b do
    last[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = string.byte(a, i) == string.byte(b, j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and string.byte(a, i) == string.byte(b, j - 1)
        and string.byte(a, i - 1) == string.byte(b, j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, last = last, row
  end
  return last[#b]
end

--- The candidate nearest to 'name' whatever the case; nil if none is near. Of several equally near,
--- the first in the list.
---@param name string
---@param candidates string[]
---@return string?
function nearest.find(name, candidates)
  if #name > longest then
    return nil
  end
  local best, least = nil, math.max(1, #name // 3) + 1
  for _, candidate in ipairs(candidates) do
    if math.abs(#candidate - #name) < least then
      local d = distance(string.lower(name), string.lower(candidate))
      if d < least then
        best, least = candidate, d
      end
    end
  end
  return best
end

--- ", did you mean X?" or "", to be put behind "unknown Y".
---@param name string
---@param candidates string[]
---@return string
function nearest.hint(name, candidates)
  local found = nearest.find(name, candidates)
  return found and ", did you mean " .. found .. "?" or ""
end

return nearest
