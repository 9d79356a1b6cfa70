-- An address that a container with rights gives up goes to one without, which asks at once and all the
-- time. Nobody is ever granted what belonged to whoever had the address before.
-- REUSE_ROUNDS: how often a running container takes the address of another (200).

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local gate = require "spec.support.gate"
local loop = require "spec.support.loop"

local it = engine.it(it, pending)

local grant = { ["spec.grant"] = "yes" }
local rounds = tonumber(os.getenv("REUSE_ROUNDS")) or 200
local gateway, port = "172.31.1.1", 2378
local address = ("tcp://%s:%d"):format(gateway, port)

-- What was said, how often; nothing that is not known may be among it.
local function tally(counts, verdict)
  counts[verdict] = (counts[verdict] or 0) + 1
end

local function shown(counts)
  local lines = {}
  for verdict, count in pairs(counts) do
    lines[#lines + 1] = count .. " times: " .. verdict
  end
  return table.concat(lines, "\n")
end

-- Asks without a pause while `on` says so, over new connections, and each again on the one before.
-- Connections hang while the address is somewhere else; so none is waited for for long.
local function hammer(one, counts, on)
  loop.spawn(function()
    local kept
    while on.asking do
      if kept then
        tally(counts, caller.ask_over(kept, nil, 0.3))
        kept:close()
      end
      kept = one:open(address, 0.3)
      if kept then
        tally(counts, caller.ask_over(kept, nil, 0.3))
      end
      loop.sleep(0.005)
    end
    if kept then
      kept:close()
    end
    on.over = (on.over or 0) + 1
  end)
end

describe("an address that goes from one container to the next", function()
  local proxy, made

  setup(function()
    if not engine.unavailable() then
      caller.network("reuse", "172.31.1.")
      proxy = gate.host({ gate.policy() }, { port = port })
    end
  end)

  before_each(function() made = {} end)

  after_each(function()
    caller.all(made, function(one) one:remove() end)
  end)

  teardown(function()
    if proxy then
      proxy:stop()
      caller.drop_network("reuse")
    end
  end)

  it("takes no rights along when running containers swap it", function()
    local rich = caller.run("rich", { network = "none", labels = grant })
    local poor = caller.run("poor", { network = "none" })
    made = { rich, poor }
    for _, one in ipairs(made) do
      one:disconnect_network("none")
    end
    local on, of_rich, of_poor = { asking = true }, {}, {}
    hammer(rich, of_rich, on)
    hammer(poor, of_poor, on)
    for _ = 1, rounds do
      rich:connect_network("reuse", { ip = "172.31.1.9" })
      caller.patiently(function() return rich:ask(address, nil, 0.3) == "granted" end, 5)
      rich:disconnect_network("reuse")
      poor:connect_network("reuse", { ip = "172.31.1.9" })
      local verdict, reason = poor:ask(address, nil, 2)
      assert.is_true(verdict == "poor" or verdict == "unknown", reason or verdict)
      poor:disconnect_network("reuse")
    end
    on.asking = false
    loop.until_true(function() return on.over == 2 end, 15)
    assert.is_nil(of_poor.granted, shown(of_poor))
    assert.is_true((of_rich.granted or 0) >= rounds / 10, shown(of_rich))
    assert.is_true((of_poor.poor or 0) >= rounds / 10, shown(of_poor))
    assert.is_nil(of_rich.poor, shown(of_rich))
    assert.is_nil(of_rich["a stranger"], shown(of_rich))
    assert.is_nil(of_poor["a stranger"], shown(of_poor))
  end)

  -- Death and birth take the engine much longer, so there are fewer of them, several at a time.
  it("takes no rights along when a container dies and another is started with it", function()
    local counts, lanes = {}, {}
    for i = 1, 4 do
      local ip = "172.31.1." .. 20 + i
      local rich = caller.new("rich" .. i, { network = "reuse", ip = ip, labels = grant })
      local poor = caller.new("poor" .. i, {
        network = "reuse", ip = ip, once = true, ask = { gateway, tostring(port), "/_ping" },
      })
      lanes[i] = { rich, poor }
      made[#made + 1], made[#made + 2] = rich, poor
    end
    -- The address is free only after the death of who had it is settled.
    local function start(one)
      assert(caller.patiently(function() return pcall(one.start, one) end), one.name .. " does not start")
    end
    caller.all(lanes, function(lane)
      for _ = 1, math.max(1, rounds // 20) do
        start(lane[1])
        tally(counts, "rich " .. (caller.patiently(function()
          return lane[1]:ask(address) == "granted" and "granted"
        end, 5) or "unknown"))
        lane[1]:kill()
        start(lane[2])
        tally(counts, "poor " .. lane[2]:first_answer())
      end
    end)
    for verdict in pairs(counts) do
      assert.is_true(verdict == "rich granted" or verdict == "poor unknown" or verdict:find("^poor poor") ~= nil,
        shown(counts))
    end
    assert.is_truthy(counts["rich granted"], shown(counts))
  end)

  it("takes no rights along when the engine gives it to the next container by itself", function()
    local counts, same = {}, 0
    for i = 1, math.max(2, rounds // 20) do
      local rich = caller.run("rich-dynamic" .. i, { network = "reuse", labels = grant })
      local had = rich:addresses().reuse
      assert.equal("granted", (rich:ask(address)))
      rich:remove()
      local poor = caller.run("poor-dynamic" .. i, {
        network = "reuse", ask = { gateway, tostring(port), "/_ping" },
      })
      tally(counts, (poor:first_answer():gsub("%d+$", "")))
      same = same + (poor:addresses().reuse == had and 1 or 0)
      poor:remove()
    end
    assert.is_nil(counts.granted, shown(counts))
    assert.is_truthy(counts["poor-dynamic"], shown(counts))
    assert.is_true(same > 0, "the engine gave no address again")
  end)
end)
