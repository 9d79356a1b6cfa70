--- Paths of the host as text. Nothing is looked up: a symbolic link stays what it is called, so a
--- directory that others may write to is no safe border.

local paths = {}

--- The shortest name of the same path, as Go's filepath.Clean: single slashes, no "." and no ".."
--- that could be left out. "" becomes ".".
---@param path string
---@return string
function paths.clean(path)
  local rooted = string.sub(path, 1, 1) == "/"
  if rooted and not string.find(path, "/[/.]") and not string.find(path, "./$") then
    return path
  end
  local parts = {}
  for part in string.gmatch(path, "[^/]+") do
    if part == ".." and #parts > 0 and parts[#parts] ~= ".." then
      parts[#parts] = nil
    elseif part ~= "." and (part ~= ".." or not rooted) then
      parts[#parts + 1] = part
    end
  end
  local text = table.concat(parts, "/")
  return rooted and "/" .. text or text ~= "" and text or "."
end

--- The entries of a list with commas between, as they are; none for "".
---@param text string
---@return string[]
function paths.list(text)
  local list = {}
  if text ~= "" then
    for entry in string.gmatch(text .. ",", "([^,]*),") do
      list[#list + 1] = entry
    end
  end
  return list
end

---@param path string
---@return boolean
function paths.is_absolute(path)
  return string.sub(path, 1, 1) == "/"
end

local function is_below(path, dir)
  if not paths.is_absolute(dir) then
    error("a directory begins with /, got '" .. dir .. "'", 3)
  elseif not paths.is_absolute(path) then
    return false
  end
  path, dir = paths.clean(path), paths.clean(dir)
  return dir == "/" or path == dir or string.sub(path, 1, #dir + 1) == dir .. "/"
end

--- Whether 'path' is the directory 'dir' or something in it; one that is not absolute is not. A 'dir' that is
--- not absolute is an error, in the line that calls.
---@param path string
---@param dir string
---@return boolean
function paths.is_below(path, dir)
  local is = is_below(path, dir)
  return is
end

--- Whether 'path' is one of the directories or something in one of them.
---@param path string
---@param dirs string[]
---@return boolean
function paths.is_below_any(path, dirs)
  for _, dir in ipairs(dirs) do
    if is_below(path, dir) then
      return true
    end
  end
  return false
end

return paths
