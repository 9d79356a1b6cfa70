--- An engine that is only told of: containers that are tables, at addresses that this machine has in a
-- network of its own. It answers what moonward asks to know who is asking, as right or wrong as a spec
-- wants, and says everything that happens in the stream of events.

local folder = require "spec.support.folder"
local json = require "cjson"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"
local upstream = require "spec.support.upstream"

local false_engine = {}
false_engine.__index = false_engine

--- The networks that its containers are on; all of the first one's is addresses of the machine, too. The
--- second is there for whoever asks for it.
local networks = {
  net = { Id = ("ab"):rep(32), Name = "net", Driver = "bridge", Scope = "local",
    IPAM = { Config = { { Subnet = "198.18.0.0/16", Gateway = "198.18.255.1" } } } },
  right = { Id = ("cd"):rep(32), Name = "right", Driver = "bridge", Scope = "local", EnableIPv6 = true,
    IPAM = { Config = { { Subnet = "198.19.0.0/16", Gateway = "198.19.255.1" },
      { Subnet = "fd98:1::/64", Gateway = "fd98:1::1" } } } },
}

--- The nth address.
function false_engine.address(n)
  return ("198.18.%d.%d"):format(n // 250, n % 250 + 1)
end

-- Texts that are answers -----------------------------------------------------------------------------

local function answer(status, body)
  return ("HTTP/1.1 %d X\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s")
    :format(status, #body, body)
end
false_engine.answer = answer

local empty = json.decode("{}")

-- Of a network: "198.18.0.1", or {"198.19.0.1", "fd98:1::10"}.
local function endpoint(name, at, running)
  local config = networks[name].IPAM.Config
  local v4, v6 = table.unpack(type(at) == "table" and at or { at })
  return { NetworkID = networks[name].Id, IPAddress = running and v4 or "", Gateway = config[1].Gateway,
    GlobalIPv6Address = running and v6 or "", IPv6Gateway = config[2] and config[2].Gateway or "" }
end

local function settings(one)
  local at = {}
  for name, address in pairs(one.networks or { net = one.address }) do
    at[name] = endpoint(name, address, one.running)
  end
  return { Networks = next(at) and at or empty }
end

local function in_list(one)
  return { Id = one.id, Names = { "/" .. one.name }, State = one.state or one.running and "running" or "exited",
    Labels = one.labels or empty, Image = "x", HostConfig = { NetworkMode = one.mode or "net" },
    NetworkSettings = settings(one) }
end

local function inspected(one)
  return { Id = one.id, Name = "/" .. one.name, State = { Status = one.state or one.running and "running" or "exited",
    StartedAt = one.started or "2020-01-01T00:00:00Z" }, Config = { Labels = one.labels or empty, Image = "x" },
    HostConfig = { NetworkMode = one.mode or "net" }, NetworkSettings = settings(one) }
end

--- What the engine says when it is asked about a container.
function false_engine.describe(one)
  return json.encode(inspected(one))
end

-- Serving ----------------------------------------------------------------------------------------------

local plain = {
  ["/_ping"] = function() return "OK" end,
  ["/networks"] = function(self)
    return json.encode({ networks.net, self.has_right and networks.right or nil })
  end,
  ["/containers/json"] = function(self)
    local texts = {}
    for _, one in ipairs(self.containers) do
      texts[#texts + 1] = one.text or json.encode(in_list(one))
    end
    return "[" .. table.concat(texts, ",") .. "]"
  end,
}

local function respond(self, path)
  local wrong = self.wrong[path]
  if wrong then
    return type(wrong) == "function" and wrong() or wrong
  elseif plain[path] then
    return answer(200, plain[path](self))
  end
  local one = self.by_id[path:match("^/containers/(%x+)/json$")]
  if one then
    return one.text and answer(200, one.text) or answer(200, json.encode(inspected(one)))
  end
  return answer(404, '{"message":"no such thing"}')
end

local function serve(self, conn)
  while true do
    local request = message.read_request(conn, 3600)
    if not request then
      return
    end
    local path = request.target:gsub("^/v[%d.]+", ""):gsub("%?.*", "")
    self.asked[path] = (self.asked[path] or 0) + 1
    if path == "/events" then
      conn:send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
      self.streams[#self.streams + 1] = conn
      conn:read_all(3600)
      conn.over = true
      loop.until_true(function() return not conn.sending end, 60)
      return
    end
    local text = respond(self, path)
    conn:send(text)
    if text:find("Connection: close", 1, true) then
      return
    end
  end
end

-- Life -------------------------------------------------------------------------------------------------

-- A network with nothing in it but those addresses, and a door into it.
local function make_network(self)
  local home = folder.new()
  self.door = home .. "/door"
  self.network_process = process.start({ "unshare", "--net", "sh", "-c",
    "ip link set lo up && ip route add local 198.18.0.0/15 dev lo && for n in 1 10 11 12; do"
      .. " ip -6 addr add fd98:1::$n/128 dev lo nodad; done; exec build/spec/door " .. self.door })
  assert(loop.until_true(function() return sys.stat(self.door) end, 5), self.network_process.stderr())
  self.network = "/proc/" .. self.network_process.pid .. "/ns/net"
end

--- Starts one without containers.
---@param has_right? boolean with the network "right", too
function false_engine.start(has_right)
  local self = setmetatable({ containers = {}, by_id = {}, streams = {}, wrong = {}, asked = {}, held = {},
    has_right = has_right }, false_engine)
  make_network(self)
  self.socket = folder.new() .. "/engine.sock"
  self.upstream = upstream.start(self.socket, function(conn)
    serve(self, conn)
  end)
  return self
end

function false_engine:stop()
  self.upstream:stop()
  self.network_process:kill()
  self.network_process:wait(5)
end

--- Adds containers: {name, address, labels, running = true, mode}; 'networks' instead of an address on
--- the first, name to address; 'text' instead of what would be said of it.
function false_engine:add(one)
  self.added = (self.added or 0) + 1
  one.id = one.id or ("%064x"):format(0xabc000 + self.added)
  one.running = one.running ~= false
  self.containers[#self.containers + 1] = one
  self.by_id[one.id] = one
  return one
end

--- Sends bytes to all who listen for events, as one chunk; later, while the events are held up.
function false_engine:say(bytes)
  if self.holding then
    self.held[#self.held + 1] = bytes
    return
  end
  for _, conn in ipairs(self.streams) do
    if not conn.over and conn.fd then
      conn.sending = true
      conn:send(("%x\r\n%s\r\n"):format(#bytes, bytes))
      conn.sending = false
    end
  end
end

local function event(one, action, more)
  local now = sys.wall()
  return json.encode({ Type = "container", Action = action, time = now // 1, timeNano = math.floor(now * 1000000000),
    Actor = { ID = one.id, Attributes = more or { name = one.name } } }) .. "\n"
end

--- Something happens to a container, and is told.
function false_engine:happens(one, ...)
  local texts = {}
  for _, action in ipairs({ ... }) do
    if action == "start" or action == "die" then
      one.running = action == "start"
      if one.running then
        local now = sys.wall()
        one.started = os.date("!%Y-%m-%dT%H:%M:%S", math.floor(now)) .. (".%06dZ"):format(math.floor(now % 1 * 1000000))
      end
    end
    texts[#texts + 1] = event(one, action)
  end
  self:say(table.concat(texts))
end

--- Ends a container, if it runs, and forgets it.
function false_engine:remove(one)
  self:happens(one, "die", "destroy")
  self.by_id[one.id] = nil
  for i, other in ipairs(self.containers) do
    if other == one then
      table.remove(self.containers, i)
      return
    end
  end
end

--- Holds events up, or lets those go that were held up.
function false_engine:hold(on)
  self.holding = on
  if not on and self.held[1] then
    local bytes = table.concat(self.held)
    self.held = {}
    self:say(bytes)
  end
end

local function tell_of_network(self, one, name, action)
  local now = sys.wall()
  self:say(json.encode({ Type = "network", Action = action, time = now // 1, timeNano = math.floor(now * 1000000000),
    Actor = { ID = networks[name].Id, Attributes = { container = one.id, name = name, type = "bridge" } } }) .. "\n")
end

--- A container with 'networks' gets an address on one of them, or loses it.
---@param address? string|string[]
function false_engine:joins(one, name, address)
  one.networks[name] = address
  tell_of_network(self, one, name, address and "connect" or "disconnect")
end

--- A container gets another name, and that is told.
function false_engine:renames(one, name)
  local old = one.name
  one.name = name
  self:say(event(one, "rename", { name = name, oldName = "/" .. old }))
end

--- Whether somebody listens for events.
function false_engine:is_heard()
  for _, conn in ipairs(self.streams) do
    if conn.fd and not conn.over then
      return true
    end
  end
  return false
end

--- Ends the streams of events.
function false_engine:hang_up()
  for _, conn in ipairs(self.streams) do
    if conn.fd and not conn.over then
      sys.shutdown(conn.fd)
      conn.over = true
    end
  end
end

--- A connection to an address in that network, from one of its addresses.
---@param address string "tcp://198.18.255.2:2375"
---@param from string
function false_engine:open(address, from)
  local conn = assert(stream.connect("unix://" .. self.door))
  local host, port = address:match("^tcp://%[?(.-)%]?:(%d+)$")
  conn:send(("tcp %s %s %s\n"):format(host, port, from))
  local said = conn:read_until("\n", 5)
  if said ~= "ok\n" then
    conn:close()
    return nil, said
  end
  return conn
end

return false_engine
