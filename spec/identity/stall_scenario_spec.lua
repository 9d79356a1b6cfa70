-- Whatever happens to containers, to the engine and to the proxy itself, and wherever in between the workers
-- stand still: nobody is taken for another, and who keeps an address is known by it. Each scenario is run
-- with the workers stalled from each of its steps to each later one, in both directions where one hands
-- something to another. The containers are told of by an engine that is not there (false_engine).
-- STALL_PASSES: how often all of that is done (1).

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local false_engine = require "spec.support.false_engine"
local gate = require "spec.support.gate"
local json = require "cjson"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local stalls = require "spec.support.stalls"
local sys = require "spec.support.sys"

local it = engine.it(it, pending) -- needs root, to have a network of its own

local passes = tonumber(os.getenv("STALL_PASSES")) or 1
local over = { net = "tcp://198.18.255.1:2375", right = "tcp://198.19.255.1:2375", six = "tcp://[fd98:1::1]:2375" }

-- Says whom it takes the client for by a label, since names change here.
local policy = [[
local moonward = require "moonward"
return function(client, request)
  if request:is("container.inspect") then
    local target = request.target
    if target and target.labels["spec.open"] == "yes" then
      return moonward.allow()
    end
    return moonward.deny("you are <closed>")
  elseif client.labels["spec.grant"] == "yes" then
    return moonward.allow()
  end
  return moonward.deny("you are <" .. (client.container and client.labels["spec.me"] or "a stranger") .. ">")
end
]]

local fake, proxy, keeper -- the last one is granted everything, and nothing ever happens to it
local made = 0

local function start_proxy()
  proxy = gate.host({ gate.policy(policy), "-shutdowngracetime=2" }, { socket = fake.socket, network = fake.network })
end

local function ask(one)
  local conn = assert(fake:open(over[one.over or "net"], one.from or one.address))
  local verdict = caller.ask_over(conn, nil, 10)
  conn:close()
  return verdict
end

local function is_known(one)
  return caller.patiently(function() return ask(one) == one.verdict end, 15)
end

-- Two containers at a time: the first has what the second gets.
local function make(name, more)
  made = made + 1
  local rich = name == "rich"
  local one = { name = name .. made, verdict = rich and "granted" or "poor", running = false,
    labels = { ["spec.me"] = name, ["spec.grant"] = rich and "yes" or nil, ["spec.open"] = rich and "yes" or nil } }
  for key, value in pairs(more) do
    one[key] = value
  end
  return fake:add(one)
end

local function set_running(one, on)
  if one.running ~= on then
    fake:happens(one, on and "start" or "die")
  end
end

local function forget(round)
  for _, one in ipairs({ round.first, round.second, round.guest }) do
    fake:remove(one)
  end
end

-- No engine gives an address on in less.
local function pause_of_engine()
  loop.sleep(0.012)
end

-- Waits until the proxy has something new that works, and has it stand still as well.
local function settle(stalled, is_new)
  assert(loop.until_true(is_new, 15), "the proxy does not go on")
  if stalled then
    stalls.begin(proxy)
  end
end

local steps = {}

function steps.connects(round)
  round.conn = assert(fake:open(over[round.first.over or "net"], round.first.from or round.first.address))
  round.kept = assert(fake:open(over.net, keeper.address))
end

function steps.asks(round)
  round.conn:send(("GET %s HTTP/1.1\r\nHost: docker\r\n\r\n"):format(round.path or "/_ping"))
  round.kept:send("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n")
end

steps["first ends"] = function(round)
  fake:happens(round.first, "die")
  pause_of_engine()
end

steps["second ends"] = function(round)
  fake:happens(round.second, "die")
  pause_of_engine()
end

steps["first starts"] = function(round) fake:happens(round.first, "start") end
steps["second starts"] = function(round) fake:happens(round.second, "start") end

steps["first leaves"] = function(round)
  round.had = round.first.networks.right
  fake:joins(round.first, "right", nil)
  pause_of_engine()
end

steps["second joins"] = function(round) fake:joins(round.second, "right", round.had) end

steps["both leave"] = function(round)
  for _, one in ipairs({ round.first, round.second }) do
    one.left = one.networks.right
    fake:joins(one, "right", nil)
  end
  pause_of_engine()
end

steps["they join the other way round"] = function(round)
  fake:joins(round.second, "right", round.first.left)
  fake:joins(round.first, "right", round.second.left)
end

steps["they swap names"] = function(round)
  local first, second = round.first.name, round.second.name
  fake:renames(round.first, "between" .. made)
  fake:renames(round.second, first)
  fake:renames(round.first, second)
end

steps["first is paused"] = function(round)
  round.first.state = "paused"
  fake:happens(round.first, "pause")
end

steps["first goes on"] = function(round)
  round.first.state = nil
  fake:happens(round.first, "unpause")
end

steps["first restarts thrice"] = function(round)
  for _ = 1, 3 do
    fake:happens(round.first, "die", "start", "restart")
  end
end

steps["events are held up"] = function() fake:hold(true) end
steps["events come again"] = function() fake:hold(false) end
steps["events are cut"] = function() fake:hang_up() end

-- It says nothing of what happens then.
steps["the engine is gone"] = function(round)
  for _, path in ipairs({ "/networks", "/containers/json" }) do
    fake.wrong[path] = false_engine.answer(503, '{"message":"gone"}')
  end
  fake:hang_up()
  round.first.running = false
  pause_of_engine()
end

steps["the engine is back"] = function(round)
  fake.wrong = {}
  round.second.running, round.second.started = true, os.date("!%Y-%m-%dT%H:%M:%SZ", math.ceil(sys.wall()))
end

steps["the policies are loaded anew"] = function(_, stalled)
  local _, before = proxy:log():gsub("policies reloaded", "")
  proxy:signal("HUP")
  settle(stalled, function() return select(2, proxy:log():gsub("policies reloaded", "")) > before end)
end

steps["the worker dies"] = function(_, stalled)
  local old = proxy:workers()[1]
  sys.kill(old, "KILL")
  settle(stalled, function()
    local workers = proxy:workers()
    return workers[1] and workers[1] ~= old
  end)
end

steps["the proxy is started again"] = function(_, stalled)
  sys.kill(proxy:workers()[1], "CONT")
  proxy:stop()
  start_proxy()
  settle(stalled, function() return true end)
end

-- Each has two containers, and what is undone after a round. 'stays': nothing is taken from the first. 'cut':
-- nobody can be known for a while. 'lost': connections may be.
local same = { address = false_engine.address(7) }
local two = { { networks = { net = "198.18.3.1", right = { "198.19.0.1", "fd98:1::10" } } },
  { networks = { net = "198.18.3.2", right = { "198.19.0.2", "fd98:1::11" } } } }

local function hand_back(round)
  set_running(round.second, false)
  set_running(round.first, true)
end

-- A worker that dies young is replaced after a pause that grows; one of a new set begins anew.
local function replace_all(round)
  steps["the policies are loaded anew"](round, false)
  assert(loop.until_true(function() return #proxy:workers() == 1 end, 10))
  hand_back(round)
end

local function leave_back(round)
  for i, one in ipairs({ round.first, round.second }) do
    set_running(one, true)
    fake:joins(one, "right", nil)
    one.networks.net = two[i].networks.net
  end
  pause_of_engine()
  fake:joins(round.first, "right", two[1].networks.right)
  if round.case.both then
    fake:joins(round.second, "right", two[2].networks.right)
  end
end

local function on_right(from, kind)
  return { over = kind, from = from, networks = {} }
end

local cases = {
  { "an address goes on", "connects", "asks", "first ends", "second starts" },
  { "an address goes there and back", "connects", "first ends", "second starts", "second ends", "first starts",
    "asks" },
  { "a container restarts", "connects", "first ends", "first starts", "asks" },
  { "a container restarts again and again", "connects", "first restarts thrice", "asks", "first restarts thrice" },
  { "a container is paused", "connects", "first is paused", "asks", "first goes on", stays = true },
  { "a second network's address goes on", "connects", "asks", "first leaves", "second joins", back = leave_back,
    with = on_right("198.19.0.1", "right") },
  { "an address of IPv6 goes on", "connects", "asks", "first leaves", "second joins", back = leave_back,
    with = on_right("fd98:1::10", "six") },
  { "two that run swap addresses", "connects", "asks", "both leave", "they join the other way round",
    back = leave_back, both = true, with = on_right("198.19.0.1", "right") },
  { "another shares the network of who asks", "connects", "guest starts", "asks", "guest ends", stays = true },
  { "two swap names", "connects", "they swap names", "asks", "they swap names", stays = true },
  { "what is asked for swaps names with another", "connects", "they swap names", "asks", "they swap names",
    by_name = true },
  { "events are slow", "connects", "events are held up", "asks", "first ends", "second starts", "events come again" },
  { "events are cut", "connects", "events are cut", "first ends", "second starts", "asks", cut = true },
  { "the engine is started again", "connects", "asks", "the engine is gone", "the engine is back", cut = true },
  { "the policies are loaded anew", "connects", "the policies are loaded anew", "asks", "first ends",
    "second starts" },
  { "the policies are loaded anew, and all stay", "connects", "the policies are loaded anew", "asks", stays = true },
  { "a worker is replaced", "connects", "the worker dies", "first ends", "second starts", "asks", lost = true,
    back = replace_all },
  { "the proxy is started again", "the proxy is started again", "connects", "first ends", "second starts", "asks",
    cut = true },
}

local function verdict_of(conn)
  local response = message.read_response(conn, 15)
  conn:close()
  return caller.verdict(response), response and response.body:match('"Id": ?"(%x+)"')
end

describe("with workers that stall,", function()
  local rounds, rightful, refused, seen = 0, 0, 0, {}
  local current

  setup(function()
    if not engine.unavailable() then
      fake = false_engine.start(true)
      keeper = make("rich", { address = false_engine.address(3), running = true })
      start_proxy()
      steps["guest starts"] = function(round) fake:happens(round.guest, "start") end
      steps["guest ends"] = function(round) fake:happens(round.guest, "die") end
    end
  end)

  teardown(function()
    if proxy then
      stalls.finish(proxy)
      proxy:stop()
      fake:stop()
      -- For whoever reads how many rightful clients were refused.
      print(("# %d rounds; %d of %d rightful clients were refused; others were told: %s"):format(rounds, refused,
        rightful, json.encode(seen)))
    end
  end)

  after_each(function()
    if current then
      stalls.finish(proxy)
      fake:hold(false)
      fake.wrong = {}
      forget(current)
      current = nil
    end
  end)

  local function new_round(case, direction)
    local names = direction == 1 and { "poor", "rich" } or { "rich", "poor" }
    local round = { case = case }
    for i, key in ipairs({ "first", "second" }) do
      round[key] = make(names[i], case.with or same)
      if case.with then
        round[key].networks = { net = two[i].networks.net }
      end
    end
    round.rich = direction == 1 and round.second or round.first
    if case.by_name then
      round.second.networks = { net = "198.18.3.2" }
    end
    round.guest = make(names[2], { networks = {}, mode = "container:" .. round.first.id })
    current = round
    return round
  end

  local function take(round, stretch, late)
    local list = {}
    for i = 2, #round.case do
      if not (late and round.case[i] == "asks") then
        list[#list + 1] = round.case[i]
      end
    end
    list[#list + 1] = late and "asks" or nil
    local words = {}
    for i, name in ipairs(list) do
      words[i] = function(stalled) steps[name](round, stalled) end
    end
    stalls.take(function() return proxy end, words, stretch)
    return table.concat(list, ", ") .. (" (stalled from %d to %d)"):format(stretch[1], stretch[2])
  end

  -- The log is long by and by, and is put into no message that nobody reads.
  local function fine(is_so, what, how)
    if not is_so then
      error(what .. how .. "\n" .. proxy:log():sub(-2000), 2)
    end
  end

  -- One that is refused although nothing was taken from it is counted; it is never told anything wrong.
  local function count(case, one, verdict, what)
    rightful = rightful + 1
    if verdict ~= one.verdict then
      fine(verdict == "unknown" or case.lost and verdict == "no answer", what, ": " .. verdict)
      refused, case.refused = refused + 1, (case.refused or 0) + 1
    end
  end

  local function try(round, stretch, late)
    local case = round.case;
    (case.back or hand_back)(round)
    fine(is_known(round.first) and is_known(keeper), case[1], ": they are not known")
    round.path = case.by_name and "/containers/" .. round.first.name .. "/json" or nil
    local what = take(round, stretch, late)
    local kept, verdict, id = verdict_of(round.kept), verdict_of(round.conn)
    rounds = rounds + 1
    seen[verdict] = (seen[verdict] or 0) + 1
    if case.by_name then -- by that name goes whoever has it, and nobody who is closed is ever shown
      fine(verdict == "closed" or verdict == "granted" and id == round.rich.id or verdict == "unknown", what,
        ": " .. verdict .. " " .. tostring(id))
    else
      fine(verdict == round.first.verdict or verdict == "unknown" or case.lost and verdict == "no answer", what,
        (": %s is told %s"):format(round.first.name, verdict))
    end
    count(case, keeper, kept, what)
    if case.stays then
      count(case, round.first, verdict, what)
    end
  end

  for _, case in ipairs(cases) do
    it("nobody is taken for another while " .. case[1], function()
      for _ = 1, passes do
        for direction = 1, 2 do
          local round = new_round(case, direction)
          local stretches = stalls.stretches(#case - 1)
          for i, stretch in ipairs(stretches) do
            try(round, stretch, (i + direction) % 2 == 0)
          end
          forget(round)
          current = nil
        end
      end
      -- Who keeps an address is known by it, unless the containers themselves are not.
      if not case.cut and not case.lost then
        assert.equal(0, case.refused or 0, proxy:log():sub(-3000))
      end
    end)
  end

  it("there were rounds enough, and few of those who are known were refused", function()
    assert.is_true(rounds >= 300, rounds .. " rounds")
    assert.is_true(refused * 10 <= rightful, ("%d of %d"):format(refused, rightful))
  end)
end)
