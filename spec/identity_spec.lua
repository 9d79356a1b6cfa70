-- Who asks, with an engine of the spec's own behind the daemon's code.
local engines = require "moonward.test_engine"
local folder = require "spec.support.folder"
local native = require "moonward.native"
local test = require "moonward.test"

local id = engines.id
local SECOND = 1000000
local made = folder.new()

local function policy_file(name, text)
  return folder.write(made .. "/" .. name .. ".lua", text)
end

local names = policy_file("names", [[
local moonward = require "moonward"
return function(client, request)
  local container = client.container
  return moonward.deny((container and container.name or "nobody") .. " " .. (client.labels.role or "-"))
end
]])

-- A connection to a host, and what the engine says while it is judged. `news` is called before each
-- answer, with what is waited for.
local Wire = {}
Wire.__index = Wire

local function wire(containers, networks)
  local host = assert(native.open {})
  assert(host:load(names))
  assert(host:start({}, {}))
  local self = setmetatable({ host = host, engine = engines.new { containers = containers, networks = networks } }, Wire)
  self:open()
  return self
end

function Wire:open()
  self.host:events_path "1.41"
  assert(self.host:tell "open")
end

function Wire:event(name, who, network)
  local event = { Type = "container", Action = name, Actor = { ID = id(who) }, timeNano = (os.time() - 1) * 1000 * SECOND }
  if network then
    event.Type, event.Actor = "network", { ID = id(network), Attributes = { container = id(who) } }
  end
  assert(self.host:tell("event", 0, engines.json(event)))
end

function Wire:ask(client, news)
  client.method, client.target, client.headers, client.listener = "GET", "/info", {}, "test"
  client.accepted = client.accepted or os.time() * SECOND
  local decision = assert(self.host:decide(client))
  local waits = {}
  local kind, question = decision:run()
  while kind ~= "done" do
    waits[#waits + 1] = kind
    local answer = news and news(kind, question)
    if answer then
      decision:answer_failure(answer)
    elseif kind == "engine" then
      decision:answer_engine(self.engine:answer(question))
    else
      if kind == "containers" then
        self.engine:tell(self.host)
      end
      decision:answer ""
    end
    kind, question = decision:run()
  end
  local verdict = decision:verdict()
  client.found = decision:found() ~= "" and decision:found() or nil
  decision:close()
  assert.equal(403, verdict.status)
  assert.is_false(verdict.failed)
  return (verdict.reason:gsub("^who is asking is not known right now: ", "unknown: ")), table.concat(waits, " ")
end

local function web(change)
  local given = { name = "web", address = "172.17.0.2", labels = { role = "front" } }
  for key, value in pairs(change or {}) do
    given[key] = value
  end
  return given
end

local function starts(text, part)
  assert.equal(part, text:sub(1, #part))
end

describe("a client over TCP", function()
  it("is the container that has its address, and whom the engine confirms", function()
    local line = wire { web() }
    local answer, waits = line:ask { address = "172.17.0.2" }
    assert.equal("web front", answer)
    assert.equal("events containers engine", waits)
  end)

  it("is not confirmed again on the same connection", function()
    local line, client = wire { web() }, { address = "172.17.0.2" }
    line:ask(client)
    assert.equal(id "web", client.found)
    local answer, waits = line:ask(client)
    assert.equal("web front", answer)
    assert.equal("events", waits)
  end)

  it("is asked for once, whatever the policy reads", function()
    local line = wire { web() }
    local _, waits = line:ask { address = "172.17.0.2" }
    assert.equal(1, select(2, waits:gsub("engine", "")))
  end)

  it("is nobody where no container can be, and nobody is asked about itself", function()
    local line = wire { web() }
    assert.equal("nobody -", (line:ask { address = "10.1.1.1" }))
    local answer, waits = line:ask { address = "127.0.0.1" }
    assert.equal("nobody - ", answer .. " " .. waits)
    assert.equal("nobody -", (line:ask { address = "172.17.0.1" }))
  end)

  it("is looked for once more when nobody is known to have its address", function()
    local line = wire {}
    line:ask { address = "10.1.1.1" }
    line.engine.containers = { web() }
    local answer, waits = line:ask { address = "172.17.0.2", accepted = os.time() * SECOND + SECOND }
    assert.equal("web front", answer)
    assert.equal("events containers engine", waits)
  end)

  it("calls before its start is told", function()
    local line = wire {}
    line:ask { address = "10.1.1.1" }
    local late = web { started = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + 60) }
    local answer = line:ask({ address = "172.17.0.2" }, function(kind)
      if kind == "events" then
        line.engine.containers = { late }
        line:event("connect", "web", "bridge")
      end
    end)
    assert.equal("web front", answer)
  end)

  local gone = "unknown: container web: the engine answers 404"
  local refused = {
    { "while the event stream is down", function(line) line.host:tell "down" end, "unknown: the engine's event stream is down" },
    { "when its container ends while the engine is asked", function(line, kind)
      if kind == "engine" then line.engine.containers = {} end
    end, gone },
    { "when its container is stopped by then", function(line, kind)
      if kind == "engine" then line.engine.containers = { web { state = "exited", address = false } } end
    end, "unknown: container web has the address 172.17.0.2, but" },
    { "when its container has another address by then", function(line, kind)
      if kind == "engine" then line.engine.containers = { web { address = "172.17.0.3" } } end
    end, "unknown: container web has the address 172.17.0.2, but" },
    { "when its container started after the connection was made", function(line)
      line.engine.containers = { web { started = "2099-01-01T00:00:00Z" } }
    end, "unknown: container web has the address 172.17.0.2, but" },
    { "when the engine cannot be asked", function(_, kind) return kind == "engine" and "no route" end, "unknown: no route" },
    { "when the registry does not get ready", function(_, kind) return kind == "containers" and "too late" end,
      "unknown: too late" },
    { "when the stream ends meanwhile", function(line, kind)
      if kind == "engine" then line.host:tell "down" end
    end, "unknown: the engine's event stream is down" },
  }
  for _, case in ipairs(refused) do
    it("is refused " .. case[1], function()
      local line = wire { web() }
      local answer = line:ask({ address = "172.17.0.2" }, function(kind) return case[2](line, kind) end)
      starts(answer, case[3])
    end)
  end

  it("is refused where two containers claim the address", function()
    starts((wire { web(), web { name = "db" } }:ask { address = "172.17.0.2" }), "unknown: two containers claim the address")
  end)

  it("is refused where its container's labels cannot be read; others are not", function()
    local line = wire { web { labels = { role = 1 } }, web { name = "db", address = "172.17.0.3" } }
    starts((line:ask { address = "172.17.0.2" }), "unknown: container web: its label ")
    assert.equal("db front", (line:ask { address = "172.17.0.3" }))
  end)

  it("is served again once the stream is back", function()
    local line = wire { web() }
    line.host:tell "down"
    starts((line:ask { address = "172.17.0.2" }), "unknown: ")
    line:open()
    assert.equal("web front", (line:ask { address = "172.17.0.2" }))
  end)
end)

describe("a connection whose container was found", function()
  local later = {
    { "its container ends", function(line) line:event("die", "web") end },
    { "its container leaves the network", function(line) line:event("disconnect", "web", "bridge") end },
    { "another container takes the address", function(line)
      line:event("die", "web")
      line.engine.containers = { { name = "db", address = "172.17.0.2", labels = { role = "root" } } }
      line:event("connect", "db", "bridge")
    end },
  }
  for _, case in ipairs(later) do
    it("is refused from then on: " .. case[1], function()
      local line, client = wire { web() }, { address = "172.17.0.2" }
      assert.equal("web front", (line:ask(client)))
      line.engine.containers = {}
      case[2](line)
      for _ = 1, 2 do
        starts((line:ask(client)), "unknown: ")
      end
    end)
  end

  it("is never another's, though the end of the first is told late", function()
    local line, client = wire { web() }, { address = "172.17.0.2" }
    line:ask(client)
    line.engine.containers = { { name = "db", address = "172.17.0.2", labels = { role = "root" } } }
    line:event("connect", "db", "bridge")
    assert.equal("web front", (line:ask(client)))
    line:event("start", "db")
    line.engine:tell(line.host)
    starts((line:ask(client)), "unknown: ")
    line:event("die", "web")
    starts((line:ask(client)), "unknown: container " .. id("web"):sub(1, 12) .. ", which made this connection")
  end)

  it("goes on when the container restarts with the same address", function()
    local line, client = wire { web() }, { address = "172.17.0.2" }
    line:ask(client)
    line:event("die", "web")
    line:event("connect", "web", "bridge")
    assert.equal("web front", (line:ask(client)))
  end)

  it("is no other container's that has the address when the first request asks", function()
    local line = wire { web() }
    line:ask { address = "172.17.0.2" }
    local accepted = os.time() * SECOND
    line:event("die", "web")
    line.engine.containers = { { name = "db", address = "172.17.0.2", labels = { role = "root" } } }
    line.host:tell("event", 0, engines.json {
      Type = "network", Action = "connect", timeNano = (accepted + 5) * 1000,
      Actor = { ID = id "bridge", Attributes = { container = id "db" } },
    })
    starts((line:ask { address = "172.17.0.2", accepted = accepted }), "unknown: container db has the address")
    assert.equal("db root", (line:ask { address = "172.17.0.2", accepted = accepted + 6 }))
  end)
end)

describe("a client on a Unix socket", function()
  local function pid_of_this()
    local file = assert(io.open "/proc/self/stat")
    local pid = tonumber(file:read("a"):match "^%d+")
    file:close()
    return pid
  end

  it("that is no container's process is nobody", function()
    local accepted = (os.time() + 1) * SECOND -- this process may have begun in this very second
    assert.equal("nobody -", (wire { web() }:ask { uid = 0, gid = 0, pid = pid_of_this(), accepted = accepted }))
  end)

  it("whose process is not visible is refused, and the log says once what is missing", function()
    local line = wire { web() }
    for _ = 1, 2 do
      starts((line:ask { uid = 0, gid = 0, pid = 0 }), "unknown: the client's process is not visible from here")
    end
    local _, count = line.host:log():gsub("pid: host", "")
    assert.equal(1, count)
  end)

  it("whose process has ended, or began after it connected, is refused", function()
    local line = wire { web() }
    starts((line:ask { uid = 0, gid = 0, pid = 2 ^ 22 + 1 | 0 }), "unknown: process 4194305, which connected, has ended")
    starts((line:ask { uid = 0, gid = 0, pid = pid_of_this(), accepted = 1 }), "unknown: process ")
  end)
end)

describe("what a policy is handed", function()
  local function evaluate(expression, client)
    local path = policy_file("value", 'local moonward = require "moonward"\nreturn function(client, request)\n'
      .. "return moonward.deny(tostring(" .. expression .. "))\nend\n")
    return test.policy(path):decide { path = "/info", client = client }
  end
  local container = {
    name = "web", image = "nginx:1",
    labels = { a = "1", ["com.docker.compose.project"] = "p", ["com.docker.compose.service"] = "s" },
    networks = { bridge = { address = "172.17.0.2", address6 = "fd00::2" } },
  }
  local cases = {
    { "client.container.id", id "web" }, { "client.container.name", "web" }, { "client.container.image", "nginx:1" },
    { "client.container.labels.a", "1" }, { "client.container.labels.b", "nil" }, { "client.container.state", "running" },
    { "client.container.project", "p" }, { "client.container.service", "s" }, { "client.container.kind", "container" },
    { "client.container.networks.bridge.address", "172.17.0.2" }, { "client.container.networks.bridge.address6", "fd00::2" },
    { "client.container.networks.bridge.id", id "bridge" }, { "client.labels.a", "1" }, { "client.labels.b", "nil" },
    { "client.container == client.container", "true" },
    { "select('#', pcall(pairs, client.labels))", "4" },
    { "(function() local n = 0 for _ in pairs(client.labels) do n = n + 1 end return n end)()", "3" },
  }
  for _, case in ipairs(cases) do
    it("has " .. case[1], function()
      assert.equal(case[2], evaluate(case[1], { container = container }).reason)
    end)
  end

  local wrong = {
    { "client.container.nam", "unknown field 'nam' of the container; did you mean 'name'?" },
    { "(function() client.container.name = 'x' end)()", "container is read-only" },
    { "(function() client.container.labels.a = 'x' end)()", "container.labels is read-only" },
    { "(function() client.labels.a = 'x' end)()", "client.labels is read-only" },
    { "next(client.labels)", "table expected" },
  }
  for _, case in ipairs(wrong) do
    it("ends in an error: " .. case[1], function()
      local verdict = evaluate(case[1], { container = container })
      assert.is_true(verdict.failed)
      assert.truthy(verdict.reason:find(case[2], 1, true), verdict.reason)
    end)
  end

  it("is as if there was a container when only labels are given", function()
    assert.equal("x", evaluate("client.container.labels.role", { labels = { role = "x" } }).reason)
  end)
end)

describe("moonward.watch_containers", function()
  local function start(text)
    return pcall(test.policy, policy_file("watch", 'local moonward = require "moonward"\nreturn { start = function() '
      .. text .. " end, decide = function() end }\n"))
  end

  it("has containers followed from the start", function()
    local ok, policy = start "moonward.watch_containers()"
    assert.is_true(ok)
    assert.is_true(policy.host:wants_containers())
    ok, policy = start ""
    assert.is_true(ok)
    assert.is_false(policy.host:wants_containers())
  end)

  local refused = {
    { "moonward.watch_containers { slf = 'x' }", "unknown option 'slf'" },
    { "moonward.watch_containers { self = 1 }", "expected a table such as { self = \"moonward\" }" },
    { "moonward.watch_containers { self = 'a' } moonward.watch_containers { self = 'b' }", "cannot be both a and b" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function()
      local ok, message = start(case[1])
      assert.is_false(ok)
      assert.truthy(message:find(case[2], 1, true), message)
    end)
  end
end)
