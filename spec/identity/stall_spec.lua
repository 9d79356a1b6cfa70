-- A worker may be stalled for any time, between any two steps of a connection; meanwhile containers end, and
-- others get their addresses. Nobody is ever taken for whoever has the address now, or for nobody.
-- STALL_ROUNDS: how often each step is tried (100).

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local false_engine = require "spec.support.false_engine"
local folder = require "spec.support.folder"
local gate = require "spec.support.gate"
local loop = require "spec.support.loop"
local sys = require "spec.support.sys"

local it = engine.it(it, pending) -- needs root, to have a network of its own

local grant = { ["spec.grant"] = "yes" }
local at = "tcp://198.18.255.1:2375"
local rounds = tonumber(os.getenv("STALL_ROUNDS")) or 100
local request = "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"

describe("with a worker that stalls, an address goes from one container to the next", function()
  local fake, proxy, worker, rich, poor

  setup(function()
    if engine.unavailable() then
      return
    end
    fake = false_engine.start()
    rich = fake:add({ name = "rich", address = false_engine.address(1), labels = grant, running = false })
    poor = fake:add({ name = "poor", address = false_engine.address(1) })
    proxy = gate.host({ gate.policy() }, { socket = fake.socket, network = fake.network })
    worker = proxy:workers()[1]
  end)

  teardown(function()
    if proxy then
      sys.kill(worker, "CONT")
      proxy:stop()
      fake:stop()
    end
  end)

  local function stall()
    sys.kill(worker, "STOP")
    loop.until_true(function()
      return (folder.read("/proc/" .. worker .. "/stat") or ""):find("%) T ") ~= nil
    end, 5)
  end

  local function go_on()
    sys.kill(worker, "CONT")
  end

  local function ask(one)
    local conn = assert(fake:open(at, one.address))
    local verdict = caller.ask_over(conn, nil, 10)
    conn:close()
    return verdict
  end

  local function is_known(one, verdict)
    return caller.patiently(function() return ask(one) == verdict end, 10)
  end

  local function hand_over(from, to)
    fake:happens(from, "die")
    loop.sleep(0.012) -- no engine gives an address on in less
    if to then
      fake:happens(to, "start")
    end
  end

  local function verdict_of(conn)
    local response = require("spec.support.message").read_response(conn, 10)
    conn:close()
    return (caller.verdict(response))
  end

  -- Each gives a connection whose request was sent, once the worker is stalled; the rest happens then.
  local steps = {}

  steps["connect and accept"] = function(one)
    stall()
    local conn = assert(fake:open(at, one.address))
    conn:send(request)
    return conn
  end

  steps["connect and accept, sending later"] = function(one)
    stall()
    return assert(fake:open(at, one.address)), true
  end

  steps["accept and read"] = function(one)
    local conn = assert(fake:open(at, one.address))
    loop.sleep(0.01)
    stall()
    conn:send(request)
    return conn
  end

  steps["read and judgement"] = function(one)
    -- The engine confirms who it is only when the worker stands still.
    local path, asked, free = "/containers/" .. one.id .. "/json", false, false
    fake.wrong[path] = function()
      asked = true
      loop.until_true(function() return free end, 5)
      fake.wrong[path] = nil
      return false_engine.answer(200, fake.describe(one))
    end
    local conn = assert(fake:open(at, one.address))
    conn:send(request)
    loop.until_true(function() return asked end, 5)
    stall()
    free = true
    return conn
  end

  for step, begin in pairs(steps) do
    it("and takes no rights along, between " .. step, function()
      local counts = {}
      for round = 1, rounds do
        assert.is_truthy(is_known(poor, "poor"), proxy:log():sub(-2000))
        local conn, later = begin(poor)
        local leaves = round % 4 == 0 -- and nobody gets the address
        hand_over(poor, not leaves and rich)
        if later then
          conn:send(request)
        end
        go_on()
        local verdict = verdict_of(conn)
        counts[verdict] = (counts[verdict] or 0) + 1
        -- Who was known before it ended may still be answered as what it was.
        assert.is_true(verdict == "unknown" or verdict == "poor", round .. ": " .. verdict)
        fake:happens(leaves and poor or rich, leaves and "start" or "die")
        if not leaves then
          fake:happens(poor, "start")
        end
      end
      assert.is_true((counts.unknown or 0) > 0)
    end)
  end

  it("and whoever keeps it is known all the same", function()
    fake:happens(poor, "die")
    fake:happens(rich, "start")
    assert.is_truthy(is_known(rich, "granted"))
    local refused, count = 0, 0
    for _, begin in pairs(steps) do
      for _ = 1, math.max(5, rounds // 5) do
        local conn, later = begin(rich)
        loop.sleep(0.02)
        if later then
          conn:send(request)
        end
        go_on()
        count = count + 1
        refused = refused + (verdict_of(conn) == "granted" and 0 or 1)
      end
    end
    -- For whoever reads how many rightful clients were refused.
    print(("# %d of %d rightful clients were refused"):format(refused, count))
    assert.equal(0, refused, proxy:log():sub(-3000))
  end)
end)
