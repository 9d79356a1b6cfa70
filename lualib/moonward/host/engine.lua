--- Questions to the engine, for lualib. A policy asks through what is built on it.
local wait = require "moonward.host.wait"

local engine = {}

local LONGEST = 500

--- GET of a path that begins with "/" and carries no version; the proxy adds the one it speaks.
---@param path string
---@return boolean ok
---@return integer|string status or the reason
---@return string? body
function engine.try(path)
  if string.sub(path, 1, 1) ~= "/" or #path > LONGEST or string.find(path, "[%c ]") then
    error("the engine cannot be asked for this path: " .. string.format("%q", path), 0)
  end
  return wait.try("engine", path, "the engine's answer")
end

--- The same, but an answer that cannot be had is an error.
---@param path string
---@return integer status
---@return string body
function engine.get(path)
  local ok, status, body = engine.try(path)
  if not ok then
    local reason = string.gsub(status, "^moonward: ", "") -- as a client would be told
    error("the engine could not be asked: " .. reason, 0)
  end
  return status, body
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
