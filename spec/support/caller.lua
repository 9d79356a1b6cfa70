--- Containers of the spec's engine that call moonward (door.c), and what they are told.

local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local json = require "cjson"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local shared = require "spec.support.shared"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local caller = {}
caller.__index = caller

local image = "door:spec"

local function prepare()
  local env = engine.env(engine.get().straight)
  process.shell("tar -C build/spec -c door | docker import -c 'ENTRYPOINT [\"/door\"]' - " .. image, { env = env })
  return { folder = folder.new(), count = 0 }
end

-- Once per run; a restart of the engine keeps images.
local function ready()
  return shared.once("caller", prepare)
end

--- Asks the engine itself: the status, and what its answer says. Nil when there is no answer.
---@param line string "POST /containers/x/start", without version
---@param body? table
function caller.engine(line, body)
  local method, path = line:match("^(%u+) (.+)$")
  local conn = stream.connect("unix://" .. engine.get().socket)
  if not conn then
    return nil
  end
  local text = body and json.encode(body) or ""
  local response = message.ask(conn, ("%s /v1.41%s HTTP/1.1\r\nHost: d\r\nConnection: close\r\n"
    .. "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"):format(method, path, #text, text), 60)
  conn:close()
  if response then
    local fine, said = pcall(json.decode, response.body)
    return response.status, fine and said or response.body
  end
end

--- The same, and it must work out; gives what the answer says.
function caller.must(line, body)
  local status, said = caller.engine(line, body)
  if not status or status >= 300 then
    error(("%s: %s %s"):format(line, status, type(said) == "table" and said.message or said), 2)
  end
  return said
end

--- A bridge network: ("left", "172.30.1.") is 172.30.1.0/24 with the gateway 172.30.1.1, and 6 with
-- "fd00:30::" is fd00:30::/64 with fd00:30::1.
---@param name string
---@param start string
---@param start6? string
function caller.network(name, start, start6)
  local config = { { Subnet = start .. "0/24", Gateway = start .. "1" } }
  if start6 then
    config[2] = { Subnet = start6 .. "/64", Gateway = start6 .. "1" }
  end
  caller.must("POST /networks/create", {
    Name = name, Driver = "bridge", EnableIPv6 = start6 ~= nil, IPAM = { Driver = "default", Config = config },
  })
end

function caller.drop_network(name)
  caller.engine("DELETE /networks/" .. name)
end

--- A fixed address, for connect() and new().
local function endpoint(options)
  return { IPAMConfig = { IPv4Address = options.ip, IPv6Address = options.ip6 }, Links = options.links }
end

--- Makes a container that calls; it does not run yet.
---@param name string
---@param options? {network: string, ip: string, ip6: string, labels: table<string, string>, binds: string[],
--- ask: string[], once: boolean, links: string[]} ask: {address, port, path}, as soon as it runs;
--- once: it ends after that
function caller.new(name, options)
  options = options or {}
  local self = setmetatable({ name = name, options = options }, caller)
  local home = ready().folder
  self.door, self.answer_file = home .. "/" .. name .. ".sock", home .. "/" .. name .. ".answer"
  local words = { options.once and "-" or "/doors/" .. name .. ".sock" }
  for _, word in ipairs(options.ask or {}) do
    words[#words + 1] = word
  end
  words[#words + 1] = options.ask and "/doors/" .. name .. ".answer" or nil
  local binds = { home .. ":/doors" }
  for _, bind in ipairs(options.binds or {}) do
    binds[#binds + 1] = bind
  end
  local network = options.network or "bridge"
  local named = network ~= "bridge" and network ~= "host" and network ~= "none"
    and not network:find("^container:")
  self.id = caller.must("POST /containers/create?name=" .. name, {
    Image = image, Cmd = words, Labels = options.labels,
    HostConfig = { NetworkMode = network, Binds = binds, LogConfig = { Type = "none" }, Links = options.links },
    NetworkingConfig = named and { EndpointsConfig = { [network] = endpoint(options) } } or nil,
  }).Id
  return self
end

--- Does it for all at the same time; the engine takes its time for each.
---@param list table
---@param action fun(one: any, key: any)
function caller.all(list, action)
  local left = 0
  for key, one in pairs(list) do
    left = left + 1
    loop.spawn(function()
      local fine, problem = pcall(action, one, key)
      left = left - 1
      assert(fine, problem)
    end)
  end
  assert(loop.until_true(function() return left == 0 end, 60), "the engine takes too long")
end

--- Tries again and again until it gives something true; nil when the time is up. Unlike the check of
-- loop.until_true, the action may wait.
---@param action function
---@param timeout? number
function caller.patiently(action, timeout)
  local deadline = sys.now() + (timeout or 10)
  while true do
    local result = action()
    if result or sys.now() >= deadline then
      return result or nil
    end
    loop.sleep(0.005)
  end
end

--- new() and start().
function caller.run(name, options)
  return caller.new(name, options):start()
end

--- Starts it, and waits until it listens.
function caller:start()
  os.remove(self.answer_file)
  os.remove(self.door)
  caller.must("POST /containers/" .. self.id .. "/start")
  if not self.options.once then
    assert(loop.until_true(function() return sys.stat(self.door) end, 10), self.name .. " does not come up")
  end
  return self
end

function caller:kill()
  caller.must("POST /containers/" .. self.id .. "/kill")
end

--- Ends and removes it, in whatever state it is.
function caller:remove()
  caller.engine("DELETE /containers/" .. self.id .. "?force=1")
  os.remove(self.answer_file)
end

function caller:rename(name)
  caller.must("POST /containers/" .. self.id .. "/rename?name=" .. name)
end

function caller:connect_network(network, options)
  caller.must("POST /networks/" .. network .. "/connect",
    { Container = self.id, EndpointConfig = endpoint(options or {}) })
end

function caller:disconnect_network(network)
  caller.must("POST /networks/" .. network .. "/disconnect", { Container = self.id, Force = true })
end

--- Its addresses now: network to IPv4, network to IPv6.
function caller:addresses()
  local v4, v6 = {}, {}
  for name, network in pairs(caller.must("GET /containers/" .. self.id .. "/json").NetworkSettings.Networks) do
    v4[name], v6[name] = network.IPAddress, network.GlobalIPv6Address
  end
  return v4, v6
end

--- A connection made inside the container; nil with the reason when it cannot be made.
---@param address string "tcp://172.18.0.1:2375", "tcp://[fd00::1]:2375" or "unix:///path"; "far:///path": the
--- same, by a process that does nothing else, and that far_process() finds
---@param timeout? number
function caller:open(address, timeout)
  -- The door itself may be about to open.
  local conn, why
  caller.patiently(function()
    conn, why = stream.connect("unix://" .. self.door)
    return conn
  end, 5)
  if not conn then
    return nil, why
  end
  local host, port = address:match("^tcp://%[?(.-)%]?:(%d+)$")
  conn:send(host and ("tcp %s %s\n"):format(host, port) or ("%s %s\n"):format(address:match("^(%a+)://(.*)")))
  local said = conn:read_until("\n", timeout or 5)
  if said ~= "ok\n" then
    conn:close()
    return nil, said or "the door does not answer"
  end
  return conn
end

--- The process that made the last connection to "far://", as this process sees it.
function caller:far_process()
  local newest, pid = 0, nil
  for word in process.shell("grep -ls " .. self.id .. " /proc/[0-9]*/cgroup || :"):gmatch("/proc/(%d+)/") do
    local inside = tonumber((folder.read("/proc/" .. word .. "/status") or ""):match("NSpid:[^\n]*%s(%d+)\n"))
    if inside and inside > newest then
      newest, pid = inside, math.tointeger(tonumber(word))
    end
  end
  return pid
end

--- What a response says about who asked: "granted"; the name that the policy who() took it for;
--- "unknown" with the reason; or how it failed.
---@param response table?
function caller.verdict(response)
  if not response then
    return "no answer"
  elseif response.status == 200 then
    return "granted"
  end
  local said = response.body:match('"message": ?"moonward: (.-)"}?%s*$') or response.body
  local name = said:match("you are <(.-)>")
  if name then
    return name
  elseif said:find("who is asking is not known", 1, true) then
    return "unknown", said
  end
  return response.status .. " " .. said
end

local function request(path)
  return ("GET %s HTTP/1.1\r\nHost: docker\r\n\r\n"):format(path)
end

--- Asks over a connection that is open already.
function caller.ask_over(conn, path, timeout)
  return caller.verdict(message.ask(conn, request(path or "/_ping"), timeout or 10))
end

--- Asks over a connection of its own; the verdict.
---@param address string
---@param path? string /_ping, if not given
---@param timeout? number
function caller:ask(address, path, timeout)
  local conn, why = self:open(address, timeout)
  if not conn then
    return "no connection: " .. why
  end
  local verdict, reason = caller.ask_over(conn, path, timeout)
  conn:close()
  return verdict, reason
end

--- What it was told when it asked as soon as it ran; waits for that.
function caller:first_answer(timeout)
  local text = loop.until_true(function() return folder.read(self.answer_file) end, timeout or 15)
  local status, body = (text or ""):match("^HTTP/1.1 (%d+) .-\r\n\r\n(.*)$")
  return caller.verdict(status and { status = tonumber(status), body = body })
end

return caller
