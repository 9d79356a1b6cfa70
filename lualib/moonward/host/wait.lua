--- Waiting for something outside: the decision's coroutine stops, C brings the answer.
local native = require "moonward.host.native"

local wait = {}

--- Hands back what went wrong, if the answer could not be had.
---@param kind "body"|"address"|"names"|"engine"|"list"|"more"|"events"|"containers"
---@param question string
---@param what string as the policy's author wrote it, for messages
---@return boolean ok
---@return any ... the answer, or the reason
function wait.try(kind, question, what)
  if native.state() == "filtering" then
    error(what .. " has to wait, and cannot while an answer comes; read it in decide", 0)
  elseif native.state() ~= "deciding" then
    error(what .. " can be had only while a request is decided", 0)
  elseif not coroutine.isyieldable() then
    error(what .. " has to wait, and cannot inside a function that table.sort or LPeg calls;"
      .. " read it before", 0)
  end
  local ok, first, second = coroutine.yield(kind, question)
  if not ok then
    return false, first or "not enough memory"
  end
  return true, first, second
end

--- Raises what went wrong, if the answer could not be had.
---@param kind "body"|"address"|"engine"
---@param question string
---@param what string
---@return any ... the answer
function wait.ask(kind, question, what)
  local ok, first, second = wait.try(kind, question, what)
  if not ok then
    error(what .. ": " .. first, 0)
  end
  return first, second
end

return wait
