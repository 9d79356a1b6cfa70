-- Containers of a real engine take each other's addresses, die and are started, while the worker stands still
-- from any of these steps to any later one. Whoever asks has no way back by then, so what it is told is read in
-- the log. STALL_PASSES: how often all of that is done (1).

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local gate = require "spec.support.gate"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local stalls = require "spec.support.stalls"

local it = engine.it(it, pending)

local passes = tonumber(os.getenv("STALL_PASSES")) or 1
local port = 2382
local request = "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
local at = { ip = "172.31.3.9", ip6 = "fd00:31:3::9" }
local over = { [4] = "tcp://172.31.3.1:" .. port, [6] = "tcp://[fd00:31:3::1]:" .. port }
local seen_as = { [4] = "client=172.31.3.9:", [6] = "client=[fd00:31:3::9]:" }

describe("with a worker that stalls, of containers of an engine", function()
  local proxy, keeper, rich, poor, lasting_rich, lasting_poor
  local rounds, rightful, refused = 0, 0, 0

  setup(function()
    if engine.unavailable() then
      return
    end
    caller.network("stall", "172.31.3.", "fd00:31:3::")
    proxy = gate.host({ gate.policy() }, { port = port })
    local grant = { ["spec.grant"] = "yes" }
    keeper = caller.run("stall-keeper", { network = "stall", labels = grant })
    rich, poor = caller.run("stall-rich", { network = "none", labels = grant }), caller.run("stall-poor", { network = "none" })
    caller.all({ rich, poor }, function(one) one:disconnect_network("none") end)
    lasting_rich = caller.new("stall-rich2", { network = "stall", ip = "172.31.3.9", ip6 = "fd00:31:3::9", labels = grant })
    lasting_poor = caller.new("stall-poor2", { network = "stall", ip = "172.31.3.9", ip6 = "fd00:31:3::9" })
    for one, verdict in pairs({ [rich] = "granted", [poor] = "stall-poor", [lasting_rich] = "granted",
      [lasting_poor] = "stall-poor2" }) do
      one.verdict = verdict
    end
  end)

  teardown(function()
    if proxy then
      stalls.finish(proxy)
      proxy:stop()
      caller.all({ keeper, rich, poor, lasting_rich, lasting_poor }, function(one) one:remove() end)
      caller.drop_network("stall")
      print(("# %d rounds; %d of %d rightful clients were refused"):format(rounds, refused, rightful))
    end
  end)

  -- What the proxy has answered to that address, from a place in its log on.
  local function told(version, from)
    local verdicts = {}
    for line in proxy:log():sub(from):gmatch("[^\n]+") do
      if line:find(seen_as[version], 1, true) then
        verdicts[#verdicts + 1] = line:find('msg="allowed request"', 1, true) and "granted"
          or line:match("you are <(.-)>") or line:find("who is asking is not known", 1, true) and "unknown" or line
      end
    end
    return verdicts
  end

  local function take(round, from, to, stretch)
    local conn, kept
    stalls.take(function() return proxy end, {
      function()
        conn, kept = assert(from:open(over[round.version])), assert(keeper:open(over[round.version]))
      end,
      function()
        conn:send(request)
        kept:send(request)
      end,
      function() round.take_from(from) end,
      function() round.give_to(to) end,
    }, stretch)
    return conn, kept
  end

  local function try(round, from, to, stretch)
    local what = ("over IPv%d, from %s to %s, stalled from %d to %d"):format(round.version, from.name, to.name,
      stretch[1], stretch[2])
    round.give_to(from)
    assert.is_truthy(caller.patiently(function()
      return from:ask(over[round.version], nil, 2) == from.verdict
    end, 15), what)
    local begun = #proxy:log() + 1
    local conn, kept = take(round, from, to, stretch)
    local known = caller.verdict((message.read_response(kept, 10)))
    loop.until_true(function() return #told(round.version, begun) > 0 end, 0.5)
    for _, verdict in ipairs(told(round.version, begun)) do
      assert.is_true(verdict == from.verdict or verdict == "unknown", what .. ": " .. verdict)
    end
    rounds, rightful = rounds + 1, rightful + 1
    if known ~= "granted" then
      assert.equal("unknown", known, what)
      refused = refused + 1
    end
    conn:close()
    kept:close()
    round.take_from(to)
  end

  -- In both directions, or in turns where the engine takes its time.
  local function all(round, first, second, in_turns)
    for pass = 1, passes do
      for i, stretch in ipairs(stalls.stretches(4)) do
        round.version = i % 2 == 0 and 6 or 4
        if not in_turns or (i + pass) % 4 < 2 then
          try(round, first, second, stretch)
        end
        round.version = 10 - round.version
        if not in_turns or (i + pass) % 4 >= 2 then
          try(round, second, first, stretch)
        end
      end
    end
  end

  it("who runs takes no rights along with an address", function()
    all({
      take_from = function(one) one:disconnect_network("stall") end,
      give_to = function(one) one:connect_network("stall", at) end,
    }, rich, poor)
  end)

  it("who is started takes no rights along from who has died", function()
    all({
      take_from = function(one) one:kill() end,
      give_to = function(one)
        -- The address is free only after the death of who had it is settled.
        assert(caller.patiently(function() return pcall(one.start, one) end), one.name .. " does not start")
      end,
    }, lasting_rich, lasting_poor, true)
  end)

  it("who keeps an address was known by it", function()
    assert.is_true(rounds >= 30, rounds .. " rounds")
    assert.equal(0, refused)
  end)
end)
