-- Who is asking, from real containers on real networks: moonward on the engine's host and in a container.

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local gate = require "spec.support.gate"

local it = engine.it(it, pending)

local grant = { ["spec.grant"] = "yes" }
local made = {}

local function run(name, options)
  local one = caller.run(name, options)
  made[#made + 1] = one
  return one
end

local function remove_all()
  caller.all(made, function(one) one:remove() end)
  made = {}
end

-- While containers come and go, it may not be known for some moments who asks; then it is asked again.
local function settles(ask)
  local verdict, reason
  caller.patiently(function()
    verdict, reason = ask()
    return verdict ~= "unknown"
  end)
  return verdict, reason
end

-- What is the same wherever moonward is. at(network) and at(network, 6) are its addresses.
local function knows_clients(at)
  local good, other -- they run all the time, and are on both networks

  setup(function()
    if not engine.unavailable() then
      good = caller.new("good", { network = "left", labels = grant })
      other = caller.new("other", { network = "left", labels = { ["spec.grant"] = "no" } })
      caller.all({ good, other }, function(one)
        one:connect_network("right")
        one:start()
      end)
    end
  end)

  teardown(function()
    caller.all({ good, other }, function(one) one:remove() end)
  end)

  for _, case in ipairs({
    { "on a network", { "left" } }, { "on a second network", { "right" } }, { "over IPv6", { "left", 6 } },
  }) do
    it("grants by a label and withholds without, " .. case[1], function()
      local address = at(table.unpack(case[2]))
      local verdict, reason = good:ask(address)
      assert.equal("granted", verdict, reason)
      verdict, reason = other:ask(address)
      assert.equal("other", verdict, reason)
    end)
  end

  it("takes no one in the host's network for a container, whatever its labels", function()
    local host = run("hosted", { network = "host", labels = grant })
    local verdict, reason = settles(function() return host:ask(at "left") end)
    assert.equal("a stranger", verdict, reason)
  end)

  it("takes two that share one network namespace for the one that has the address", function()
    local guest = run("guest", { network = "container:other", labels = grant })
    assert.equal("other", (guest:ask(at "left")))
  end)

  it("knows who calls in its first millisecond", function()
    local host, port = at("left"):match("^tcp://(.-):(%d+)$")
    local early = {}
    for i = 1, 6 do
      early[i] = run("early" .. i, {
        network = "left", labels = i % 2 == 0 and grant or nil, once = true, ask = { host, port, "/_ping" },
      })
    end
    for i, one in ipairs(early) do
      assert.equal(i % 2 == 0 and "granted" or "early" .. i, (one:first_answer()))
    end
  end)
end

-- The same while something happens to them.
local function follows_clients(at)
  it("knows a container that is stopped and started with the same address again", function()
    local one = run("one", { network = "left", ip = "172.30.1.77", labels = grant })
    assert.equal("granted", (one:ask(at "left")))
    for _ = 1, 3 do
      one:kill()
      one:start()
      assert.equal("granted", (settles(function() return one:ask(at "left") end)))
    end
  end)

  it("follows a rename", function()
    local one = run("before", { network = "left" })
    local conn = one:open(at "left")
    assert.equal("before", (caller.ask_over(conn)))
    one:rename("after")
    assert.equal("after", (one:ask(at "left")))
    -- A connection belongs to a container, not to a name: there it may take a moment.
    assert.is_truthy(caller.patiently(function() return caller.ask_over(conn) == "after" end, 5))
    conn:close()
  end)

  it("judges each request on a connection that stays", function()
    local one = run("one", { network = "left", ip = "172.30.1.78", labels = grant })
    local conn, second = one:open(at "left"), one:open(at "left")
    assert.equal("granted", (caller.ask_over(conn)))
    one:connect_network("right")
    assert.equal("granted", (caller.ask_over(conn)))
    assert.equal("granted", (one:ask(at "right")))
    one:disconnect_network("right")
    assert.equal("granted", (caller.ask_over(conn)))
    assert.equal("granted", (caller.ask_over(second)))
    one:disconnect_network("left")
    one:connect_network("left", { ip = "172.30.1.78" })
    assert.equal("granted", (settles(function() return one:ask(at "left") end)))
    conn:close()
    second:close()
  end)
end

local function make_networks()
  caller.network("left", "172.30.1.", "fd00:30:1::")
  caller.network("right", "172.30.2.")
end

local function drop_networks()
  caller.drop_network("left")
  caller.drop_network("right")
end

describe("moonward on the engine's host", function()
  local proxy

  setup(function()
    if not engine.unavailable() then
      make_networks()
      proxy = gate.host({ gate.policy() })
    end
  end)

  teardown(function()
    if proxy then
      proxy:stop()
      drop_networks()
    end
  end)

  after_each(remove_all)

  local gateways = { left = "172.30.1.1", left6 = "[fd00:30:1::1]", right = "172.30.2.1" }
  describe("between two networks", function()
    local function at(network, version)
      return ("tcp://%s:%d"):format(gateways[network .. (version or "")], gate.port)
    end
    knows_clients(at)
    follows_clients(at)
  end)

  it("knows containers that ran before it was started", function()
    local one = run("one", { network = "left", labels = grant })
    local late = gate.host({ gate.policy() }, { port = 2377 })
    assert.equal("granted", (one:ask("tcp://172.30.1.1:2377")))
    late:stop()
  end)

  it("knows who calls over a Unix socket that is mounted into the container", function()
    local binds = { proxy.folder .. ":/moonward" }
    local one = run("mounted", { binds = binds, network = "none" })
    local good = run("mounted-good", { binds = binds, network = "none", labels = grant })
    assert.equal("mounted", (one:ask("unix:///moonward/moonward.sock")))
    assert.equal("granted", (good:ask("unix:///moonward/moonward.sock")))
  end)

  it("takes no process of the host for a container", function()
    local conn = proxy:connect(proxy.unix)
    assert.equal("a stranger", (caller.ask_over(conn)))
    conn:close()
  end)
end)

describe("moonward in a container", function()
  local proxy

  setup(function()
    if not engine.unavailable() then
      make_networks()
      local policy = gate.policy()
      proxy = gate.container("proxy", { "left", "right" }, { policy }, { policy:match("=(.*)/") })
    end
  end)

  teardown(function()
    if proxy then
      proxy:stop()
      drop_networks()
    end
  end)

  after_each(remove_all)

  describe("on two networks", function()
    local function at(network, version)
      return proxy:on(network, version)
    end
    knows_clients(at)
    follows_clients(at)
  end)

  it("says on which networks it knows clients", function()
    run("other", { network = "left" }):ask(proxy:on "left")
    assert.is_truthy(proxy:logs("the networks of proxy: left, right"), proxy:log())
  end)

  it("does not know who comes over a network that it is not on, by any label", function()
    local far = run("far", { labels = grant }) -- on the default bridge, through the host
    local verdict = far:ask(proxy:on "left")
    assert.is_true(verdict == "a stranger" or verdict:find("^no connection") ~= nil, verdict)
  end)

  it("knows clients of a network that it is connected to later, and forgets them after", function()
    caller.network("third", "172.30.3.")
    local one = run("one", { network = "third", labels = grant })
    caller.must("POST /networks/third/connect", { Container = proxy.id })
    assert.equal("granted", (settles(function() return one:ask(proxy:on "third") end)))
    caller.must("POST /networks/third/disconnect", { Container = proxy.id })
    one:remove()
    caller.drop_network("third")
  end)
end)
