-- One line per decision, which says everything that is needed and nothing that is secret.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local json = require "cjson"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local sys = require "spec.support.sys"

local words = {
  "-allowGET=(/v[0-9.]+)?/(_ping|containers/.*|images/.*|networks/.*|volumes/.*|tasks/.*)",
  "-allowPOST=/build|/containers/.*/attach",
}

describe("the log", function()
  local text, structured

  setup(function()
    text = front.get("log text", words)
    structured = front.get("log json", daemon.flatten(words, "-logjson"))
  end)

  -- All lines about this path, as tables.
  local function entries(path)
    structured.daemon:logs(path)
    local found = {}
    for line in structured.daemon:log():gmatch("[^\n]+") do
      local entry = json.decode(line) -- every line is JSON, or this raises
      if entry.path and entry.path:find(path, 1, true) then
        found[#found + 1] = entry
      end
    end
    return found
  end

  it("has one line for an allowed request, with all its fields", function()
    structured:ask(front.request("GET /v1.41/containers/one/json?size=1"))
    local found = entries("/one/")
    assert.equal(1, #found)
    local entry = found[1]
    assert.equal("GET", entry.method)
    assert.equal("/v1.41/containers/one/json?size=1", entry.path)
    assert.equal("container.inspect", entry.operation)
    assert.equal("allow", entry.verdict)
    assert.equal("default", entry.policy)
    assert.equal(200, entry.status)
    assert.equal(2, entry.bytes_out)
    assert.is_truthy(entry.client:find("^127.0.0.1:%d+$"))
    assert.is_true(entry.duration_us >= 0)
    assert.is_truthy(entry.time:find("^%d%d%d%d%-%d%d%-%d%dT"))
    assert.equal("INFO", entry.level)
  end)

  it("has one line for a denied request, with the reason", function()
    local response = structured:ask(front.request("DELETE /containers/two"))
    local found = entries("/two")
    assert.equal(1, #found)
    assert.equal("deny", found[1].verdict)
    assert.equal(response.status, found[1].status)
    assert.equal("WARN", found[1].level)
    assert.is_truthy(#found[1].reason > 0)
    assert.equal("-allowDELETE=/containers/two", found[1].hint)
  end)

  it("shows the beginning of a long rule that allows, and no hint", function()
    structured:ask(front.request("GET /containers/rule/json"))
    local entry = entries("/rule/")[1]
    assert.equal((words[1]:sub(1, 64)) .. "...", entry.rule)
    assert.is_nil(entry.hint)
  end)

  it("says why a request was refused before any policy, without our name in front", function()
    structured:ask(front.request("GET //containers/json"))
    assert.is_truthy(structured.daemon:logs('"reason":"two slashes in a row in the path"'))
  end)

  it("names the path, whatever the length of what follows", function()
    structured:ask(front.request("DELETE /containers/long?a=" .. ("x"):rep(50000)))
    structured:ask(front.request("DELETE /containers/longer" .. ("y"):rep(50000)))
    for _, path in ipairs({ "/containers/long?a=xxx", "/containers/longeryyy" }) do
      local found = entries(path)
      assert.equal(1, #found, path)
      assert.equal("DELETE", found[1].method)
    end
  end)

  it("has one line for a malformed request", function()
    local before = select(2, structured.daemon:log():gsub('"refuse"', ""))
    structured:ask("GET /three HTTP/1.1\nHost: d\n\n")
    structured.daemon:logs('"refuse"')
    loop.sleep(0.1)
    local after = select(2, structured.daemon:log():gsub('"refuse"', ""))
    assert.equal(before + 1, after)
  end)

  it("has the same in text", function()
    text:ask(front.request("GET /containers/four/json"))
    local line = text.daemon:logs("/four/")
    for _, part in ipairs({ "level=INFO", "method=GET", "path=/containers/four/json", "operation=container.inspect",
      "verdict=allow", "policy=default", "status=200" }) do
      assert.is_truthy(line:find(part, 1, true), line)
    end
  end)

  it("cannot be forged by what a client sends", function()
    text:ask(front.request('GET /containers/a"b%20verdict=allow/json'))
    text:ask(front.request("GET /containers/json?x=%0atime=1%20level=ERROR%20msg=forged%1b[31m"))
    assert.is_truthy(text.daemon:logs("forged"), text.daemon:log())
    for line in text.daemon:log():gmatch("[^\n]+") do
      assert.is_falsy(line:find("^time=1 "), line)
      assert.is_falsy(line:find("[%z\1-\31\127]"), line)
    end
    structured:ask(front.request("GET /containers/json?x=%0a%7b%22forged%22:1%7d%22,%22verdict%22:%22allow"))
    assert.equal(1, #entries("forged"))
  end)

  it("never holds secrets", function()
    for _, to in ipairs({ text, structured }) do
      to:ask(front.request("POST /build?t=x&buildargs=%7B%22TOKEN%22%3A%22hunter2%22%7D&remote=https://me:hunter2@git/x",
        { "X-Registry-Auth: hunter2", "X-Registry-Config: hunter2", "Authorization: Bearer hunter2" }, "hunter2"))
      to:ask(front.request("POST /auth", { "Content-Type: application/json" }, '{"password":"hunter2"}'))
      to:ask(front.request("GET /images/x/json", { "X-Registry-Auth: hunter2" }))
      assert.is_truthy(to.daemon:logs("/build"))
      assert.is_truthy(to.daemon:logs("/images/x/json"))
      assert.is_falsy(to.daemon:log():find("hunter2", 1, true), to.daemon:log())
    end
  end)

  it("shows a stream when it opens and when it ends", function()
    local engine_side
    structured.upstream:use(function(conn)
      message.read_request(conn)
      conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
      engine_side = conn
      conn:read_all(10)
    end)
    local conn = structured:connect()
    conn:send(front.request("GET /containers/five/logs?follow=1"))
    conn:read_until("hello\r\n", 5)
    assert.is_truthy(structured.daemon:logs({ "/five/", "opened stream" }), structured.daemon:log())
    assert.equal(1, #entries("/five/"))
    engine_side:send("0\r\n\r\n")
    assert.is_truthy(structured.daemon:logs({ "/five/", "closed stream" }), structured.daemon:log())
    conn:close()
    local found = entries("/five/")
    assert.equal(2, #found)
    assert.equal(5, found[2].bytes_out)
  end)

  it("shows a tunnel when it opens and when it ends, with its bytes", function()
    structured.upstream:use(function(conn)
      message.read_request(conn)
      conn:send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhi")
      conn:read_all(10)
    end)
    local conn = structured:connect()
    conn:send(front.request("POST /containers/six/attach", { "Connection: Upgrade", "Upgrade: tcp" }))
    conn:read_until("\r\n\r\nhi", 5)
    assert.is_truthy(structured.daemon:logs({ "/six/", "opened stream" }), structured.daemon:log())
    conn:send("hello")
    structured.upstream:settle()
    conn:close()
    assert.is_truthy(structured.daemon:logs({ "/six/", "closed stream" }), structured.daemon:log())
    local last = entries("/six/")[2]
    assert.equal(101, last.status)
    assert.equal(5, last.bytes_in)
    assert.equal(2, last.bytes_out)
  end)

  it("is quiet about allowed requests at WARN", function()
    local to = front.start(daemon.flatten(words, "-loglevel=warn"))
    to:ask(front.request("GET /containers/seven/json"))
    to:ask(front.request("DELETE /containers/eight"))
    assert.is_truthy(to.daemon:logs("/eight"))
    assert.is_falsy(to.daemon:log():find("/seven", 1, true))
    to:stop()
  end)
end)

describe("a reader of the log that stops", function()
  -- Standard output is a FIFO that somebody holds open and nobody reads.
  local function stopped(more)
    local path = folder.new() .. "/log"
    assert.equal(0, process.run({ "mkfifo", path }).code)
    local held = assert(io.open(path, "r+"))
    local to = front.start(daemon.flatten("-allowGET=/_ping", more),
      { prefix = { "sh", "-c", 'exec "$@" >' .. path, "sh" } })
    return to, path, held
  end

  local function read(path)
    return process.run({ "timeout", "2", "cat", path }, { timeout = 10 }).stdout
  end

  local cases = {
    { "in text", {}, "lines of the log were lost, since nobody read it\" lines=(%d+)\n" },
    { "in JSON", { "-logjson" }, "lines of the log were lost, since nobody read it\",\"lines\":(%d+)}\n" },
    { "in text, with two workers", { "-workers=2" },
      "lines of the log were lost, since nobody read it\" lines=(%d+)\n" },
  }

  local function try(more, notice)
    local to, path, held = stopped(more)
    local ask = front.request("GET /_ping")
    for _ = 1, 60 do
      local conn = to:connect()
      for _ = 1, 5 do
        conn:send(ask:rep(20))
        for _ = 1, 20 do
          local response = message.read_response(conn, 5)
          assert.equal(200, response and response.status)
        end
      end
      conn:close()
    end
    local text = read(path)
    local lost = 0
    for count in text:gmatch(notice) do
      lost = lost + tonumber(count)
    end
    assert.is_true(lost > 0, text:sub(-1000))
    local written = 0
    for line in text:gmatch("[^\n]+") do
      if line:find("/_ping", 1, true) then
        written = written + 1
        assert.is_truthy(line:find("bytes_out", 1, true), line)
      end
    end
    assert.equal(6000, written + lost)
    to:ask(front.request("DELETE /after"))
    assert.is_truthy(read(path):find("/after", 1, true))
    to:stop()
    held:close()
  end

  for _, case in ipairs(cases) do
    it("stops nobody, and learns later what it missed, " .. case[1], function()
      try(case[2], case[3])
    end)
  end

  it("does not keep the proxy from stopping", function()
    local to, _, held = stopped({})
    for _ = 1, 300 do
      to:ask(front.request("DELETE /x" .. ("y"):rep(3000)))
    end
    local before = sys.now()
    assert.equal(0, to.daemon:stop("TERM", 10).code)
    assert.is_true(sys.now() - before < 5)
    held:close()
  end)
end)
