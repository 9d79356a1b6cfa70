--- moonward.nearest for names that are the keys of a table, which is how the host keeps them.
local find = require("moonward.nearest").find

local nearest = {}

---@param name any
---@param known table<any, any>
---@return string?
function nearest.name(name, known)
  local list = {}
  for candidate in pairs(known) do
    list[#list + 1] = candidate
  end
  table.sort(list)
  return type(name) == "string" and find(name, list) or nil
end

-- A policy that is wrong is wrong at each request: what was looked for last is remembered.
local last = {}

--- The end of a message about an unknown name: "; did you mean 'x'?", or "" when nothing is near.
---@param name any
---@param known table<any, any> does not change
---@return string
function nearest.hint(name, known)
  if last.name ~= name or last.known ~= known then
    local best = nearest.name(name, known)
    last = { name = name, known = known, hint = best and string.format("; did you mean '%s'?", best) or "" }
  end
  return last.hint
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
