-- Every folder in examples/: what its compose.yaml says of moonward is hardened, and moonward starts with it.
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local process = require "spec.support.process"
local upstream = require "spec.support.upstream"
local yaml = require "lyaml"

local socket = "/var/run/docker.sock"

-- "${GROUP:?say so}" and "${GROUP:-998}" as compose reads them; what has no default is a number here.
local function interpolate(text)
  return (text:gsub("%${[%w_]+(:?[-?]?)([^}]*)}", function(kind, word)
    return kind:find("-", 1, true) and word or "998"
  end):gsub("%$%$", "$"))
end

local function interpolate_all(value)
  if type(value) ~= "table" then
    return type(value) == "string" and interpolate(value) or value
  end
  local copy = {}
  for key, inner in pairs(value) do
    copy[key] = interpolate_all(inner)
  end
  return copy
end

-- A mapping, or a list of "KEY=value", as "KEY=value" each.
local function environment_of(service)
  local list = {}
  for key, value in pairs(service.environment or {}) do
    list[#list + 1] = type(key) == "number" and value or key .. "=" .. tostring(value)
  end
  table.sort(list)
  return list
end

local function command_of(service)
  assert.is_true(service.command == nil or type(service.command) == "table", "command is to be a list")
  return service.command or {}
end

local function set(list)
  local members = {}
  for key, value in pairs(list or {}) do
    members[type(key) == "number" and value or key] = true
  end
  return members
end

local function mounts(service, path)
  for _, volume in ipairs(service.volumes or {}) do
    local source = type(volume) == "table" and volume.source or volume:match("^[^:]*")
    if source == path then
      return true
    end
  end
  return false
end

-- The services that are moonward: { name =, service = }.
local function each_proxy(compose)
  local found = {}
  for name, service in pairs(compose.services) do
    if service.image:find("^moonward:") then
      found[#found + 1] = { name = name, service = service }
    end
  end
  return found
end

-- Where it listens is taken by a free port or a socket of this spec's, and the engine by one that answers
-- everything.
local function start(service, engine)
  local port, socket_here = daemon.free_port(), folder.new() .. "/docker.sock"
  local words, env = {}, { "MOONWARD_UPSTREAM=unix://" .. engine.path }
  local address = "tcp://127.0.0.1:" .. port
  local function local_address(text)
    return (text:gsub("tcp://0%.0%.0%.0:2375", address):gsub("unix:///run/moonward/docker%.sock", function()
      address = "unix://" .. socket_here
      return address
    end))
  end
  for i, word in ipairs(command_of(service)) do
    words[i] = local_address(word)
  end
  for _, variable in ipairs(environment_of(service)) do
    env[#env + 1] = local_address(variable)
  end
  return daemon.start(words, { listen = false, await = address, env = env }), address
end

local names = {}
for name in process.shell("ls examples"):gmatch("[^\n]+") do
  if folder.read("examples/" .. name .. "/compose.yaml") then
    names[#names + 1] = name
  end
end

describe("the examples", function()
  it("are some", function()
    assert.is_true(#names >= 5, #names .. " folders")
  end)
end)

for _, name in ipairs(names) do
  describe("the example " .. name, function()
    local text = folder.read("examples/" .. name .. "/compose.yaml")
    local compose = interpolate_all(yaml.load(text))
    local proxies = each_proxy(compose)

    it("has moonward in front of the engine", function()
      assert.is_true(#proxies > 0)
    end)

    it("gives the engine's socket to nobody else", function()
      for other, service in pairs(compose.services) do
        assert.equal(service.image:find("^moonward:") ~= nil, mounts(service, socket), other)
      end
    end)

    for _, proxy in ipairs(proxies) do
      local service = proxy.service

      it("hardens " .. proxy.name, function()
        assert.is_true(service.read_only)
        assert.same({ "ALL" }, service.cap_drop)
        assert.is_nil(service.cap_add)
        assert.is_true(set(service.security_opt)["no-new-privileges:true"])
        assert.is_truthy(tostring(service.user):find("^65534:%d+$"), "user is " .. tostring(service.user))
        assert.is_nil(service.privileged)
      end)

      it("hides " .. proxy.name .. " from all but its clients", function()
        assert.is_nil(service.ports)
        if service.network_mode then -- it listens at a Unix socket in a volume
          assert.equal("none", service.network_mode)
          assert.is_nil(service.networks)
          return
        end
        assert.is_truthy(next(set(service.networks)))
        for network in pairs(set(service.networks)) do
          assert.is_true((compose.networks[network] or {}).internal, network)
        end
      end)

      it("starts " .. proxy.name .. " with its options", function()
        local checked = daemon.run(daemon.flatten("check", command_of(service)), { env = environment_of(service) })
        assert.equal(0, checked.code, checked.stdout .. checked.stderr)
        local engine = upstream.start(folder.new() .. "/engine.sock")
        local running, address = start(service, engine)
        local conn = running:connect(address)
        conn:send("GET /no/such/route HTTP/1.1\r\nHost: moonward\r\nConnection: close\r\n\r\n")
        assert.is_truthy(conn:read_all():find("^HTTP/1.1 403 "))
        running:stop()
        engine:stop()
      end)
    end
  end)
end
