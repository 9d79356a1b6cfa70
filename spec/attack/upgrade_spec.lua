-- When a connection becomes a tunnel, and when it must not (threats.md 3.2).

local daemon = require "spec.support.daemon"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"

local upgrade = { "Connection: Upgrade", "Upgrade: tcp" }
local smuggled = "DELETE /containers/smuggled HTTP/1.1\r\nHost: d\r\n\r\n"
local ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"

local switching = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
  .. "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
local old_hijack = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"

-- Says 'answer' to the first request and then gives back, in capitals, what comes.
local function echo(answer, record_early)
  return function(conn, record)
    message.read_request(conn)
    if record_early then
      loop.sleep(0.2)
      record.early = conn.held
    end
    conn:send(answer)
    record.tunnel = ""
    while conn:fill(3600) ~= false do
      local bytes = conn:take(#conn.held)
      record.tunnel = record.tunnel .. bytes
      conn:send(bytes:upper())
    end
    conn:send("[end]")
  end
end

describe("a tunnel", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)
  after_each(function() to.upstream:use() end)

  local ways = {
    { "attach with 101", front.request("POST /containers/x/attach?stream=1&stdin=1", upgrade), switching },
    { "exec start with 101", front.request("POST /exec/x/start", { upgrade[1], upgrade[2],
      "Content-Type: application/json" }, '{"Detach":false}'), switching },
    { "attach with the old 200", front.request("POST /containers/x/attach?stream=1"), old_hijack },
    { "exec start with the old 200", front.request("POST /exec/x/start", { "Content-Type: application/json" }, "{}"),
      (old_hijack:gsub("raw%-stream", "multiplexed-stream")) },
    { "websocket", front.request("GET /containers/x/attach/ws?stream=1", { "Connection: Upgrade",
      "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13" }),
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
    { "session with h2c", front.request("POST /session", { "Connection: Upgrade", "Upgrade: h2c" }),
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" },
    { "grpc with h2c", front.request("POST /grpc", { "Connection: Upgrade", "Upgrade: h2c" }),
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" },
  }

  for _, way in ipairs(ways) do
    it("opens: " .. way[1] .. ", both ways, and half-closes both ways", function()
      to.upstream:use(echo(way[3]))
      local conn = to:connect()
      conn:send(way[2])
      local head = conn:read_until("\r\n\r\n", 5)
      assert.is_truthy(head)
      assert.equal(way[3]:match("^HTTP/1.1 (%d+)"), head:match("^HTTP/1.1 (%d+)"))
      if way[3]:find(" 101 ", 1, true) then
        assert.equal(way[3]:match("Upgrade: (%w+)\r\n\r\n"), head:match("[Uu]pgrade: (%w+)\r\n"))
      end
      conn:send("hello\r\n")
      assert.equal("HELLO\r\n", conn:read(7, 5))
      conn:send("\0\255\1")
      assert.equal("\0\255\1", conn:read(3, 5))
      conn:finish()
      assert.equal("[end]", (conn:read_all(5)))
      assert.equal("closed", conn.ended)
      conn:close()
    end)

    it("keeps early bytes until the engine has agreed, and loses none: " .. way[1], function()
      to.upstream:use(echo(way[3], true))
      local conn = to:connect()
      conn:send(way[2] .. "early")
      assert.is_truthy(conn:read_until("\r\n\r\n", 5))
      assert.equal("EARLY", conn:read(5, 5))
      conn:close()
      assert.equal("", to.upstream.connections[1].early)
    end)
  end

  it("carries the engine's end to the client while the client goes on writing", function()
    to.upstream:use(function(conn, record)
      message.read_request(conn)
      conn:send(switching .. "bye")
      conn:finish()
      record.rest = conn:read_all(5)
    end)
    local conn = to:connect()
    conn:send(ways[1][2])
    conn:read_until("\r\n\r\n", 5)
    assert.equal("bye", (conn:read_all(5)))
    assert.equal("closed", conn.ended)
    conn:send("still here")
    conn:finish()
    to.upstream:settle(0.1)
    conn:close()
    assert.equal("still here", to.upstream.connections[1].rest)
  end)

  it("ends the engine's side when the client resets", function()
    local over
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:send(switching)
      conn:read_all(5)
      over = conn.ended
    end)
    local conn = to:connect(to.daemon.tcp)
    conn:send(ways[1][2])
    conn:read_until("\r\n\r\n", 5)
    conn:reset()
    to.upstream:settle(0.2)
    assert.is_truthy(over)
  end)

  -- The engine answers in plain HTTP, so the connection stays HTTP: what comes next is a request and
  -- is judged as one.
  for _, case in ipairs({
    { "exec start with Detach", front.request("POST /exec/x/start", { upgrade[1], upgrade[2] }, '{"Detach":true}'), ok },
    { "an unknown exec", front.request("POST /exec/x/start", upgrade, "{}"),
      "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}" },
    { "attach with a bad query", front.request("POST /containers/x/attach", upgrade),
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}" },
    { "an ordinary route", front.request("GET /_ping", upgrade), ok },
    { "logs", front.request("GET /containers/x/logs", upgrade),
      "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\nContent-Length: 2\r\n\r\nOK" },
  }) do
    it("does not open where the engine does not agree: " .. case[1], function()
      to.upstream:use(function(conn)
        while message.read_request(conn) do
          conn:send(case[3])
        end
      end)
      local conn = to:connect()
      conn:send(case[2])
      local response = message.read_response(conn, 5)
      assert.equal(case[3]:match("^HTTP/1.1 (%d+)"), tostring(response and response.status))
      conn:send("DELETE /../smuggled HTTP/1.1\r\nHost: d\r\n\r\n")
      local second = message.read_response(conn, 5)
      assert.is_true(second == nil or second.status == 400)
      conn:close()
      to.upstream:settle()
      assert.is_falsy(to.upstream:seen():find("smuggled", 1, true))
    end)
  end

  -- The routes that cannot upgrade lose the headers, and a 101 nobody asked for is an error.
  for _, path in ipairs({ "/_ping", "/containers/json", "/containers/x/wait", "/containers/x/start", "/events" }) do
    it("cannot open on " .. path, function()
      to.upstream:use(function(conn, record)
        message.read_request(conn)
        conn:send(switching .. "raw")
        record.after = conn:read_all(1)
      end)
      local conn = to:connect()
      conn:send(front.request("POST " .. path, upgrade))
      local response = message.read_response(conn, 5)
      assert.equal(502, response and response.status)
      conn:send(smuggled)
      conn:read_all(1)
      conn:close()
      to.upstream:settle()
      local seen = to.upstream:seen():lower()
      assert.is_falsy(seen:find("upgrade", 1, true), seen)
      assert.is_falsy(seen:find("smuggled", 1, true), seen)
    end)
  end

  it("cannot open on attach when the client did not ask for it", function()
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:send(switching .. "raw")
      conn:read_all(1)
    end)
    local response = to:ask(front.request("POST /containers/x/attach"))
    assert.equal(502, response and response.status)
  end)

  it("does not open for h2c with prior knowledge, even after a first request", function()
    local conn = to:connect()
    message.ask(conn, front.request("GET /_ping"))
    conn:send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    local response = message.read_response(conn, 5)
    assert.is_true(response.status == 400 or response.status == 505)
    conn:close()
    to.upstream:settle()
    assert.is_falsy(to.upstream:seen():find("PRI", 1, true))
  end)
end)
