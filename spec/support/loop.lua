--- Waiting, in one place: while a spec waits for one thing, the servers that it runs go on serving.
-- Servers are tasks (coroutines). The spec itself is not one: where it waits, the tasks run.

local sys = require "spec.support.sys"

-- busted loads modules anew for each spec file, but what runs goes on: one loop for all.
local registry = debug.getregistry()
if registry["moonward.loop"] then
  return registry["moonward.loop"]
end

local loop = {}
registry["moonward.loop"] = loop

local tasks = {} -- {thread, fd, want, deadline}
local current -- the task that runs now; nil in the spec

--- Starts a task. An error in it comes up where the spec waits.
---@param body function
function loop.spawn(body)
  local task = { thread = coroutine.create(body) }
  tasks[#tasks + 1] = task
  return task
end

--- Ends a task; it does not run again.
function loop.cancel(task)
  task.cancelled = true
end

local function resume(task, ready)
  task.fd, task.deadline, task.check = nil, nil, nil
  current = task
  local fine, problem = coroutine.resume(task.thread, ready)
  current = nil
  if not fine then
    task.cancelled = true
    error(debug.traceback(task.thread, problem), 0)
  end
end

local function prune()
  local kept = {}
  for _, task in ipairs(tasks) do
    if not task.cancelled and coroutine.status(task.thread) ~= "dead" then
      kept[#kept + 1] = task
    end
  end
  tasks = kept
end

local function is_due(task, now)
  return task.deadline and task.deadline <= now or task.check and task.check()
    or not task.fd and not task.deadline and not task.check
end

-- One round: waits for any descriptor, at most until 'deadline', and runs what became ready.
-- Returns whether 'fd' is ready.
local function turn(fd, want, deadline, nap)
  prune()
  local now = sys.now()
  local fds, wants, owners, wake = {}, {}, {}, math.min(deadline, now + nap)
  if fd then
    fds[1], wants[1], owners[1] = fd, want, false
  end
  for _, task in ipairs(tasks) do
    if is_due(task, now) then
      wake = now
    end
    if task.check then
      wake = math.min(wake, now + 0.005)
    end
    wake = math.min(wake, task.deadline or wake)
    if task.fd then
      fds[#fds + 1], wants[#wants + 1], owners[#owners + 1] = task.fd, task.want, task
    end
  end
  local ready = assert(sys.poll(fds, wants, math.max(0, wake - now) + 0.0009))
  for i = 1, #fds do
    local task = owners[i]
    if task and ready[i] and not task.cancelled and task.fd == fds[i] then
      resume(task, true)
    end
  end
  now = sys.now()
  for _, task in ipairs(tasks) do
    if coroutine.status(task.thread) ~= "dead" and not task.cancelled and is_due(task, now) then
      resume(task, false)
    end
  end
  return fd ~= nil and ready[1]
end

local function wait_fd(fd, want, timeout)
  local deadline = sys.now() + (timeout or 10)
  if current then
    current.fd, current.want, current.deadline = fd, want, deadline
    return coroutine.yield()
  end
  repeat
    if turn(fd, want, deadline, 1) then
      return true
    end
  until sys.now() >= deadline
  return false
end

--- Waits until there is something to read; false when the time is up.
function loop.readable(fd, timeout)
  return wait_fd(fd, "r", timeout)
end

--- Waits until there is room to write; false when the time is up.
function loop.writable(fd, timeout)
  return wait_fd(fd, "w", timeout)
end

--- Waits until 'check' returns something true, and returns that; nil when the time is up.
---@param check function
---@param timeout? number seconds, 10 if not given
function loop.until_true(check, timeout)
  local deadline = sys.now() + (timeout or 10)
  while true do
    local result = check()
    if result or sys.now() >= deadline then
      return result or nil
    end
    if current then
      current.check, current.deadline = check, deadline
      coroutine.yield()
    else
      turn(nil, nil, deadline, 0.005)
    end
  end
end

--- Lets the tasks run for some time.
function loop.sleep(seconds)
  local deadline = sys.now() + seconds
  if current then
    current.deadline = deadline
    coroutine.yield()
    return
  end
  repeat
    turn(nil, nil, deadline, seconds)
  until sys.now() >= deadline
end

return loop
