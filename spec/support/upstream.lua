--- An engine for the specs: a Unix socket that records every byte and answers as it is told.
-- It is served while the spec waits (loop.lua), so no other process is needed.

local loop = require "spec.support.loop"
local message = require "spec.support.message"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local upstream = {}
upstream.__index = upstream

local ok = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"

--- The usual behaviour: every request gets 'OK', the connection is kept.
function upstream.answer_ok(conn)
  while message.read_request(conn, 3600) do
    conn:send(ok)
  end
end

--- Answers each request with the same bytes, then closes if these bytes have no length.
function upstream.answer_with(bytes, close)
  return function(conn)
    while message.read_request(conn, 3600) do
      conn:send(bytes)
      if close then
        return
      end
    end
  end
end

-- Keeps a copy of all that comes in.
local function recorded(self, fd)
  local conn = stream.of(fd)
  local record = { bytes = "", conn = conn }
  function conn.fill(c, timeout)
    local before = #c.held
    local more = stream.fill(c, timeout)
    if not c.unrecorded then
      record.bytes = record.bytes .. c.held:sub(before + 1)
    end
    return more
  end
  self.connections[#self.connections + 1] = record
  return record
end

local function serve(self, record)
  local conn = record.conn
  self.serve(conn, record)
  if conn.fd then
    conn:close()
  end
  record.over = true
end

local function accept_all(self)
  while true do
    if loop.readable(self.fd, 3600) then
      local fd = sys.accept(self.fd)
      if fd then
        local record = recorded(self, fd)
        record.task = loop.spawn(function() serve(self, record) end)
      end
    end
  end
end

--- Listens at 'path'. 'serve' gets each connection; upstream.answer_ok if not given.
---@param path string
---@param serve_connection? fun(conn: table, record: table)
function upstream.start(path, serve_connection)
  local self = setmetatable({ path = path, connections = {} }, upstream)
  self.serve = serve_connection or upstream.answer_ok
  self.fd = assert(sys.listen_unix(path))
  self.task = loop.spawn(function() accept_all(self) end)
  return self
end

--- From now on, connections are served so; what was recorded is forgotten.
function upstream:use(serve_connection)
  self:settle()
  self:drop()
  self.serve = serve_connection or upstream.answer_ok
end

--- Lets everything that is under way arrive.
function upstream.settle(_, seconds)
  loop.sleep(seconds or 0.02)
end

--- Closes all connections and forgets what they carried.
function upstream:drop()
  for _, record in ipairs(self.connections) do
    loop.cancel(record.task)
    if record.conn.fd then
      record.conn:close()
    end
  end
  self.connections = {}
end

--- All bytes that came since the last drop(), one connection after the other.
function upstream:seen()
  local all = {}
  for i, record in ipairs(self.connections) do
    all[i] = record.bytes
  end
  return table.concat(all)
end

function upstream:stop()
  self:drop()
  loop.cancel(self.task)
  sys.close(self.fd)
  os.remove(self.path)
end

return upstream
