-- Lists that moonward asks of the engine itself, of any length: they are looked at as they come, and whoever
-- makes objects of which an engine says much is in nobody's way.

local cjson = require "cjson"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"

local dir = folder.new()
local view = folder.write(dir .. "/view.lua", [[
local moonward = require "moonward"
return function()
  local function shown(object) return object.labels.show == "yes" end
  return moonward.view { container = shown, image = true, network = shown, volume = true }
end
]])
-- Its predicate has to wait, the first time.
local waits = folder.write(dir .. "/waits.lua", [[
local moonward = require "moonward"
return function()
  local address
  local function shown(object)
    address = address or moonward.resolve("localhost")
    return object.labels.show == "yes" and #address > 0
  end
  return moonward.view { container = shown, image = true, network = true, volume = true }
end
]])

-- Its predicate fails after a while.
local errs = folder.write(dir .. "/errs.lua", [[
local moonward = require "moonward"
return function()
  local seen = 0
  local function shown(object)
    seen = seen + 1
    return seen < 1234 and object.labels.show == "yes" or seen >= 1234 and error("enough of it", 0)
  end
  return moonward.view { container = shown, image = true, network = true, volume = true }
end
]])

local function id(n)
  return ("%064x"):format(n)
end

local function container(n, show, label)
  return ('{"Id":"%s","Names":["/c%d"],"State":"running","ImageID":"i","Labels":{"show":"%s","x":"%s"},"Mounts":[]}')
    :format(id(n), n, show, label)
end

local info = '{"ID":"x","Containers":99,"ContainersRunning":99,"ContainersPaused":99,"ContainersStopped":99}'

-- Answers by path without version and query: bodies, or functions of the connection.
local function engine(answers)
  return function(conn)
    while true do
      local request = message.read_request(conn, 5)
      if not request then
        return
      end
      local body = answers[request.target:gsub("^/v[%d.]+", ""):gsub("%?.*", "")] or "{}"
      if type(body) == "function" then
        body(conn)
        return
      end
      conn:send("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nContent-Length: "
        .. #body .. "\r\n\r\n" .. body)
    end
  end
end

describe("a list that moonward asks for", function()
  local to
  after_each(function() to:stop() end)

  local function start(policy, answers)
    to = front.start { "-policy=" .. policy, "-loglevel=info" }
    answers["/info"] = answers["/info"] or info
    to.upstream:use(engine(answers))
  end

  local function count()
    local response = to:ask(front.request "GET /info", 20)
    assert.equal(200, response.status, response.body)
    return cjson.decode(response.body).Containers
  end

  local function list_of(n, size)
    local list = {}
    for i = 1, n do
      list[i] = container(i, i % 2 == 0 and "yes" or "no", ("x"):rep(size))
    end
    return "[" .. table.concat(list, ", ") .. "]\n"
  end

  for name, case in pairs {
    ["of few that are long"] = { 22, 1000000 }, ["of many that are short"] = { 20000, 1000 },
    ["of none"] = { 0, 0 }, ["of one"] = { 2, 10 },
  } do
    it(name .. " is read to its end", function()
      start(view, { ["/containers/json"] = list_of(case[1], case[2]) })
      for _ = 1, 2 do
        assert.equal(case[1] // 2, count())
      end
    end)
  end

  it("takes little memory, however long", function()
    start(view, { ["/containers/json"] = list_of(40, 1000000) })
    assert.equal(20, count())
    local status = folder.read(("/proc/%d/status"):format(to.daemon:workers()[1]))
    local peak = math.tointeger(tonumber(status:match "VmHWM:%s+(%d+)"))
    assert.is_true(peak < 32768 * daemon.memory_factor, peak .. " KiB")
  end)

  it("has elements whose predicate waits", function()
    start(waits, { ["/containers/json"] = list_of(2000, 1000) })
    assert.equal(1000, count())
  end)

  it("has an element that is too long to be read: it is hidden, and said so", function()
    local list = "[" .. container(1, "yes", "a") .. "," .. container(2, "yes", ("<"):rep(1 << 20)) .. ","
      .. container(3, "yes", "b") .. "]"
    start(view, { ["/containers/json"] = list })
    assert.equal(2, count())
    local line = to.daemon.process:shows("an element of the engine's list counts as hidden", 2)
    assert.is_truthy(line and line:find(id(2), 1, true) and line:find("longer than 1 MiB", 1, true), line)
  end)

  for name, answer in pairs {
    ["is cut short"] = function(conn)
      conn:send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[" .. container(2, "yes", "a"))
      loop.sleep(0.05)
    end,
    ["is no list"] = '{"message":"x"}',
    ["is no JSON"] = "[" .. container(2, "yes", "a") .. ",}",
    ["is an error"] = function(conn)
      conn:send "HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\n[]"
      loop.sleep(0.05)
    end,
  } do
    it("that " .. name .. " is a denial", function()
      start(view, { ["/containers/json"] = answer })
      local response = to:ask(front.request "GET /info", 20)
      assert.equal(403, response.status, response.body)
      assert.is_truthy(response.body:find("policy", 1, true), response.body)
    end)
  end

  it("is given up where a predicate errs in the middle", function()
    start(errs, { ["/containers/json"] = list_of(4000, 1000) })
    for _ = 1, 3 do
      local response = to:ask(front.request "GET /info", 20)
      assert.equal(403, response.status, response.body)
      assert.is_truthy(response.body:find("policy errs failed", 1, true), response.body)
    end
    to:stop()
    start(errs, { ["/containers/json"] = list_of(1000, 1000) })
    assert.equal(500, count())
  end)
end)
