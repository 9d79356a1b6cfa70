-- Engines that answer nonsense, or very much: who is known stays known, who is not gets nothing, and
-- moonward lives.
-- Alone: it measures how soon an answer comes.

local caller = require "spec.support.caller"
local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local false_engine = require "spec.support.false_engine"
local gate = require "spec.support.gate"
local loop = require "spec.support.loop"
local sys = require "spec.support.sys"

local it = engine.it(it, pending) -- needs root, to have a network of its own

local grant = { ["spec.grant"] = "yes" }
local at = "tcp://198.18.255.1:2375"

describe("with an engine that only pretends,", function()
  local fake, proxy, rich, poor

  local function start(before)
    fake = false_engine.start()
    rich = fake:add({ name = "rich", address = false_engine.address(1), labels = grant })
    poor = fake:add({ name = "poor", address = false_engine.address(2) })
    if before then
      before()
    end
    proxy = gate.host({ gate.policy() }, { socket = fake.socket, network = fake.network })
  end

  local function ask(one, timeout)
    local conn, why = fake:open(at, one.address)
    if not conn then
      return "no connection: " .. tostring(why)
    end
    local verdict, reason = caller.ask_over(conn, nil, timeout or 10)
    conn:close()
    return verdict, reason
  end

  -- That both are known, and the worker is the one that was started.
  local function is_well()
    local worker = proxy:workers()[1]
    assert.equal("granted", caller.patiently(function() return ask(rich) == "granted" and "granted" end, 15) or ask(rich),
      proxy:log())
    assert.equal("poor", (ask(poor)))
    assert.equal(worker, proxy:workers()[1])
    assert.is_falsy(proxy:log():find("a worker died", 1, true))
  end

  after_each(function()
    if proxy then
      proxy:stop()
      fake:stop()
      proxy = nil
    end
  end)

  it("who is asking is known", function()
    start()
    is_well()
    assert.equal("a stranger", (ask({ address = "198.18.255.1" })))
  end)

  local container = '{"Id":"%s","Names":["/odd"],"State":"running","Labels":%s,"NetworkSettings":{"Networks":%s}}'
  local id = ("cd"):rep(32)
  local odd_address = false_engine.address(3)
  local on_net = ('{"net":{"NetworkID":"%s","IPAddress":"%s"}}'):format(("ab"):rep(32), odd_address)
  local broken = {
    { "that is a number", "7", "no object" },
    { "that is null", "null", "no object" },
    { "without an id", '{"Names":["/odd"]}', "odd has no id of 64 digits" },
    { "with half an id", '{"Id":"abc","Names":["/odd"]}', "odd has no id of 64 digits" },
    { "with labels that are a text", container:format(id, '"a=b"', on_net), "odd cdcdcdcdcdcd: its labels are a string" },
    { "with a label that is a number", container:format(id, '{"spec.grant":1}', on_net), '\\"spec.grant\\" is a number' },
    { "with an address that is none", container:format(id, '{"spec.grant":"yes"}',
      on_net:gsub("198%.18%.0%.4", "198.18.0")), "its address on network net is" },
    { "of 1 MiB", '{"Id":"' .. ("x"):rep(1048576) .. '"}', "it is longer than 1 MiB" },
  }
  for _, case in ipairs(broken) do
    it("2,000 containers and one " .. case[1] .. ": that one is left out, with a line in the log", function()
      start(function()
        for i = 10, 2009 do
          fake:add({ name = "n" .. i, address = false_engine.address(i), labels = i == 2009 and grant or nil })
        end
        table.insert(fake.containers, 1000, { text = case[2] })
      end)
      is_well()
      assert.equal("granted", (ask({ address = false_engine.address(2009) })))
      assert.equal("n2008", (ask({ address = false_engine.address(2008) })))
      assert.is_true(ask({ address = odd_address }, 8) ~= "granted")
      assert.is_truthy(proxy:logs({ "level=WARN", case[3] }), proxy:log():sub(1, 3000))
    end)
  end

  local events = {
    { "that is no JSON", "hello there\n", "the engine's events are lost" },
    { "that is an empty object", "{}\n", "left out" },
    { "that is a list", "[1,2]\n", "left out" },
    { "without an actor", '{"Type":"container","Action":"die"}\n', "left out" },
    { "whose id is a number", '{"Type":"container","Action":"die","Actor":{"ID":7}}\n', "left out" },
    { "of something unknown", '{"Type":"moon","Action":"rise","Actor":{"ID":"x"}}\n' },
    { "with a time that is a text", '{"Type":"network","Action":"connect","time":"x","timeNano":"y","Actor":{"ID":"'
      .. ("ab"):rep(32) .. '","Attributes":{"container":"' .. id .. '"}}}\n' },
    { "of 10 MiB", '{"Type":"container","Action":"die","Actor":{"ID":"' .. ("x"):rep(10485760) .. '"}}\n',
      "the engine's events are lost" },
    { "that never ends", '{"a":"' .. ("x"):rep(2097152), "an event of more than 1 MiB" },
    { "that does not begin to end", ('{"a":'):rep(20000), "the engine's events are lost" },
    { "with bytes that are no text", "\0\255\254{}\n", "the engine's events are lost" },
  }
  for _, case in ipairs(events) do
    it("an event " .. case[1] .. " does no harm", function()
      start()
      is_well()
      fake:say(case[2])
      fake:happens(poor, "pause", "unpause")
      is_well()
      fake:happens(rich, "die")
      assert.is_true(ask(rich) ~= "granted")
      fake:happens(rich, "start")
      is_well()
      if case[3] then
        assert.is_truthy(proxy:logs({ "level=WARN", case[3] }), proxy:log():sub(1, 3000))
      end
    end)
  end

  -- The engine writes "<" as six bytes, so labels that a client may set are enough.
  for _, action in ipairs { "start", "pause", "die", "rename" } do
    it("an event of 2 MiB, " .. action .. ", ends nothing and has its container asked about", function()
      start()
      is_well()
      local asked = fake.asked["/containers/" .. rich.id .. "/json"] or 0
      local event = '{"status":"%s","id":"%s","from":"x","Type":"container","Action":"%s","Actor":{"ID":"%s",'
        .. '"Attributes":{"a":"%s"}},"scope":"local","time":1,"timeNano":1}\n'
      fake:say(event:format(action, rich.id, action, rich.id, ("x"):rep(2097152)))
      fake:happens(poor, "pause", "unpause")
      is_well()
      assert.is_true(fake.asked["/containers/" .. rich.id .. "/json"] > asked)
      assert.equal(1, fake.asked["/events"])
      assert.is_falsy(proxy:log():find("events are lost", 1, true), proxy:log())
      fake:happens(rich, "die")
      assert.is_true(ask(rich) ~= "granted")
      assert.is_truthy(proxy:logs({ "level=WARN", "is longer than 1 MiB" }))
    end)
  end

  it("half an event and then the end of the stream do no harm", function()
    start()
    is_well()
    fake:say('{"Type":"container","Action":"d')
    loop.sleep(0.1)
    fake:hang_up()
    is_well()
    assert.is_true(fake.asked["/events"] >= 2)
    assert.is_truthy(proxy:logs({ "level=WARN", "the engine's events are lost" }))
  end)

  local answers = {
    { "the list of containers is nonsense", "/containers/json", false_engine.answer(200, "nonsense") },
    { "the list of containers ends in the middle", "/containers/json",
      false_engine.answer(200, '[{"Id":"'):gsub("%d+\r\n\r\n", "9999\r\nConnection: close\r\n\r\n") },
    { "a container in the list is nested too deep", "/containers/json",
      false_engine.answer(200, ("["):rep(2000) .. ("]"):rep(2000)) },
    { "the list of containers is an object", "/containers/json", false_engine.answer(200, '{"message":"x"}') },
    { "the list of containers is refused", "/containers/json", false_engine.answer(500, '{"message":"x"}') },
    { "the list of networks is refused", "/networks", false_engine.answer(503, "") },
    { "the list of networks is nonsense", "/networks", false_engine.answer(200, "[[[[") },
    { "it does not speak HTTP", "/_ping", "SSH-2.0-OpenSSH_9.2\r\n\r\nConnection: close" },
    { "its version is nonsense", "/_ping", (false_engine.answer(200, "OK"):gsub("1.41", "../../x")), known = true },
  }
  for _, case in ipairs(answers) do
    it("nobody is granted anything while " .. case[1] .. (case.known and " except who is known" or ""), function()
      start(function() fake.wrong[case[2]] = case[3] end)
      if case.known then
        is_well()
        return
      end
      local verdict, reason = ask(rich, 8)
      assert.is_true(verdict == "unknown" or verdict:find("^50") ~= nil, reason or verdict)
      assert.is_truthy(proxy:logs("level=WARN"), proxy:log())
      fake.wrong = {}
      is_well()
    end)
  end

  it("2,000 containers cost less than 16 MiB, and an event less than 1 ms", function()
    start()
    is_well()
    local before = proxy:rss()
    fake:hang_up()
    for i = 10, 2009 do
      fake:add({ name = "n" .. i, address = false_engine.address(i), labels = {
        ["com.docker.compose.project"] = "p" .. i, ["com.docker.compose.service"] = "web", ["spec.grant"] = "no",
      } })
    end
    assert.equal("n2009", caller.patiently(function()
      local verdict = ask({ address = false_engine.address(2009) })
      return verdict == "n2009" and verdict
    end, 20))
    is_well()
    local more = proxy:rss() - before
    assert.is_true(more < 16384 * daemon.memory_factor, more .. " KiB more") -- AddressSanitizer keeps what is freed
    local began = sys.now()
    for _ = 1, 40 do
      for i = 3, 52 do
        fake:happens(fake.containers[i], "pause", "unpause")
      end
    end
    assert.equal("granted", (ask(rich)))
    local each = (sys.now() - began) / 4000 * 1000
    assert.is_true(each < 1, ("%.3f ms for an event"):format(each))
  end)

  it("one container whose inspect hangs: others are asked about meanwhile, and nothing is lost", function()
    start()
    is_well()
    local hangs = true
    local slow = fake:add({ name = "slow", address = false_engine.address(3), labels = grant })
    fake.wrong["/containers/" .. slow.id .. "/json"] = function()
      loop.until_true(function() return not hangs end, 60)
      fake.wrong = {}
      return false_engine.answer(200, fake.describe(slow))
    end
    fake:happens(slow, "create", "start")
    local fresh = fake:add({ name = "fresh", address = false_engine.address(4), labels = grant })
    fake:happens(fresh, "create", "start")
    loop.sleep(0.02) -- the kernel tells the moment of a connection in ticks of some milliseconds
    local began = sys.now()
    assert.equal("granted", (ask(fresh)))
    assert.equal("granted", (ask(rich)))
    assert.is_true(sys.now() - began < 2, ("it took %.1f s"):format(sys.now() - began))
    -- Who has no address that is known may be the one that is not answered about.
    assert.equal("unknown", (ask({ address = false_engine.address(5) })))
    -- The list has its address, and the engine does not confirm it.
    assert.equal("unknown", (ask(slow, 15)))
    assert.is_true(fake.asked["/containers/" .. slow.id .. "/json"] >= 2)
    assert.equal("granted", (ask(fresh)))
    hangs = false
    assert.equal("granted", caller.patiently(function() return ask(slow) == "granted" and "granted" end, 5), proxy:log())
    assert.equal("granted", (ask(fresh)))
    assert.is_falsy(proxy:log():find("events are lost", 1, true), proxy:log())
  end)

  it("50 restarts in a second leave everybody known as he is", function()
    start()
    local all = {}
    for i = 3, 42 do
      all[#all + 1] = fake:add({ name = "c" .. i, address = false_engine.address(i), labels = i % 2 == 0 and grant or nil })
    end
    is_well()
    local counts, asking = {}, true
    local lane = loop.spawn(function()
      while asking do
        for i, one in ipairs(all) do
          local right = one.labels and "granted" or one.name
          local verdict = ask(one)
          local key = verdict == right and "right" or verdict == "unknown" and verdict or one.name .. " is " .. verdict
          counts[key] = (counts[key] or 0) + 1
          if i % 5 == 0 then
            loop.sleep(0.01)
          end
        end
      end
    end)
    for i = 1, 200 do
      local one = all[i * 7 % #all + 1]
      -- Now and then the address goes to another one on the way.
      local other = all[i * 11 % #all + 1]
      if i % 5 == 0 and one ~= other then
        fake:happens(one, "die")
        fake:happens(other, "die")
        one.address, other.address = other.address, one.address
        fake:happens(one, "start")
        fake:happens(other, "start")
      else
        fake:happens(one, "die", "start")
      end
      loop.sleep(0.02)
    end
    asking = false
    loop.until_true(function() return coroutine.status(lane.thread) == "dead" end, 15)
    for verdict in pairs(counts) do
      -- While an address changes hands, who asks may have become another one.
      assert.is_true(verdict == "right" or verdict == "unknown" or verdict:find("is no") ~= nil, verdict)
    end
    for _, one in ipairs(all) do
      assert.equal(one.labels and "granted" or one.name, (ask(one)))
    end
    assert.is_true((counts.right or 0) > 100, counts.right)
  end)
end)
