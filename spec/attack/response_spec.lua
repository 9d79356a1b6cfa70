-- Answers: what passes unchanged, and what an engine (or what pretends to be one) may not do.

local daemon = require "spec.support.daemon"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local upstream = require "spec.support.upstream"

local ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
local get = front.request("GET /containers/json")

describe("an answer passes", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)
  after_each(function() to.upstream:use() end)

  local function answers(bytes, close)
    to.upstream:use(upstream.answer_with(bytes, close))
  end

  it("with its status, its words, its headers and its body", function()
    answers("HTTP/1.1 418 I am odd\r\nApi-Version: 1.41\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 5\r\n\r\nh\0llo")
    local response = to:ask(get)
    assert.equal("HTTP/1.1 418 I am odd", response.first)
    assert.equal("1.41", response.headers["api-version"])
    assert.is_truthy(response.head:lower():find("x-two: a\r\nx-two: b\r\n", 1, true))
    assert.equal("h\0llo", response.body)
  end)

  it("in chunks, with trailers, at once", function()
    answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n"
      .. "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-End: yes\r\n\r\n")
    local response = to:ask(get)
    assert.equal("hello world", response.body)
    assert.is_true(response.whole)
    assert.is_truthy(response.trailers:lower():find("x-end: yes\r\n", 1, true))
  end)

  it("chunk by chunk, as they come", function()
    local go
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
      loop.until_true(function() return go end, 10)
      conn:send("6\r\nsecond\r\n0\r\n\r\n")
    end)
    local conn = to:connect()
    conn:send(get)
    conn:read_until("\r\n\r\n", 5)
    assert.equal("5\r\nfirst\r\n", conn:read(10, 5))
    go = true
    assert.equal("6\r\nsecond\r\n0\r\n\r\n", conn:read(16, 5))
    conn:close()
  end)

  it("whose body ends with the connection", function()
    answers("HTTP/1.1 200 OK\r\n\r\nuntil the end", true)
    local response = to:ask(get)
    assert.equal("until the end", response.body)
  end)

  it("of an engine that speaks HTTP/1.0", function()
    answers("HTTP/1.0 200 OK\r\n\r\nold", true)
    local response = to:ask(get)
    assert.equal(200, response.status)
    assert.equal("old", response.body)
  end)

  it("in chunks to a client of HTTP/1.0, which gets no chunks", function()
    answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    local conn = to:connect()
    conn:send("GET /containers/json HTTP/1.0\r\n\r\n")
    local all, ended = conn:read_all(5)
    assert.equal("closed", ended)
    assert.is_truthy(all:find("\r\n\r\nhello$"), all)
    conn:close()
  end)

  it("to HEAD, with its length and without its body", function()
    answers("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nX-Docker-Container-Path-Stat: e30=\r\n\r\n")
    local conn = to:connect()
    for _ = 1, 2 do -- the second shows that the first did not wait for a body
      local response = message.ask(conn, front.request("HEAD /containers/x/archive?path=/f"), 5)
      assert.equal("1234", response.headers["content-length"])
      assert.equal("e30=", response.headers["x-docker-container-path-stat"])
    end
    conn:close()
  end)

  for _, status in ipairs({ "204 No Content", "304 Not Modified" }) do
    it(status .. ", which has no body", function()
      answers("HTTP/1.1 " .. status .. "\r\n\r\n")
      local conn = to:connect()
      for _ = 1, 2 do
        assert.equal("HTTP/1.1 " .. status, message.ask(conn, get, 5).first)
      end
      conn:close()
    end)
  end

  it("after interim answers", function()
    answers("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" .. ok)
    local conn = to:connect()
    conn:send(get)
    local statuses = {}
    repeat
      local response = message.read_response(conn, 5)
      statuses[#statuses + 1] = response.status
    until response.status >= 200
    assert.equal(200, statuses[#statuses])
    conn:close()
  end)

  it("with a redirect, which is not followed", function()
    answers("HTTP/1.1 301 Moved Permanently\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
    assert.equal("/elsewhere", to:ask(get).headers.location)
  end)
end)

describe("an answer that lies", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)
  after_each(function() to.upstream:use() end)

  -- Nothing of these may reach the client as if it were an answer.
  for name, bytes in pairs({
    ["both Content-Length and Transfer-Encoding"] =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ["two lengths"] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    ["a length that is no number"] = "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab",
    ["a coding other than chunked"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ["chunked in HTTP/1.0"] = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ["a folded header"] = "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    ["bare LF"] = "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    ["a header that splits"] = "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n",
    ["a space before a colon"] = "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
    ["no HTTP at all"] = "hello, I am not a Docker Engine\r\n\r\n",
    ["HTTP/2"] = "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    ["a status of two digits"] = "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    ["a status beyond 599"] = "HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n",
    ["a status that is a word"] = "HTTP/1.1 OK OK\r\nContent-Length: 0\r\n\r\n",
    ["204 with a body"] = "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
    ["101 unasked"] = "HTTP/1.1 101 Switching\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n",
    ["a head without end"] = "HTTP/1.1 200 OK\r\nX: " .. ("x"):rep(200000) .. "\r\n\r\n",
    ["headers without end"] = "HTTP/1.1 200 OK\r\n" .. ("X: y\r\n"):rep(50000) .. "\r\n",
    ["nothing"] = "",
    ["half a head"] = "HTTP/1.1 200 OK\r\nContent-",
    ["interim answers without end"] = ("HTTP/1.1 100 Continue\r\n\r\n"):rep(5000),
  }) do
    it("is 502: " .. name, function()
      to.upstream:use(function(conn)
        message.read_request(conn)
        conn:send(bytes, 2)
      end)
      local conn = to:connect()
      conn:send(get)
      local response
      repeat
        response = message.read_response(conn, 5)
      until not response or response.status >= 200
      assert.equal(502, response and response.status)
      assert.is_truthy(response.body:find('"moonward: ', 1, true), response.body)
      conn:close()
    end)
  end

  -- Here the head was right, so it was passed on; then the client must see that the body is not whole.
  for name, bytes in pairs({
    ["shorter than its length"] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
    ["chunks that stop"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ["a chunk that stops"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
    ["no last line"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ["a bad chunk size"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-1\r\n\r\n0\r\n\r\n",
    ["a wrong end of a chunk"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
  }) do
    it("is never completed: " .. name, function()
      to.upstream:use(function(conn)
        message.read_request(conn)
        conn:send(bytes)
      end)
      local conn = to:connect()
      conn:send(get)
      local response = message.read_response(conn, 5)
      assert.is_true(response == nil or response.status == 502 or not response.whole)
      assert.is_true(conn:closes(5))
      conn:close()
    end)
  end

  it("does not send more than its length to the next client", function()
    to.upstream:use(upstream.answer_with(ok .. "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"))
    for _ = 1, 3 do
      local conn = to:connect()
      for _ = 1, 2 do
        local response = message.ask(conn, get, 5)
        if not response then
          break
        end
        assert.is_true(response.body == "OK" or response.status == 502, response.body)
      end
      conn:close()
    end
  end)

  it("behind an answer, late, is no answer to the next request", function()
    local engine_sides = {}
    to.upstream:use(function(conn)
      engine_sides[#engine_sides + 1] = conn
      while message.read_request(conn) do
        conn:send(ok)
      end
    end)
    local conn = to:connect()
    assert.equal("OK", message.ask(conn, get, 5).body)
    local worker = to.daemon:workers()[1]
    process.shell("kill -STOP " .. worker)
    conn:send(get)
    engine_sides[1]:send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL")
    process.shell("kill -CONT " .. worker)
    assert.equal("OK", message.read_response(conn, 5).body)
    conn:close()
  end)

  it("before it was asked is no answer", function()
    to.upstream:use(function(conn)
      conn:send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL")
      if message.read_request(conn) then
        conn:send(ok)
      end
    end)
    local response = to:ask(get)
    assert.is_true(response.status == 502 or response.body == "OK" or response.body == "EVIL")
  end)
end)
