-- The registry, told what an engine would tell. A step is one of:
--   { event = "start", "web" }                     a container's event
--   { event = "connect", "web", "net" }            a network's event about a container
--   { list = { container... } }, { networks = {...} }, { inspect = "web", container or status }
--                                                  the answer, after checking that it is asked for
local core = require "moonward.core"
local engines = require "moonward.test_engine"
local registry = require "moonward.registry"

local id, json = engines.id, engines.json
local SECOND = 1000000
local NOW = 1700000000 * SECOND

local bridge = { name = "bridge", subnet = "172.17.0.0/16", gateway = "172.17.0.1" }
local other = { name = "other", subnet = "172.18.0.0/16", gateway = "172.18.0.1" }
local six = { name = "six", subnet = "fd00:1::/64", gateway = "fd00:1::1" }
local macvlan = { name = "lan", subnet = "192.168.1.0/24", gateway = "192.168.1.1", driver = "macvlan" }
local host = { name = "host", driver = "host" }

local Story = {}
Story.__index = Story

local function new(options)
  local story = setmetatable({ log = {}, engine = engines.new { networks = { bridge, other, six, macvlan, host } } }, Story)
  options = options or {}
  story.registry = registry.new {
    prefix = "/v1.41", opened = NOW, self = options.self, own = options.own or {},
    log = function(level, text) table.insert(story.log, level .. ": " .. text) end,
  }
  return story
end

function Story:event(name, who, network, at)
  local event = { Type = "container", Action = name, Actor = { ID = id(who or "") }, timeNano = at or NOW * 1000 }
  if network then
    event.Type, event.Actor = "network", { ID = id(network), Attributes = { container = who and id(who), name = network } }
  end
  self.registry:tell("event", 0, json(event))
end

-- Checks what is asked, answers a list, and says whether that was taken.
function Story:list(path, texts, status)
  local asked, is_list = self.registry:question(NOW)
  assert.equal("/v1.41" .. path, asked)
  assert.is_true(is_list)
  for _, text in ipairs(texts) do
    self.registry:tell("item", 0, text)
  end
  return self:answer(status or 200, "")
end

-- However slow this machine is, the next list comes without a pause.
function Story:answer(status, text)
  local ok = self.registry:tell("answer", status, text)
  self.registry.questions.list_due = 0
  return ok
end

function Story:tell_list(containers)
  self.engine.containers = containers
  return self:list("/containers/json?all=1", self.engine:items "/containers/json")
end

function Story:tell_networks()
  return self:list("/networks", self.engine:items "/networks")
end

function Story:tell_inspect(name, answer)
  local asked, is_list = self.registry:question(NOW)
  assert.equal("/v1.41/containers/" .. id(name) .. "/json", asked)
  assert.is_false(is_list)
  if type(answer) == "table" then
    return self.registry:tell("answer", 200, self.engine:inspect(answer))
  end
  return self.registry:tell("answer", answer, '{"message":"x"}')
end

-- Whatever else is asked, from what the engine has.
function Story:settle(containers)
  self.engine.containers = containers or self.engine.containers
  self.engine:tell {
    question = function() return self.registry:question(NOW) end,
    progress = function() return self.registry.questions:last(), self.registry.questions:settled() end,
    tell = function(_, news, status, text)
      if news == "answer" then
        return self:answer(status, text)
      end
      return self.registry:tell(news, status, text)
    end,
  }
  return self
end

function Story:who(address)
  local kind, found = self.registry:at(address)
  return kind == "container" and found.name or kind
end

local function story_with(containers, options)
  return new(options):settle(containers)
end

local web, db = { name = "web", address = "172.17.0.2" }, { name = "db", address = "172.17.0.3" }

describe("a registry that begins", function()
  it("asks for networks and containers, and knows nobody before", function()
    local story = new()
    assert.equal("unknown", story:who "172.17.0.2")
    assert.is_true(story:tell_networks())
    assert.equal("unknown", story:who "172.17.0.2")
    assert.is_false(story.registry:is_complete())
    assert.is_true(story:tell_list { web })
    assert.equal("web", story:who "172.17.0.2")
    assert.is_true(story.registry:is_complete())
    assert.is_nil(story.registry:question(NOW))
  end)

  it("asks the same until it is answered", function()
    local story = new()
    assert.equal("/v1.41/networks", (story.registry:question(NOW)))
    assert.equal("/v1.41/networks", (story.registry:question(NOW)))
  end)

  it("gives up without the lists", function()
    local story = new()
    assert.is_false(story:list("/networks", {}, 500))
    assert.same({ "warn: the engine answers 500 when asked for its networks" }, story.log)
  end)

  it("has no fresh list before what events have touched meanwhile is answered, too", function()
    local story = new()
    story:tell_networks()
    story.registry:question(NOW)
    story:event("start", "web")
    story:tell_list { web }
    assert.equal("absent", story:who "172.17.0.2")
    assert.is_false(story.registry:is_fresh(NOW))
    story:tell_inspect("web", web)
    assert.equal("web", story:who "172.17.0.2")
    assert.is_true(story.registry:is_fresh(NOW))
  end)

  it("says once which networks count", function()
    local story = story_with { web }
    story:event("create", "db")
    story:settle { web, db }
    assert.equal(1, #story.log)
    assert.truthy(story.log[1]:find("all bridges, the proxy being in no container of the engine: bridge, other, six", 1, true))
  end)

  it("subscribes to what it understands, from a moment on", function()
    local path = registry.events_path(NOW + 5)
    assert.truthy(path:find("^/events%?since=1700000000%.000005000&filters=%%7B%%22type%%22"))
    assert.is_nil(path:find("[{}\" ]"))
  end)
end)

describe("who has an address", function()
  local all = {
    { name = "web", address = "172.17.0.2" },
    { name = "two", networks = { bridge = { address = "172.17.0.4" }, other = { address = "172.18.0.4" } } },
    { name = "six", networks = { six = { address6 = "fd00:1::2" } } },
    { name = "lan", networks = { lan = { address = "192.168.1.7" } } },
    { name = "old", address = "172.17.0.5", state = "exited" },
    { name = "ice", address = "172.17.0.6", state = "paused" },
    { name = "gate", address = "172.17.0.1" },
    { name = "twin1", address = "172.17.0.9" }, { name = "twin2", address = "172.17.0.9" },
  }
  local cases = {
    { "172.17.0.2", "web" }, { "::ffff:172.17.0.2", "web" }, { "172.17.0.4", "two" }, { "172.18.0.4", "two" },
    { "fd00:1::2", "six" }, { "fd00:1:0::0:2", "six" }, { "172.17.0.6", "ice" },
    { "172.17.0.5", "absent", "since it has ended" }, { "172.17.0.7", "absent", "since nobody has it" },
    { "172.17.0.1", "stranger", "since everybody else seems to come from a gateway" },
    { "172.17.0.9", "unknown", "since two claim it" },
    { "192.168.1.7", "stranger", "since that network does not count" },
    { "8.8.8.8", "stranger" }, { "nonsense", "unknown" }, { "", "unknown" },
    { "fe80::1%eth0", "unknown", "since every interface has one of these" }, { "fe80::1", "unknown" },
    { "169.254.7.7", "unknown", "since the engine does not tell of them" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. ": " .. case[2] .. (case[3] and ", " .. case[3] or ""), function()
      assert.equal(case[2], story_with(all):who(case[1]))
    end)
  end
end)

describe("a bridge whose gateway the engine does not say", function()
  it("has it at its first address, where everybody else seems to come from", function()
    local story = new()
    story.engine = engines.new { networks = { { name = "bridge", subnet = "172.17.0.0/16" } } }
    story:tell_networks()
    story:tell_list {}
    assert.equal("stranger", story:who("172.17.0.1"))
    assert.equal("absent", story:who("172.17.0.2"))
  end)
end)

describe("after events, in their order,", function()
  -- what, containers at first, what follows, then who has 172.17.0.2 and .3
  local cases = {
    { "die: nobody has the address", { web }, function(s) s:event("die", "web") end, "absent", "absent" },
    { "died: likewise", { web }, function(s) s:event("died", "web") end, "absent", "absent" },
    { "destroy: nor is it known", { web }, function(s) s:event("destroy", "web") end, "absent", "absent" },
    { "disconnect: nobody has that network's address", { web }, function(s) s:event("disconnect", "web", "bridge") end,
      "absent", "absent" },
    { "disconnect of another network: it stays", { web }, function(s) s:event("disconnect", "web", "other") end,
      "web", "absent" },
    { "die, start: it is asked again", { web }, function(s)
      s:event("die", "web")
      s:event("start", "web")
      s:tell_inspect("web", { name = "web", address = "172.17.0.3" })
    end, "absent", "web" },
    { "connect, start: it is asked once", {}, function(s)
      s:event("create", "web")
      s:tell_inspect("web", { name = "web", state = "created" })
      s:event("connect", "web", "bridge")
      s.registry:question(NOW)
      s:event("start", "web")
      s:tell_inspect("web", web)
      assert.is_nil(s.registry:question(NOW))
    end, "web", "absent" },
    { "connect, start: it is asked again when it was not running yet", {}, function(s)
      s:event("connect", "web", "bridge")
      s.registry:question(NOW)
      s:event("start", "web")
      s:tell_inspect("web", { name = "web", state = "created" })
      s:tell_inspect("web", web)
    end, "web", "absent" },
    { "die while it is asked about: the answer is from before", { web }, function(s)
      s:event("rename", "web")
      s.registry:question(NOW)
      s:event("die", "web")
      s:tell_inspect("web", web)
    end, "absent", "absent" },
    { "destroy while it is asked about: likewise", { web }, function(s)
      s:event("rename", "web")
      s.registry:question(NOW)
      s:event("destroy", "web")
      s:tell_inspect("web", web)
      assert.is_nil(s.registry:get(id "web"))
    end, "absent", "absent" },
    { "destroy before it is asked about: it is not", { web }, function(s)
      s:event("rename", "web")
      s:event("destroy", "web")
      assert.is_nil(s.registry:question(NOW))
      assert.is_true(s.registry:is_complete())
    end, "absent", "absent" },
    { "connect while it is asked about: it is asked again", { web }, function(s)
      s:event("rename", "web")
      s.registry:question(NOW)
      s:event("connect", "web", "bridge")
      s:tell_inspect("web", web)
      s:tell_inspect("web", { name = "web", address = "172.17.0.3" })
    end, "absent", "web" },
    { "die while the list is on its way: the list is from before", { web }, function(s)
      s.registry:refresh(NOW + 1)
      s.registry:question(NOW)
      s:event("die", "web")
      s:settle { web }
    end, "absent", "absent" },
    { "a list without it: it is gone", { web, db }, function(s)
      s.registry:refresh(NOW + 1)
      s:tell_list { db }
      assert.is_nil(s.registry:get(id "web"))
    end, "absent", "db" },
    { "an address that goes over: who died does not have it", { web }, function(s)
      s:event("die", "web")
      s:event("connect", "db", "bridge")
      s:event("start", "db")
      s:settle { { name = "db", address = "172.17.0.2" } }
    end, "db", "absent" },
    { "an address that goes over before the other's end is told: nobody has it", { web }, function(s)
      s:event("connect", "db", "bridge")
      s:event("start", "db")
      s:settle { web, { name = "db", address = "172.17.0.2" } }
    end, "unknown", "absent" },
    { "rename: it has its new name", { web }, function(s)
      s:event("rename", "web")
      s:tell_inspect("web", { name = "shop", id = id "web", address = "172.17.0.2" })
      assert.is_nil(s.registry:find "web")
      assert.equal(id "web", s.registry:find("shop").id)
    end, "shop", "absent" },
    { "pause: it is paused", { web }, function(s)
      s:event("pause", "web")
      assert.equal("paused", s.registry:get(id "web").state)
      s:event("unpause", "web")
      assert.equal("running", s.registry:get(id "web").state)
    end, "web", "absent" },
    { "404 to a question: it is gone", { web }, function(s)
      s:event("rename", "web")
      s:tell_inspect("web", 404)
      assert.is_nil(s.registry:get(id "web"))
    end, "absent", "absent" },
    { "500 to a question: its clients are unknown", { web, db }, function(s)
      s:event("rename", "web")
      s:tell_inspect("web", 500)
    end, "unknown", "db" },
    { "the destruction of a network: its addresses do not count", { web }, function(s)
      s:event("destroy", nil, "bridge")
    end, "stranger", "stranger" },
    { "the creation of a network: networks are asked again", { web }, function(s)
      s:event("create", nil, "new")
      s:tell_networks()
    end, "web", "absent" },
    { "events of other kinds: nothing", { web }, function(s)
      s:event("exec_start: sh", "web")
      s.registry:tell("event", 0, '{"Type":"volume","Action":"mount","Actor":{"ID":"x"}}')
      assert.is_true(s.registry:is_complete())
    end, "web", "absent" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local story = story_with(case[2])
      case[3](story)
      assert.equal(case[4], story:who "172.17.0.2")
      assert.equal(case[5], story:who "172.17.0.3")
    end)
  end
end)

describe("what cannot be read", function()
  local lists = {
    { "no JSON", "{", "an element of a list of the engine is left out: " },
    { "no object", "[]", "a container in the engine's list is left out: it has no id" },
    { "no id", '{"Names":["/x"]}', "a container in the engine's list is left out: x has no id of 64 digits" },
    { "a short id", '{"Id":"abc","Names":["/x"]}', "x has no id of 64 digits" },
    { "a number that is none", '{"Id":NaN}', "is left out" },
    { "too deep", ("["):rep(100) .. ("]"):rep(100), "is left out" },
  }
  for _, case in ipairs(lists) do
    it("in a list leaves out that element alone, and is logged: " .. case[1], function()
      local story = new()
      story:tell_networks()
      assert.is_true(story:list("/containers/json?all=1", { story.engine:inspect(web), case[2], story.engine:inspect(db) }))
      assert.equal("web", story:who "172.17.0.2")
      assert.equal("db", story:who "172.17.0.3")
      assert.truthy(story.log[1]:find(case[3], 1, true), story.log[1])
    end)
  end

  local labels = { { "a number", "1" }, { "a list", "[1]" }, { "an object with a number", '{"a":1}' } }
  for _, case in ipairs(labels) do
    it("as labels spoils that container alone: " .. case[1], function()
      local story = new()
      story:tell_networks()
      story.engine.containers = { web, db }
      local text = story.engine:items "/containers/json"
      text[1] = text[1]:gsub('"Labels":{}', '"Labels":' .. case[2])
      story:list("/containers/json?all=1", text)
      assert.equal("unknown", story:who "172.17.0.2")
      assert.equal("db", story:who "172.17.0.3")
      assert.truthy(story.log[1]:find("warn: container web ", 1, true), story.log[1])
    end)
  end

  local events = {
    "", "{", "nonsense", "[]", "1", "null", '{"Type":"container"}', '{"Type":"container","Action":"die"}',
    '{"Type":"container","Action":1,"Actor":{"ID":"x"}}', '{"Actor":[]}', '{"Type":"container","Action":"die","Actor":{"ID":1}}',
    ("["):rep(10000),
  }
  for _, text in ipairs(events) do
    it("as an event is logged once, and changes nothing: " .. text:sub(1, 60), function()
      local story = story_with { web }
      local lines = #story.log
      for _ = 1, 3 do
        assert.is_true(story.registry:tell("event", 0, text))
      end
      assert.equal(lines + 1, #story.log)
      assert.truthy(story.log[#story.log]:find("warn: an event of the engine is left out", 1, true))
      assert.equal("web", story:who "172.17.0.2")
      assert.is_true(story.registry:is_complete())
    end)
  end

  it("is not logged for ever", function()
    local story = story_with {}
    for i = 1, 500 do
      story.registry:tell("event", 0, "{" .. i)
    end
    assert.is_true(#story.log <= 51)
  end)

  it("that nobody asked for is skipped", function()
    local story = story_with { web }
    assert.is_true(story.registry:tell("item", 0, story.engine:inspect(db)))
    assert.is_true(story.registry:tell("answer", 200, story.engine:inspect(db)))
    assert.equal("absent", story:who "172.17.0.3")
    assert.equal(3, #story.log)
  end)

  it("as an answer about another container spoils the one that was asked about", function()
    local story = story_with { web, db }
    story:event("rename", "web")
    story:tell_inspect("web", db)
    assert.equal("unknown", story:who "172.17.0.2")
    assert.equal("db", story:who "172.17.0.3")
  end)
end)

describe("the networks that count", function()
  local proxy = { name = "proxy", networks = { other = { address = "172.18.0.9" } } }
  local both = {
    { name = "web", networks = { bridge = { address = "172.17.0.2" }, other = { address = "172.18.0.2" } } }, proxy,
  }
  local function names(story, first, second)
    return story:who(first or "172.17.0.2") .. " " .. story:who(second or "172.18.0.2")
  end

  it("are all bridges outside of containers", function()
    assert.equal("web web", names(story_with(both)))
  end)
  it("are those of the container that has a name", function()
    assert.equal("stranger web", names(story_with(both, { self = "proxy" })))
  end)
  it("are podman's own one, too, which its list calls by Docker's name", function()
    local story = new()
    story.engine = engines.new { networks = { { name = "bridge", subnet = "10.88.0.0/16", gateway = "10.88.0.1",
      id = "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9" } } }
    story:settle { { name = "web", networks = { podman = { id = "podman", address = "10.88.0.2", gateway = "10.88.0.1" } } } }
    assert.equal("web absent", names(story, "10.88.0.2", "10.88.0.3"))
    assert.equal("stranger", story:who "10.88.0.1")
  end)
  it("are none while nobody has the name", function()
    local story = story_with(both, { self = "prox" })
    assert.equal("unknown unknown", names(story))
    assert.truthy(table.concat(story.log):find("no container is called prox,", 1, true))
  end)
  it("are those of the container with one of the ids", function()
    assert.equal("stranger web", names(story_with(both, { own = { id "nobody", id "proxy" } })))
    assert.equal("stranger web", names(story_with(both, { own = { id("proxy"):sub(1, 12) } })))
    assert.equal("web web", names(story_with(both, { own = { id "nobody" } })))
  end)
  it("follow the proxy's container", function()
    local story = story_with(both, { self = "proxy" })
    story:event("connect", "proxy", "bridge")
    local more = { name = "proxy", networks = { other = { address = "172.18.0.9" }, bridge = { address = "172.17.0.9" } } }
    story:settle { both[1], more }
    assert.equal("web web", names(story))
    story:event("disconnect", "proxy", "other")
    assert.equal("web stranger", names(story))
  end)
  it("are all bridges for a container on the host's network", function()
    local on_host = { name = "proxy", mode = "host", networks = { host = {} } }
    assert.equal("web web", names(story_with({ both[1], on_host }, { self = "proxy" })))
  end)
  it("are those of the container whose network it shares", function()
    local shares = { name = "side", mode = "container:" .. id "proxy", networks = {} }
    assert.equal("stranger web", names(story_with({ both[1], proxy, shares }, { self = "side" })))
  end)
end)

describe("a container found by reference", function()
  local story = story_with {
    { name = "web", id = ("ab"):rep(32) }, { name = "ab", id = ("cd"):rep(32) },
    { name = ("ab"):rep(32), id = ("ef"):rep(32) }, { name = "x", id = "cd" .. ("0"):rep(62) },
  }
  local cases = {
    { "its id", ("ab"):rep(32), "web" }, { "its name", "web", "web" }, { "its name with a slash", "/web", "web" },
    { "a name before the beginning of an id", "ab", "ab" }, { "the beginning of its id", "aba", "web" },
    { "the beginning of two ids: none", "cd" }, { "nothing: none", "" }, { "another case: none", "WEB" },
  }
  for _, case in ipairs(cases) do
    it("is the one that the engine would take: " .. case[1], function()
      local found = story.registry:find(case[2])
      assert.equal(case[3], found and found.name)
    end)
  end
end)

describe("whether a container had an address at a moment", function()
  local function held(started, connected, moment, given)
    local story = story_with { web }
    if connected then
      story:event("connect", "web", "bridge", connected * 1000)
    end
    local container = require "moonward.registry.container"
    local record = container.read(require("moonward.reply").decode(story.engine:inspect(given
      or { name = "web", address = "172.17.0.2", started = started })))
    return story.registry:held(record, "172.17.0.2", moment)
  end
  it("is so when it had started by then", function()
    assert.is_true(held("2023-11-14T22:00:00Z", nil, NOW))
  end)
  it("is not so when it started later", function()
    assert.is_false(held("2023-11-14T22:13:21Z", nil, NOW + SECOND // 2))
    assert.is_true(held("2023-11-14T22:13:21Z", nil, NOW + SECOND))
  end)
  it("is so when it was connected by then, though it counts as started later", function()
    assert.is_true(held("2023-11-14T22:13:21Z", NOW + 10, NOW + 20))
  end)
  it("is not so when it was connected later, though it had started", function()
    assert.is_false(held("2023-11-14T22:00:00Z", NOW + 20, NOW + 10))
  end)
  it("is not so before the time of which events were told", function()
    assert.is_false(held("2023-11-14T22:00:00Z", nil, NOW - 1))
  end)
  it("is not so without the address, or when it does not run", function()
    assert.is_false(held(nil, nil, NOW, { name = "web", address = "172.17.0.3" }))
    assert.is_false(held(nil, nil, NOW, { name = "web", address = "172.17.0.2", state = "exited" }))
  end)
end)

describe("many containers", function()
  local function crowd(count)
    local containers = {}
    for i = 1, count do
      local labels = {}
      for n = 1, 12 do
        labels["com.example.label." .. n] = "value " .. n .. " of " .. i
      end
      containers[i] = { name = "c" .. i, address = ("172.17.%d.%d"):format(1 + i // 250, 1 + i % 250), labels = labels }
    end
    return containers
  end

  it("cost less than 16 MiB, and an event less than 1 ms", function()
    collectgarbage()
    local containers = crowd(2000)
    collectgarbage()
    local before = collectgarbage "count"
    local story = story_with(containers)
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 16 * 1024)
    assert.equal("c2000", story:who(containers[2000].address))

    local started = os.clock()
    for i = 1, 1000 do
      story:event("die", "c" .. i)
      story:who(containers[i].address)
    end
    assert.is_true(os.clock() - started < 1)
  end)

  it("that restart all the time are what the engine's list says", function()
    local containers = crowd(20)
    local story = story_with(containers)
    local seed = 1
    local function random(n)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed // 65536 % n + 1
    end
    for round = 1, 2000 do
      local given = containers[random(#containers)]
      if given.state == "exited" then
        given.state, given.address = "running", "172.17.9." .. round % 250 + 1
        story:event("connect", given.name, "bridge")
        story:event("start", given.name)
      else
        given.state, given.address = "exited", nil
        story:event("disconnect", given.name, "bridge")
        story:event("die", given.name)
      end
      if random(3) == 1 then
        local path, is_list = story.registry:question(NOW)
        if path and not is_list then
          story.registry:tell("answer", story.engine:answer(path))
        end
      end
    end
    story:settle()
    local truth = story_with(containers)
    for _, given in ipairs(containers) do
      local record = story.registry:get(id(given.name))
      assert.equal(given.state or "running", record.state)
    end
    for i = 1, 250 do
      assert.equal(truth:who("172.17.9." .. i), story:who("172.17.9." .. i))
    end
  end)
end)

describe("a container that the engine does not answer about", function()
  local second = { name = "other", address = "172.17.0.9" }
  local path = "/v1.41/containers/" .. id("web") .. "/json"
  local story

  before_each(function()
    story = story_with { db }
    story:event("connect", "web", "bridge")
    assert.equal(path, (story.registry:question(NOW)))
    story.registry:tell("late", 0, "")
  end)

  it("is set aside, and the next one is asked about", function()
    story:event("create", "other")
    story:tell_inspect("other", second)
    assert.equal("other", story:who "172.17.0.9")
    assert.equal("db", story:who "172.17.0.3")
    assert.is_true(story.registry:is_complete())
  end)

  it("makes unknown who has an address that nobody is known to have", function()
    assert.equal("late", story:who "172.17.0.2")
    assert.equal("late", story:who "172.17.0.77")
  end)

  it("is known once the answer has come", function()
    story.registry:tell("aside", 200, story.engine:inspect(web), path)
    assert.equal("web", story:who "172.17.0.2")
    assert.equal("absent", story:who "172.17.0.77")
  end)

  it("is asked about again when none comes, and stays unknown", function()
    story.registry:tell("aside", 0, "", path)
    assert.equal("late", story:who "172.17.0.77")
    story:tell_inspect("web", web)
    assert.equal("absent", story:who "172.17.0.77")
  end)

  it("is asked about again when an event has overtaken the answer", function()
    story:event("disconnect", "web", "other")
    story.registry:tell("aside", 200, story.engine:inspect(web), path)
    assert.equal("late", story:who "172.17.0.2")
    story:tell_inspect("web", web)
    assert.equal("web", story:who "172.17.0.2")
  end)

  it("has no address once it has ended", function()
    story:event("die", "web")
    assert.equal("absent", story:who "172.17.0.77")
    story.registry:tell("aside", 200, story.engine:inspect(web), path)
    assert.equal("absent", story:who "172.17.0.2")
  end)

  it("has none once it is gone", function()
    story:event("destroy", "web")
    assert.equal("absent", story:who "172.17.0.77")
    story.registry:tell("aside", 200, story.engine:inspect(web), path)
    assert.equal("absent", story:who "172.17.0.2")
  end)
end)

describe("whether an address was nobody's since a moment", function()
  local story
  local now = core.wall

  before_each(function() story = story_with { web, db } end)

  it("is so when nobody was seen to lose it", function()
    assert.is_true(story.registry:was_free("172.17.0.9", now()))
  end)

  it("is not so before containers were followed", function()
    assert.is_false(story.registry:was_free("172.17.0.9", NOW - 1))
  end)

  for _, name in ipairs { "die", "destroy" } do
    it("is not so when one that had it has ended since: " .. name, function()
      local before = now()
      story:event(name, "web")
      assert.is_false(story.registry:was_free("172.17.0.2", before))
      assert.is_true(story.registry:was_free("172.17.0.2", now() + 1))
      assert.is_true(story.registry:was_free("172.17.0.9", before))
    end)
  end

  it("is not so when one that had it has left the network since", function()
    local before = now()
    story:event("disconnect", "web", "bridge")
    assert.is_false(story.registry:was_free("172.17.0.2", before))
  end)

  it("is not known when one has ended whose addresses were not known yet", function()
    local before = now()
    story:event("start", "other")
    story:event("die", "other")
    assert.is_false(story.registry:was_free("172.17.0.9", before))
    assert.is_true(story.registry:was_free("172.17.0.9", now() + 1))
  end)

  it("is so when one is told of again as it was", function()
    local before = now()
    story:event("rename", "web")
    story:tell_inspect("web", web)
    assert.is_true(story.registry:was_free("172.17.0.2", before))
  end)

  it("is not so when one has another address by now", function()
    local before = now()
    story:event("rename", "web")
    story:tell_inspect("web", { name = "web", address = "172.17.0.22" })
    assert.is_false(story.registry:was_free("172.17.0.2", before))
  end)

  it("is not known when a network has gone", function()
    local before = now()
    story:event("destroy", nil, "other")
    assert.is_false(story.registry:was_free("8.8.8.8", before))
  end)
end)

describe("a list that takes long", function()
  local function spend(microseconds)
    local till = core.now() + microseconds
    repeat until core.now() >= till
  end

  it("is followed by a pause ten times as long, in which others are asked about", function()
    local story = story_with { web }
    story.registry:refresh(NOW + 1)
    assert.equal("/v1.41/containers/json?all=1", (story.registry:question(NOW + 1)))
    spend(5000)
    story.registry:tell("answer", 200, "")
    story.registry:refresh(NOW + 2)
    local due = story.registry.questions:last()
    assert.is_nil(story.registry:question(NOW + 2))
    story:event("create", "other")
    assert.equal("/v1.41/containers/" .. id("other") .. "/json", (story.registry:question(NOW)))
    assert.is_true(story.registry.questions:settled() < due)
    story.registry:tell("answer", 404, "{}")
    assert.is_nil(story.registry:question(NOW + 2))
    local path
    repeat
      path = story.registry:question(NOW + 2)
    until path
    assert.equal("/v1.41/containers/json?all=1", path)
    assert.is_true(story.registry.questions:settled() < due)
  end)
end)
