--- Places in a body by their path, for moonward.json: "HostConfig.Binds[1]", 'Labels["com.example.role"]'.
--- Reading goes by names and elements, writing by names alone. Start reading at json_path.read().
local lpeg = require "lpeg"

local json_path = {}

local P = lpeg.P

local name = lpeg.C((1 - lpeg.S '.[]"') ^ 1)
local escaped = P "\\" / "" * lpeg.S '\\"'
local quoted = P '["' * lpeg.Cs((escaped + (1 - lpeg.S '\\"')) ^ 1) * '"]'
local index = P "[" * (lpeg.R "09" ^ 1 / math.tointeger) * "]"
local list_mark = P "[]" * -1 * lpeg.Cg(lpeg.Cc(true), "is_list")
local first, other = name + quoted + index, P "." * name + quoted + index
local steps = lpeg.Ct(first * other ^ 0 * list_mark ^ -1) * lpeg.Cp()

-- What was read, by text: paths stand in policies, so there are few.
local MOST = 200
local known, count = {}, 0

local function parse(path, what, level)
  if type(path) ~= "string" then
    error(what .. ": expected a path such as HostConfig.Binds[1], got a " .. type(path), level + 1)
  end
  local found, stop = lpeg.match(steps, path)
  if not found or stop <= #path then
    error(string.format("%s: the path \"%s\" cannot be read at byte %d; write HostConfig.Binds[1] or"
      .. " Labels[\"a.b\"]", what, path, stop or 1), level + 1)
  end
  if count == MOST then
    known, count = {}, 0
  end
  known[path], count = found, count + 1
  return found
end

--- The steps of a path to read: names, and numbers of elements.
---@param path string
---@param level integer as of error(), from where this is called
---@return (string|integer)[]
function json_path.read(path, level)
  local found = known[path] or parse(path, "json.at", level + 1)
  if found.is_list then
    error("json.at: [] is for json.ensure; the first element is [1]", level + 1)
  end
  for _, step in ipairs(found) do
    if step == 0 then
      error("json.at: elements count from 1, and \"" .. path .. "\" has [0]", level + 1)
    end
  end
  return found
end

--- The steps of a path to write: names, and `is_list` if it ends in [].
---@param path string
---@param level integer
---@return { is_list: boolean?, [integer]: string }
function json_path.written(path, level)
  local found = known[path] or parse(path, "json.ensure", level + 1)
  for _, step in ipairs(found) do
    if type(step) ~= "string" then
      error("json.ensure: names only, and \"" .. path .. "\" has an element of a list", level + 1)
    end
  end
  return found
end

return json_path
