--- Questions to the engine, for lualib. A policy asks through what is built on it.
local wait = require "moonward.host.wait"

local engine = {}

local LONGEST = 500

--- GET of a path that begins with "/" and carries no version; the proxy adds the one it speaks.
---@param path string
---@return integer status
---@return string body
function engine.get(path)
  if string.sub(path, 1, 1) ~= "/" or #path > LONGEST or string.find(path, "[%c ]") then
    error("the engine cannot be asked for this path: " .. string.format("%q", path), 0)
  end
  return wait.ask("engine", path, "the engine's answer")
end

return engine
