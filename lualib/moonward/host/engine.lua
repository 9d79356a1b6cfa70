--- Questions to the engine, for lualib. A policy asks through what is built on it.
local wait = require "moonward.host.wait"

local engine = {}

local LONGEST = 500
local WHAT = "the engine's answer"
local MORE = 206

local function check(path)
  if string.sub(path, 1, 1) ~= "/" or #path > LONGEST or string.find(path, "[%c ]") then
    error("the engine cannot be asked for this path: " .. string.format("%q", path), 0)
  end
end

local function fail(reason)
  reason = string.gsub(reason, "^moonward: ", "") -- as a client would be told
  error("the engine could not be asked: " .. reason, 0)
end

--- GET of a path that begins with "/" and carries no version; the proxy adds the one it speaks.
---@param path string
---@return boolean ok
---@return integer|string status or the reason
---@return string? body
function engine.try(path)
  check(path)
  return wait.try("engine", path, WHAT)
end

--- The same, but an answer that cannot be had is an error.
---@param path string
---@return integer status
---@return string body
function engine.get(path)
  local ok, status, body = engine.try(path)
  if not ok then
    fail(status)
  end
  return status, body
end

-- Items as core/json/item_list.h has them.
local function hand_out(text, take, skip)
  local from, stop = 1, string.find(text, "\0", 1, true)
  while stop do
    if string.sub(text, from, from) == "!" then
      skip(string.sub(text, from + 1, stop - 1))
    else
      take(string.sub(text, from, stop - 1))
    end
    from, stop = stop + 1, string.find(text, "\0", stop + 1, true)
  end
end

local lists = 0

--- GET of a list of any length, which is handed out as it comes: what it was is gone again when the next
--- element comes, so keep of each what is needed. One that is longer than 1 MiB cannot be read; its beginning
--- is all that is known of it. An answer that cannot be had is an error.
---@param path string
---@param list string where the list is in the answer: "" if it is all, "Volumes" below that key
---@param take fun(text: string) called with each element; it may wait, but for no other list
---@param skip fun(start: string) called with how one begins that is too long
---@return integer status where it is not 200 nothing was handed out
function engine.each(path, list, take, skip)
  check(path)
  lists = lists + 1
  local name = tostring(lists)
  local ok, status, text = wait.try("list", table.concat({ name, list, path }, "\n"), WHAT)
  while ok and status == MORE do
    hand_out(text, take, skip)
    ok, status, text = wait.try("more", name, WHAT)
  end
  if not ok then
    fail(status)
  elseif status == 200 then
    hand_out(text, take, skip)
  end
  return status
end

--- A name as a segment of a path. Slashes stay for names that are several.
---@param name string
---@param keeps_slashes? boolean
---@return string
function engine.quote(name, keeps_slashes)
  local plain = keeps_slashes and "[^%w_.~/:@-]" or "[^%w_.~-]"
  return (string.gsub(name, plain, function(letter)
    return string.format("%%%02X", string.byte(letter))
  end))
end

return engine
