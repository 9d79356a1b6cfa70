-- What a request is about, with a real engine: what is judged is what is asked for, whatever name it is
-- given, and whatever happens to that name meanwhile.

local caller = require "spec.support.caller"
local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local gate = require "spec.support.gate"
local json = require "cjson"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"
local upstream = require "spec.support.upstream"

local it = engine.it(it, pending)

-- Allows what is about a container with the label spec.open=yes, and tells about what everything else is.
local by_target = [[
local moonward = require "moonward"
return function(_, request)
  local target = request.target
  if target and target.labels["spec.open"] == "yes" then
    return moonward.allow()
  elseif request:is("system.ping") then
    return moonward.allow()
  end
  return moonward.deny("you are <" .. (target and target.name or "nothing") .. ">")
end
]]

-- Stands before the engine, and keeps the request lines that are not questions of moonward's own.
local function recorder()
  local self = { lines = {}, path = folder.new() .. "/engine.sock" }
  self.upstream = upstream.start(self.path, function(conn)
    while true do
      local request = message.read_request(conn, 3600)
      if not request then
        return
      end
      local there = stream.connect("unix://" .. engine.get().socket)
      if self.before and request.headers["x-mark"] then
        self.before()
      end
      if request.headers["x-mark"] then
        self.lines[#self.lines + 1] = request.method .. " " .. request.target
      end
      there:send(("%s\r\nHost: d\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s")
        :format(request.first, #request.body, request.body))
      local response = message.read_response(there, 20)
      there:close()
      local version = response.headers["api-version"] or "1.41"
      conn:send(("HTTP/1.1 %d X\r\nApi-Version: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s")
        :format(response.status, version, #response.body, response.body))
    end
  end)
  return self
end

describe("request.target", function()
  local record, proxy, open, closed, made

  local function ask(line, body)
    local conn = proxy:connect(proxy.unix)
    local response = message.ask(conn, front.request(line, { "X-Mark: 1", "Content-Type: application/json" }, body), 20)
    conn:close()
    local name = response.body:match("you are <(.-)>")
    return name or response.status, response
  end

  setup(function()
    if not engine.unavailable() then
      record = recorder()
      proxy = daemon.start({ "-socketpath=" .. record.path, gate.policy(by_target, "target") })
      open = caller.run("open", { labels = { ["spec.open"] = "yes" } })
      closed = caller.run("closed", { links = { "open:friend" } })
      made = { open, closed }
    end
  end)

  before_each(function()
    if record then
      record.lines, record.before = {}, nil
    end
  end)

  teardown(function()
    if proxy then
      proxy:stop()
      record.upstream:stop()
      caller.all(made, function(one) one:remove() end)
    end
  end)

  local function forwarded()
    return table.concat(record.lines, ", ")
  end

  local spellings = {
    { "the id", function(one) return one.id end },
    { "12 digits of the id", function(one) return one.id:sub(1, 12) end },
    { "13 digits of the id", function(one) return one.id:sub(1, 13) end },
    { "the name", function(one) return one.name end },
  }
  for _, case in ipairs(spellings) do
    it("is found by " .. case[1] .. ", and sent on by its id", function()
      assert.equal(200, (ask("GET /v1.41/containers/" .. case[2](open) .. "/json?size=0")))
      assert.equal("GET /v1.41/containers/" .. open.id .. "/json?size=0", forwarded())
      assert.equal("closed", (ask("GET /v1.41/containers/" .. case[2](closed) .. "/json")))
      assert.equal("GET /v1.41/containers/" .. open.id .. "/json?size=0", forwarded())
    end)
  end

  it("is not found by a link's alias, which no request can name", function()
    -- closed/friend is another name of open; a slash in a name has to be escaped, which is refused.
    assert.equal(400, (ask("GET /containers/closed%2Ffriend/json")))
    assert.equal("", forwarded())
  end)

  it("is by name who is called like the short id of another", function()
    local thief = caller.new(closed.id:sub(1, 12), { labels = { ["spec.open"] = "yes" } })
    made[#made + 1] = thief
    assert.equal(200, (ask("GET /containers/" .. closed.id:sub(1, 12) .. "/json")))
    assert.equal("GET /containers/" .. thief.id .. "/json", forwarded())
    assert.equal("closed", (ask("GET /containers/" .. closed.id:sub(1, 13) .. "/json")))
    local double = caller.new(closed.id, { labels = { ["spec.open"] = "yes" } })
    made[#made + 1] = double
    assert.equal("closed", (ask("GET /containers/" .. closed.id .. "/json")))
    assert.equal("GET /containers/" .. thief.id .. "/json", forwarded())
  end)

  it("that does not exist is nothing", function()
    assert.equal("nothing", (ask("GET /containers/nobody/json")))
    assert.equal("", forwarded())
  end)

  it("of a commit is the container in its query", function()
    assert.equal("closed", (ask("POST /v1.41/commit?container=closed&repo=spec", "{}")))
    assert.equal("closed", (ask("POST /v1.41/commit?repo=spec&container=" .. closed.id:sub(1, 13), "{}")))
    assert.equal("", forwarded())
    assert.equal(201, (ask("POST /v1.41/commit?repo=spec-target&container=open", "{}")))
    assert.is_truthy(forwarded():find("container=" .. open.id, 1, true), forwarded())
    assert.is_falsy(forwarded():find("container=open", 1, true), forwarded())
  end)

  it("of an exec is the container it runs in", function()
    local exec = json.encode({ Cmd = { "/door" }, AttachStdout = true })
    local theirs = caller.must("POST /containers/closed/exec", { Cmd = { "/door" } }).Id
    assert.equal("closed", (ask("POST /exec/" .. theirs .. "/start", '{"Detach":true}')))
    assert.equal("closed", (ask("GET /exec/" .. theirs .. "/json")))
    assert.equal("closed", (ask("POST /containers/closed/exec", exec)))
    assert.equal("", forwarded())
    local status, response = ask("POST /containers/open/exec", exec)
    assert.equal(201, status, response.body)
    local ours = json.decode(response.body).Id
    assert.equal(200, (ask("POST /exec/" .. ours .. "/start", '{"Detach":true}')))
    assert.equal("nothing", (ask("POST /exec/" .. ("0"):rep(64) .. "/start", '{"Detach":true}')))
  end)

  it("stays who was judged when the name goes to another before the engine hears of it", function()
    record.before = function()
      record.before = nil
      open:rename("was-open")
      closed:rename("open")
    end
    local status, response = ask("GET /containers/open/json")
    assert.equal(200, status)
    assert.equal(open.id, json.decode(response.body).Id)
    assert.equal("GET /containers/" .. open.id .. "/json", forwarded())
    closed:rename("closed")
    open:rename("open")
  end)

  it("is never somebody else while two containers swap their names all the time", function()
    local swapping, swaps = true, 0
    local lane = loop.spawn(function()
      while swapping do
        open:rename("swap")
        closed:rename("open")
        loop.sleep(0.002)
        closed:rename("closed")
        open:rename("open")
        swaps = swaps + 1
      end
    end)
    local counts = {}
    local till = sys.now() + 4
    while sys.now() < till do
      local status, response = ask("GET /containers/open/json")
      if status == 200 then
        assert.equal(open.id, json.decode(response.body).Id)
      end
      counts[status] = (counts[status] or 0) + 1
    end
    swapping = false
    assert(loop.until_true(function() return coroutine.status(lane.thread) == "dead" end, 10))
    assert.is_true((counts[200] or 0) > 5 and swaps > 5, json.encode({ swaps = swaps }))
    for _, line in ipairs(record.lines) do
      assert.equal("GET /containers/" .. open.id .. "/json", line)
    end
  end)
end)
