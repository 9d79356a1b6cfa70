--- A connection as the specs use it: exact bytes out, exact bytes in, never waiting for ever.

local loop = require "spec.support.loop"
local sys = require "spec.support.sys"

local stream = {}
stream.__index = stream

--- Takes over a descriptor.
function stream.of(fd)
  return setmetatable({ fd = fd, held = "", taken = 0, sent = 0 }, stream)
end

--- Connects to "tcp://127.0.0.1:2375", "tcp://[::1]:2375" or "unix:///path".
---@param address string
---@param from? string our own address, for TCP
function stream.connect(address, from)
  local path = address:match("^unix://(.*)")
  if path then
    local fd, why = sys.connect_unix(path)
    return fd and stream.of(fd), why
  end
  local host, port = address:match("^tcp://%[?(.-)%]?:(%d+)$")
  local fd, why = sys.connect_tcp(host, port, from)
  return fd and stream.of(fd), why
end

--- Writes all of it, or as much as goes in time; returns how much that was.
function stream:send(bytes, timeout)
  local from = 1
  local deadline = sys.now() + (timeout or 10)
  while from <= #bytes do
    local n, why = sys.write(self.fd, bytes, from)
    if n then
      from = from + n
      self.sent = self.sent + n
    elseif why ~= "again" then
      return from - 1, why
    elseif not loop.writable(self.fd, deadline - sys.now()) then
      return from - 1, "timeout"
    end
  end
  return #bytes
end

--- Reads what is there, waiting for it; adds it to 'held'. False at the end, nil when time is up.
function stream:fill(timeout)
  if self.ended then
    return false
  end
  if not loop.readable(self.fd, timeout or 10) then
    return nil
  end
  local bytes, why = sys.read(self.fd, 65536)
  if bytes and #bytes > 0 then
    self.held = self.held .. bytes
    self.taken = self.taken + #bytes
    return true
  elseif why == "again" then
    return nil
  end
  self.ended = why or "closed"
  return false
end

--- Takes the first n bytes out of what was held.
function stream:take(n)
  local bytes = self.held:sub(1, n)
  self.held = self.held:sub(n + 1)
  return bytes
end

--- Exactly n bytes; fewer when the end or the time comes first.
function stream:read(n, timeout)
  local deadline = sys.now() + (timeout or 10)
  local parts, missing = {}, n
  while missing > 0 do
    if #self.held == 0 and not self:fill(deadline - sys.now()) then
      break
    end
    local part = self:take(missing)
    parts[#parts + 1] = part
    missing = missing - #part
  end
  return table.concat(parts)
end

--- Everything up to and with 'mark' (plain text); nil when the end or the time comes first.
function stream:read_until(mark, timeout)
  local deadline = sys.now() + (timeout or 10)
  while true do
    local _, last = self.held:find(mark, 1, true)
    if last then
      return self:take(last)
    end
    if not self:fill(deadline - sys.now()) then
      return nil
    end
  end
end

--- Everything until the other side closes, or until the time is up (then the second result is nil).
function stream:read_all(timeout)
  local deadline = sys.now() + (timeout or 10)
  local parts = { self:take(#self.held) }
  local more = true
  while more do
    more = self:fill(deadline - sys.now())
    parts[#parts + 1] = self:take(#self.held)
  end
  return table.concat(parts), self.ended
end

--- True when the other side closed, false when it sent more instead, nil when neither happens.
function stream:closes(timeout)
  if #self.held > 0 then
    return false
  end
  local more = self:fill(timeout)
  if more == nil then
    return nil
  end
  return not more
end

--- Says that no more bytes will come; the other direction stays open.
function stream:finish()
  sys.shutdown(self.fd)
end

function stream:close()
  if self.fd then
    sys.close(self.fd)
    self.fd = nil
  end
end

--- Closes with a TCP reset.
function stream:reset()
  sys.reset(self.fd)
  self.fd = nil
end

return stream
