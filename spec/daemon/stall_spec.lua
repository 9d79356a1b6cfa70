-- A peer that takes nothing of what is there for it is given up; one that is slow or quiet never is.

local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"

local block = ("x"):rep(65536)
local attach = front.request("POST /containers/x/attach", { "Connection: Upgrade", "Upgrade: tcp" })
local switching = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

local filtering = folder.write(folder.new() .. "/filtering.lua", [[
local moonward = require "moonward"
return function(client, request)
  if request:is("system.events") then
    return moonward.allow { only = function() return true end }
  end
  return moonward.allow()
end
]])

-- More than the sockets on the way take.
local function pour(conn, what)
  for _ = 1, 40 do
    if conn:send(what or block, 0.1) < #(what or block) then
      return
    end
  end
end

describe("-stalltimeout", function()
  local to, engine_side

  setup(function()
    to = front.start { "-policy=" .. filtering, "-stalltimeout=1", "-shutdowngracetime=0" }
  end)
  teardown(function() to:stop() end)

  local function engine_answers(answer)
    engine_side = nil
    to.upstream:use(function(conn)
      conn.unrecorded = true
      message.read_request_head(conn)
      conn:send(answer)
      engine_side = conn
      loop.sleep(600)
    end)
  end

  local function stalls(conn, words)
    local before = #to.daemon:log()
    local line = loop.until_true(function()
      return to.daemon:log():sub(before + 1):match("[^\n]*cut=stalled[^\n]*")
    end, 6)
    assert.is_truthy(line, to.daemon:log():sub(before + 1))
    assert.is_truthy(line:find(words, 1, true), line)
    assert.is_truthy(loop.until_true(function()
      pour(engine_side, "x")
      return engine_side:send("x", 0.01) == 0
    end, 5), "the engine's connection stays open")
    conn:close()
  end

  for name, case in pairs {
    ["an answer with a length"] = { "GET /images/x/get", "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" },
    ["a stream"] = { "GET /containers/x/logs", "HTTP/1.1 200 OK\r\n\r\n" },
    ["a filtered answer"] = { "GET /events", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
      ('{"Type":"%s"}\n'):format(("x"):rep(60000)) },
  } do
    it("ends a client that does not read " .. name, function()
      engine_answers(case[2])
      local conn = to:connect(to.daemon.unix)
      conn:send(front.request(case[1]))
      loop.until_true(function() return engine_side end, 5)
      pour(engine_side, case[3])
      stalls(conn, "the client took nothing")
    end)
  end

  it("ends a client that does not read its tunnel", function()
    engine_answers(switching)
    local conn = to:connect(to.daemon.unix)
    conn:send(attach)
    loop.until_true(function() return engine_side end, 5)
    pour(engine_side)
    stalls(conn, "the client took nothing")
  end)

  it("ends a tunnel that the engine does not read", function()
    engine_answers(switching)
    local conn = to:connect(to.daemon.unix)
    conn:send(attach)
    loop.until_true(function() return engine_side end, 5)
    pour(conn)
    stalls(conn, "the engine took nothing")
  end)

  it("answers 504 where the engine does not read a request", function()
    engine_answers("")
    local conn = to:connect(to.daemon.unix)
    conn:send(front.request("POST /images/load", { "Content-Length: 1000000000" }))
    loop.until_true(function() return engine_side end, 5)
    pour(conn)
    local response = message.read_response(conn, 6)
    assert.equal(504, response and response.status)
    assert.is_truthy(response.body:find("-stalltimeout", 1, true), response.body)
    assert.is_truthy(to.daemon:logs { "cut=stalled", "status=504", "the engine took nothing" })
    conn:close()
  end)

  it("ends a client that sends requests and reads no answer", function()
    to.upstream:use()
    local conn = to:connect(to.daemon.unix)
    local request = front.request("GET /containers/json"):rep(200)
    for _ = 1, 40 do
      conn:send(request, 0.05)
    end
    assert.is_truthy(loop.until_true(function()
      local _, why = conn:send("x", 0.01)
      return why and why ~= "timeout"
    end, 6), "it stays open")
    conn:close()
  end)

  it("never ends what is quiet, or only slow", function()
    local sides = {}
    to.upstream:use(function(conn)
      conn.unrecorded = true
      local path = message.read_request_head(conn).target
      conn:send(path:find("attach", 1, true) and switching or "HTTP/1.1 200 OK\r\n\r\n")
      sides[path:match("%w+$")] = conn
      loop.sleep(600)
    end)
    local slow = to:connect(to.daemon.unix)
    slow:send(front.request("GET /containers/x/logs"))
    loop.until_true(function() return sides.logs end, 5)
    pour(sides.logs)
    local quiet = to:connect(to.daemon.unix)
    quiet:send(attach)
    assert.is_truthy(quiet:read_until("\r\n\r\n", 5))
    for _ = 1, 8 do -- 4 s, in which the slow one takes less than makes room for more
      loop.sleep(0.5)
      assert.equal(4096, #slow:read(4096, 1))
    end
    sides.attach:send("still here")
    assert.equal("still here", quiet:read(10, 5))
    assert.is_truthy(slow:fill(1))
    slow:close()
    quiet:close()
  end)
end)
