--- What specs are told of what the library decides on a policy's behalf, since no line of the policy makes
--- the verdict: which entry of moonward.client did.
local core = require "moonward.core"

local traces = {}

local file = ""

--- This policy is being loaded. Its file returns by a call, so it is on no stack by then.
---@param path string
function traces.loading(path)
  file = path
end

--- What an entry is known by: the policy's file and the entry's place in it. To be called while the file
--- loads.
---@param place string
---@return string
function traces.entry(place)
  return file .. ": " .. place .. "\tentry"
end

--- It has allowed a request.
---@type fun(entry: string)
traces.note = core.trace

return traces
