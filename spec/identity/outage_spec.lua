-- The engine's events are cut, are held up, or the engine itself is gone, while containers come and go and
-- ask. What was granted is then held against what the engine says about who had the address when.

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local gate = require "spec.support.gate"
local json = require "cjson"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local relay = require "spec.support.relay"
local shared = require "spec.support.shared"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local it = engine.it(it, pending)

local grant = { ["spec.grant"] = "yes" }
local port, ip = 2379, "172.31.2.9"
local address = "tcp://172.31.2.1:" .. port

-- Every connect and disconnect the engine tells of, oldest first: {time, action, id}.
local function record_of_engine(since, till)
  local conn = stream.connect("unix://" .. engine.get().socket)
  local filters = "%7B%22type%22%3A%5B%22network%22%5D%7D"
  local response = message.ask(conn, ("GET /v1.41/events?since=%d&until=%d&filters=%s HTTP/1.1\r\n"
    .. "Host: d\r\nConnection: close\r\n\r\n"):format(since, till, filters), 20)
  conn:close()
  local record = {}
  for line in response.body:gmatch("[^\n]+") do
    local event = json.decode(line)
    if event.Actor.Attributes.name == "outage" then
      record[#record + 1] = { event.timeNano / 1e9, event.Action, event.Actor.Attributes.container }
    end
  end
  return record
end

local function holder_at(record, time)
  local holder
  for _, event in ipairs(record) do
    if event[1] > time then
      break
    end
    holder = event[2] == "connect" and event[3] or nil
  end
  return holder
end

-- When each request from that address was granted, by the proxy's log; the moment it began.
local function grants(log)
  local times = {}
  for line in log:gmatch("[^\n]+") do
    if line:find('msg="allowed request"', 1, true) and line:find("client=" .. ip .. ":", 1, true) then
      local year, month, day, hour, minute, second = line:match("time=(%d+)-(%d+)-(%d+)T(%d+):(%d+):([%d.]+)Z")
      local whole = os.time({ year = year, month = month, day = day, hour = hour, min = minute, sec = 0 })
      local utc = os.time(os.date("!*t", whole))
      times[#times + 1] = whole + (whole - utc) + tonumber(second)
        - tonumber(line:match("duration_us=(%d+)")) / 1e6
    end
  end
  return times
end

-- Two containers, one with rights, have the address in turns, and ask all the time.
local function churn(rich, poor, till)
  local counts, asking, over = { rich = {}, poor = {} }, true, 0
  for name, one in pairs({ rich = rich, poor = poor }) do
    loop.spawn(function()
      while asking do
        local conn = one:open(address, 0.3)
        for _ = 1, conn and 3 or 0 do
          local verdict = caller.ask_over(conn, nil, 0.3)
          counts[name][verdict] = (counts[name][verdict] or 0) + 1
          loop.sleep(0.01)
        end
        if conn then
          conn:close()
        end
        loop.sleep(0.005)
      end
      over = over + 1
    end)
  end
  while sys.now() < till do
    for _, one in ipairs({ rich, poor }) do
      one:connect_network("outage", { ip = ip })
      loop.sleep(0.15)
      one:disconnect_network("outage")
    end
  end
  asking = false
  loop.until_true(function() return over == 2 end, 10)
  return counts
end

local function shown(counts)
  return json.encode(counts)
end

describe("while containers come and go", function()
  local between, proxy, rich, poor

  setup(function()
    if engine.unavailable() then
      return
    end
    if shared.get("quiet") then -- those streams would end with the engine
      local quiet = require "spec.support.quiet"
      for _, one in pairs(quiet.begin()) do
        loop.until_true(function() return one:ended() end, quiet.seconds + 30)
      end
    end
    caller.network("outage", "172.31.2.")
    local path = folder.new() .. "/relay.sock"
    between = relay.start(path, engine.get().socket)
    proxy = gate.host({ gate.policy() }, { port = port, socket = path })
    rich = caller.run("outage-rich", { network = "none", labels = grant })
    poor = caller.run("outage-poor", { network = "none" })
    caller.all({ rich, poor }, function(one) one:disconnect_network("none") end)
  end)

  teardown(function()
    if proxy then
      proxy:stop()
      between:stop()
      caller.all({ rich, poor }, function(one) one:remove() end)
      caller.drop_network("outage")
    end
  end)

  local function never_wrong(seconds, break_it)
    local began = os.time() - 1
    -- First one whom it knows.
    rich:connect_network("outage", { ip = ip })
    assert.equal("granted", caller.patiently(function() return rich:ask(address) == "granted" and "granted" end))
    assert.is_true(between:has_events())
    rich:disconnect_network("outage")
    local before = #grants(proxy:log())
    break_it()
    local counts = churn(rich, poor, sys.now() + seconds)
    local during = #grants(proxy:log())
    between:resume()
    local after = churn(rich, poor, sys.now() + 3)
    rich:connect_network("outage", { ip = ip })
    assert.equal("granted", caller.patiently(function() return rich:ask(address) == "granted" and "granted" end, 15))
    rich:disconnect_network("outage")
    assert.is_nil(counts.poor.granted, shown(counts))
    assert.is_nil(after.poor.granted, shown(after))
    local record = record_of_engine(began, os.time() + 1)
    assert.is_true(#record > 20, #record .. " events")
    local times = grants(proxy:log())
    for _, time in ipairs(times) do
      assert.is_true(holder_at(record, time) ~= poor.id, ("granted at %.3f to who has no rights"):format(time))
    end
    return during - before, counts
  end

  it("nobody is granted anything that is not his, and nobody is known, while the events are cut", function()
    local granted, counts = never_wrong(10, function() between:cut() end)
    assert.equal(0, granted, shown(counts))
    -- Most of those who asked had lost the address when they were answered.
    assert.is_true((counts.rich["no answer"] or 0) + (counts.rich.unknown or 0) > 5, shown(counts))
    assert.is_truthy(proxy:logs("the engine's events are lost"))
    assert.is_truthy(proxy:logs({ "client=" .. ip, "who is asking is not known" }))
  end)

  it("nobody is granted anything that is not his while events are held up", function()
    never_wrong(4, function() between:stall() end)
  end)

  it("a container that runs on is known again after the engine was killed and started again", function()
    rich:connect_network("outage", { ip = ip })
    local conn
    assert.is_truthy(caller.patiently(function()
      conn = conn or rich:open(address)
      return caller.ask_over(conn) == "granted"
    end))
    engine.kill()
    local verdict = caller.ask_over(conn)
    assert.is_true(verdict == "unknown", verdict)
    assert.is_true(rich:ask(address) == "unknown")
    engine.start_again() -- which ends its containers, as it was told nothing else
    rich:start()
    assert.equal("granted", caller.patiently(function() return rich:ask(address) == "granted" and "granted" end, 15))
    conn:close()
  end)
end)
