--- Scenarios of who is asking, step by step, each with the workers stalled from any step to any later one.

local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local sys = require "spec.support.sys"

local stalls = {}

local function each(proxy, signal)
  local pids = proxy:workers()
  for _, pid in ipairs(pids) do
    sys.kill(pid, signal)
  end
  return pids
end

--- Stops what works for a daemon, and waits until it stands.
---@param proxy table
function stalls.begin(proxy)
  for _, pid in ipairs(each(proxy, "STOP")) do
    loop.until_true(function()
      local stat = folder.read("/proc/" .. pid .. "/stat")
      return not stat or stat:find("%) [TZX] ") ~= nil
    end, 5)
  end
end

function stalls.finish(proxy)
  each(proxy, "CONT")
end

--- Every stretch of a list of steps: {first, last}, as often as there are two steps to stand still between.
---@param count integer of steps
function stalls.stretches(count)
  local list = {}
  for first = 1, count do
    for last = first, count do
      list[#list + 1] = { first, last }
    end
  end
  return list
end

--- Takes the steps, with the workers stalled from before step stretch[1] until after step stretch[2].
---@param proxy fun(): table
---@param steps function[] each is told whether the workers stand still
---@param stretch integer[]
function stalls.take(proxy, steps, stretch)
  local stalled = false
  for i, step in ipairs(steps) do
    if i == stretch[1] then
      stalled = true
      stalls.begin(proxy())
    end
    step(stalled)
    if i == stretch[2] then
      stalled = false
      stalls.finish(proxy())
    elseif not stalled then
      loop.sleep(0.004) -- for the worker to take the step, too
    end
  end
end

return stalls
