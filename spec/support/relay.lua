--- A Unix socket in front of the engine's that passes everything on; except that connections over which
-- events were asked for can be cut or stalled, and that a request can be held before the engine has it.

local loop = require "spec.support.loop"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local relay = {}
relay.__index = relay

local function close(link)
  loop.cancel(link.out)
  loop.cancel(link.back)
  link.client:close()
  link.engine:close()
  link.closed = true
end

-- The client's side: here it shows what a connection is for.
local function pass_out(self, link)
  while link.client:fill(3600) ~= false do
    local bytes = link.client:take(#link.client.held)
    link.events = link.events or bytes:find("GET %S*/events%?") ~= nil
    if link.events and self.cutting then
      break
    end
    if self.mark and bytes:find(self.mark, 1, true) then
      self.held = self.held + 1
      loop.until_true(function() return self.mark == nil end, 60)
    end
    link.engine:send(bytes)
  end
  loop.cancel(link.back)
  link.client:close()
  link.engine:close()
  link.closed = true
end

local function pass_back(self, link)
  local more = true
  while more ~= false do
    more = link.engine:fill(3600)
    while link.events and self.stalling do
      loop.sleep(0.01)
    end
    link.client:send(link.engine:take(#link.engine.held))
  end
  loop.cancel(link.out)
  link.client:close()
  link.engine:close()
  link.closed = true
end

local function accept(self, fd)
  local engine = stream.connect("unix://" .. self.engine)
  if not engine then
    sys.close(fd)
    return
  end
  local link = { client = stream.of(fd), engine = engine }
  self.links[#self.links + 1] = link
  link.out = loop.spawn(function() pass_out(self, link) end)
  link.back = loop.spawn(function() pass_back(self, link) end)
end

--- Listens at 'path', on behalf of 'engine', a path too.
---@param path string
---@param engine string
function relay.start(path, engine)
  local self = setmetatable({ path = path, engine = engine, links = {} }, relay)
  self.fd = assert(sys.listen_unix(path))
  self.task = loop.spawn(function()
    while true do
      local fd = loop.readable(self.fd, 3600) and sys.accept(self.fd)
      if fd then
        accept(self, fd)
      end
    end
  end)
  return self
end

--- Whether there is a connection with events now.
function relay:has_events()
  for _, link in ipairs(self.links) do
    if link.events and not link.closed then
      return true
    end
  end
  return false
end

--- Ends the connections with events, and each new one, until resume().
function relay:cut()
  self.cutting = true
  for _, link in ipairs(self.links) do
    if link.events and not link.closed then
      close(link)
    end
  end
end

--- Events stop coming, and nobody hears of it, until resume().
function relay:stall()
  self.stalling = true
end

function relay:resume()
  self.cutting, self.stalling = false, false
end

--- Requests that have this text in them do not come to the engine, until release(). `held` says how many wait.
---@param text string
function relay:hold(text)
  self.mark, self.held = text, 0
end

function relay:release()
  self.mark = nil
end

function relay:stop()
  for _, link in ipairs(self.links) do
    if not link.closed then
      close(link)
    end
  end
  loop.cancel(self.task)
  sys.close(self.fd)
  os.remove(self.path)
end

return relay
