-- A reader that stalls stalls the writer: moonward holds little, whatever the size.

local daemon = require "spec.support.daemon"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local sys = require "spec.support.sys"

local block = ("x"):rep(65536)
local kernel = 1024 * 1024 * 64 -- at most, in all socket buffers on the way
local switching = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

-- Writes until nothing has been taken for a while; how much was taken.
local function pour(conn, quiet)
  local poured = 0
  while true do
    local n = conn:send(block, quiet)
    poured = poured + n
    if n < #block then
      return poured
    end
    assert(poured < 1 << 30, "a reader that reads nothing took 1 GiB")
  end
end

-- Reads until nothing came for a while.
local function drain(conn, quiet)
  local got = 0
  while conn:fill(quiet) do
    got = got + #conn:take(#conn.held)
  end
  return got
end

describe("a stream whose reader stalls holds at most 1 MiB:", function()
  local to

  setup(function()
    to = front.start(daemon.allow_all, { env = daemon.measured })
    for _ = 1, 50 do -- warm, so that what grows below is the stream's
      to:ask(front.request("GET /x"))
    end
  end)
  teardown(function() to:stop() end)
  after_each(function() to.upstream:use() end)

  -- Both sides' kernel buffers are counted out by comparing with what the reader then finds: all.
  local function check(start)
    local before = to.daemon:rss()
    local writer, reader, head = start()
    local poured = pour(writer, 0.7)
    local grown = to.daemon:rss() - before
    assert.is_true(grown < 2048 * daemon.memory_factor, ("grew by %d KiB"):format(grown))
    assert.is_true(poured < kernel, ("%d bytes were taken"):format(poured))
    assert.equal(poured, drain(reader, 0.7) - (head or 0))
    -- Once the reader reads, the writer can go on.
    assert.is_true(pour(writer, 0.3) > 0)
    writer:close()
    reader:close()
  end

  local function from_engine(answer)
    local engine_side
    to.upstream:use(function(conn, record)
      conn.unrecorded = true
      message.read_request(conn)
      conn:send(answer)
      engine_side = conn
      loop.until_true(function() return record.done end, 60)
    end)
    local conn = to:connect()
    sys.narrow(conn.fd, 65536)
    return conn, function()
      conn:read_until("\r\n\r\n", 5)
      return assert(loop.until_true(function() return engine_side end)), conn
    end
  end

  it("a response until close", function()
    local conn, sides = from_engine("HTTP/1.1 200 OK\r\n\r\n")
    conn:send(front.request("GET /containers/x/export", { "Connection: close" }))
    -- To a client of HTTP/1.1 it goes in chunks, or ends with the connection; count both.
    check(function()
      local writer, reader = sides()
      function reader:take(n)
        local bytes = front.stream.take(self, n)
        return (bytes:gsub("[^x]", ""))
      end
      return writer, reader
    end)
  end)

  it("a response with a length", function()
    local conn, sides = from_engine("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    conn:send(front.request("GET /containers/x/export"))
    check(sides)
  end)

  it("a tunnel, from the engine", function()
    local conn, sides = from_engine(switching)
    conn:send(front.request("POST /containers/x/attach", { "Connection: Upgrade", "Upgrade: tcp" }))
    check(sides)
  end)

  local function stalled_engine(answer)
    local engine_side
    to.upstream:use(function(conn, record)
      conn.unrecorded = true
      message.read_request_head(conn)
      conn:send(answer)
      engine_side = conn
      loop.until_true(function() return record.done end, 60)
    end)
    return function() return assert(loop.until_true(function() return engine_side end)) end
  end

  it("a request with a length", function()
    local engine_side = stalled_engine("")
    local conn = to:connect()
    conn:send(front.request("POST /images/load", { "Content-Length: 1073741824" }))
    check(function() return conn, engine_side() end)
  end)

  it("a tunnel, to the engine", function()
    local engine_side = stalled_engine(switching)
    local conn = to:connect()
    conn:send(front.request("POST /containers/x/attach", { "Connection: Upgrade", "Upgrade: tcp" }))
    conn:read_until("\r\n\r\n", 5)
    check(function() return conn, engine_side() end)
  end)
end)

describe("a side that goes away", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)
  after_each(function() to.upstream:use() end)

  it("ends the other at once: a client that leaves a quiet stream", function()
    local ended
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
      conn:read_all(30)
      ended = sys.now()
    end)
    local conn = to:connect()
    conn:send(front.request("GET /containers/x/logs?follow=1&stdout=1"))
    conn:read_until("hello\r\n", 5)
    local left = sys.now()
    conn:close()
    loop.until_true(function() return ended end, 5)
    assert.is_true(ended ~= nil and ended - left < 1)
  end)

  it("ends the other at once: a client that leaves before the answer", function()
    local ended
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:read_all(30)
      ended = sys.now()
    end)
    local conn = to:connect()
    conn:send(front.request("POST /containers/x/wait"))
    loop.until_true(function() return to.upstream:seen():find("wait", 1, true) end)
    local left = sys.now()
    conn:close()
    loop.until_true(function() return ended end, 5)
    assert.is_true(ended ~= nil and ended - left < 1)
  end)

  -- Its bytes fill all buffers on the way, so that its end is behind what nobody reads.
  for name, head in pairs({
    ["with requests waiting behind a quiet one"] = front.request("POST /containers/x/wait"),
    ["in a body that the engine does not read"] = front.request("POST /images/load", { "Content-Length: 1073741824" }),
    ["in a tunnel that the engine does not read"] = front.request("POST /containers/x/attach",
      { "Connection: Upgrade", "Upgrade: tcp" }),
  }) do
    for _, way in ipairs({ "tcp", "unix" }) do
      it("ends the other soon: a client that leaves " .. name .. ", " .. way, function()
        local engine_side
        to.upstream:use(function(conn)
          conn.unrecorded = true
          local request = message.read_request_head(conn)
          if request.target:find("attach", 1, true) then
            conn:send(switching)
          end
          engine_side = conn
          loop.sleep(60)
        end)
        local conn = to:connect(to.daemon[way])
        conn:send(head)
        loop.until_true(function() return engine_side end, 5)
        pour(conn, 0.5)
        local held = to.daemon:descriptors()
        conn:reset()
        assert.is_true(loop.until_true(function() return to.daemon:descriptors() <= held - 2 end, 14))
      end)
    end
  end

  it("is not the engine's fault: a client that leaves in the middle of its body", function()
    to.upstream:use(function(conn, record)
      record.request = message.read_request(conn, 5)
    end)
    local conn = to:connect()
    conn:send(front.request("POST /images/load", { "Content-Length: 1000" }) .. "some")
    loop.until_true(function() return to.upstream:seen():find("some", 1, true) end)
    conn:close()
    loop.until_true(function() return to.upstream.connections[1].request end)
    assert.is_false(to.upstream.connections[1].request.whole)
  end)
end)
