--- A plain, slow matcher for the globs of doublestar: tries everything. And random globs and paths.

local globs = {}

-- "a{b,c}d" as { "abd", "acd" }; no escapes, no sets.
local function expand(glob)
  local before, body, behind = glob:match("^(.-)(%b{})(.*)$")
  if not before then
    return { glob }
  end
  local list, depth, piece = {}, 0, ""
  for char in (body:sub(2, -2) .. ","):gmatch(".") do
    depth = depth + (char == "{" and 1 or char == "}" and -1 or 0)
    if char == "," and depth == 0 then
      for _, one in ipairs(expand(before .. piece .. behind)) do
        list[#list + 1] = one
      end
      piece = ""
    else
      piece = piece .. char
    end
  end
  return list
end

local function split(path)
  local list = {}
  for segment in (path .. "/"):gmatch("([^/]*)/") do
    list[#list + 1] = segment
  end
  return list
end

local function takes_segment(glob, text)
  local char = glob:sub(1, 1)
  if char == "" then
    return text == ""
  elseif char == "*" then
    for i = 1, #text + 1 do
      if takes_segment(glob:sub(2), text:sub(i)) then
        return true
      end
    end
    return false
  end
  return text ~= "" and (char == "?" or char == text:sub(1, 1)) and takes_segment(glob:sub(2), text:sub(2))
end

local function takes_list(glob, i, path, k)
  if i > #glob then
    return k > #path
  elseif glob[i] == "**" then
    for from = k, #path + 1 do
      if takes_list(glob, i + 1, path, from) then
        return true
      end
    end
    return false
  end
  return k <= #path and takes_segment(glob[i], path[k]) and takes_list(glob, i + 1, path, k + 1)
end

--- Whether a glob takes a path. Both begin with a slash, and no segment of the path is empty.
---@param glob string without escapes and sets
---@param path string
---@return boolean
function globs.takes(glob, path)
  for _, one in ipairs(expand(glob)) do
    if takes_list(split(one), 1, split(path), 1) then
      return true
    end
  end
  return false
end

local segments = { "a", "b", "ab", "*", "**", "**", "a*", "*b", "?", "a?", "{a,b}", "{a,b/a}", "{a,b/{a,*b}}", "?*" }

-- A star before a "**" at the end has to take something: "a*/**" does not take "a".
function globs.random()
  local list = {}
  for i = 1, math.random(1, 5) do
    list[i] = segments[math.random(#segments)]
  end
  if list[#list] == "**" then
    list[#list] = ({ ["**"] = "b", ["a*"] = "b", ["?*"] = "b" })[list[#list - 1]] or "**"
  end
  return "/" .. table.concat(list, "/")
end

function globs.random_path()
  local list = {}
  for i = 1, math.random(1, 6) do
    list[i] = ({ "a", "b", "ab", "ba", "bb" })[math.random(5)]
  end
  return "/" .. table.concat(list, "/")
end

return globs
