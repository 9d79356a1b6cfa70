--- moonward between the containers of the spec's engine and that engine: on the engine's host, or in a
-- container of it.

local caller = require "spec.support.caller"
local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local process = require "spec.support.process"
local sys = require "spec.support.sys"

local gate = {}
gate.__index = gate

gate.port = 2375

--- Grants whoever carries the label spec.grant=yes, and tells everybody else who it takes them for.
gate.who = [[
local moonward = require "moonward"
return function(client)
  if client.labels["spec.grant"] == "yes" then
    return moonward.allow()
  end
  return moonward.deny("you are <" .. (client.container and client.container.name or "a stranger") .. ">")
end
]]

--- A policy in a file of its own; the option that names it.
function gate.policy(text, name)
  return "-policy=" .. folder.write(folder.new() .. "/" .. (name or "who") .. ".lua", text or gate.who)
end

-- The engine has a network of its own (private-engine).
local function network_of_engine()
  local pid = engine.get().process.pid
  local inside = folder.read(("/proc/%d/task/%d/children"):format(pid, pid)):match("%d+")
  return "/proc/" .. inside .. "/ns/net"
end

--- moonward on the engine's host, on all of its addresses, and at the Unix socket .unix.
---@param words string[]
---@param options? {port: integer, socket: string, network: string} socket: not that of the engine itself;
--- network: not that of the engine either, but of "/proc/1/ns/net"
function gate.host(words, options)
  options = options or {}
  local home = folder.new()
  sys.chmod(home, 493) -- 0755: for containers that it is mounted into
  local unix = "unix://" .. home .. "/moonward.sock"
  local port = options.port or gate.port
  local self = daemon.start(daemon.flatten("-listen=tcp://[::]:" .. port, "-listen=" .. unix,
    "-socketpath=" .. (options.socket or engine.get().socket), words),
    { listen = false, await = unix, prefix = { "nsenter", "--net=" .. (options.network or network_of_engine()) } })
  self.unix, self.port, self.folder = unix, port, home
  return self
end

-- Another binary than the static one needs its libraries.
local function binds_of_binary()
  local path = process.shell("realpath '" .. daemon.binary .. "'"):match("%S+")
  local binds = { path .. ":/moonward:ro" }
  for _, place in ipairs(path:find("/release/", 1, true) and {} or { "/lib", "/lib64", "/usr/lib" }) do
    binds[#binds + 1] = place .. ":" .. place .. ":ro"
  end
  return binds
end

--- moonward in a container of the engine, as nobody else than root.
---@param name string
---@param networks string[]
---@param words string[]
---@param folders? string[] host folders that are at the same place inside; with policies, for one
function gate.container(name, networks, words, folders)
  local binds = binds_of_binary()
  binds[#binds + 1] = engine.get().socket .. ":/var/run/docker.sock"
  for _, path in ipairs(folders or {}) do
    binds[#binds + 1] = path .. ":" .. path
  end
  local self = setmetatable({ name = name }, gate)
  self.id = caller.must("POST /containers/create?name=" .. name, {
    Image = "busybox", Cmd = daemon.flatten("/moonward", "-listen=tcp://[::]:" .. gate.port, words),
    HostConfig = { NetworkMode = networks[1], Binds = binds },
  }).Id
  for i = 2, #networks do
    caller.must("POST /networks/" .. networks[i] .. "/connect", { Container = self.id })
  end
  caller.must("POST /containers/" .. self.id .. "/start")
  assert(self:logs("listening", 20), "moonward does not listen:\n" .. self:log())
  return self
end

--- Where it is on a network: "tcp://172.18.0.2:2375".
function gate:on(network, version6)
  local found = caller.must("GET /containers/" .. self.id .. "/json").NetworkSettings.Networks[network]
  local address = version6 and "[" .. found.GlobalIPv6Address .. "]" or found.IPAddress
  return "tcp://" .. address .. ":" .. gate.port
end

function gate:log()
  local result = process.run({ "docker", "logs", self.id }, { env = engine.env(engine.get().straight) })
  return result.stdout .. result.stderr
end

--- Waits for this text in its log.
function gate:logs(text, timeout)
  return loop.until_true(function() return self:log():find(text, 1, true) end, timeout or 5)
end

function gate:stop()
  caller.engine("DELETE /containers/" .. self.id .. "?force=1")
end

return gate
