-- Starting, reloading, stopping; workers that die; few descriptors.
-- Alone: it measures how soon things end.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local sys = require "spec.support.sys"

local ping = front.request("GET /_ping")

describe("moonward", function()
  local to

  after_each(function()
    if to then
      to:stop()
      to = nil
    end
  end)

  local function start(words, options)
    to = front.start(daemon.flatten(daemon.allow_all, words or {}), options)
    return to
  end

  -- A request whose answer the engine has begun and not ended.
  local function open_stream()
    local engine_side
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
      engine_side = conn
      conn:read_all(60)
    end)
    local conn = to:connect()
    conn:send(front.request("GET /containers/x/logs?follow=1"))
    assert.is_truthy(conn:read_until("first\r\n", 5))
    return conn, engine_side
  end

  it("stops at SIGTERM with exit 0", function()
    start()
    assert.equal(200, to:ask(ping).status)
    local result = to.daemon:stop("TERM", 5)
    assert.equal(0, result.code)
    assert.is_truthy(result.stdout:find("shutdown finished", 1, true))
  end)

  it("stops at SIGINT with exit 0", function()
    start()
    assert.equal(0, to.daemon:stop("INT", 5).code)
  end)

  it("gives a running stream its grace time, and takes no new connections", function()
    start({ "-shutdowngracetime=8" })
    local conn, engine_side = open_stream()
    to.daemon:signal("TERM")
    assert.is_truthy(loop.until_true(function() return not to.daemon:answers(to.daemon.tcp) end, 3))
    engine_side:send("4\r\nlast\r\n0\r\n\r\n")
    assert.equal("4\r\nlast\r\n0\r\n\r\n", conn:read(14, 5))
    conn:close()
    local before = sys.now()
    assert.equal(0, to.daemon.process:wait(10).code)
    assert.is_true(sys.now() - before < 3, "it waited although nothing ran any more")
  end)

  it("ends a stream that outlives the grace time", function()
    start({ "-shutdowngracetime=1" })
    local conn = open_stream()
    local before = sys.now()
    local result = to.daemon:stop("TERM", 10)
    local took = sys.now() - before
    assert.equal(0, result.code)
    assert.is_true(took > 0.8 and took < 3.5, "after " .. took .. " s")
    assert.is_true(conn:closes(2))
    conn:close()
  end)

  it("starts with exit 2 and a message when there is no engine", function()
    local path = folder.new() .. "/nothing.sock"
    local result = daemon.run({ "-socketpath=" .. path, "-proxyport=" .. daemon.free_port() }, { timeout = 10 })
    assert.equal(2, result.code)
    assert.is_truthy((result.stdout .. result.stderr):find("socket not available", 1, true))
    assert.is_truthy((result.stdout .. result.stderr):find(path .. " does not exist", 1, true))
  end)

  it("replaces a worker that was killed", function()
    start()
    local old = to.daemon:workers()
    assert.equal(1, #old)
    sys.kill(old[1], "KILL")
    assert.is_truthy(loop.until_true(function()
      local now = to.daemon:workers()
      return #now == 1 and now[1] ~= old[1]
    end, 5))
    assert.equal(200, to:ask(ping).status)
    assert.is_truthy(to.daemon:logs("a worker died and will be replaced"))
  end)

  it("serves with several workers", function()
    start({ "-workers=3" }, { workers = 3 })
    assert.equal(3, #to.daemon:workers())
    for _ = 1, 20 do
      assert.equal(200, to:ask(ping).status)
    end
  end)

  it("leaves no worker behind when it is killed itself", function()
    start({ "-workers=2" }, { workers = 2 })
    local workers = to.daemon:workers()
    to.daemon:stop("KILL", 5)
    assert.is_truthy(loop.until_true(function()
      return not sys.kill(workers[1], "NONE") and not sys.kill(workers[2], "NONE")
    end, 5))
  end)

  it("works with 64 descriptors, and says no to more clients than that allows", function()
    start({}, { files = 64 })
    local conns = {}
    for i = 1, 100 do
      conns[i] = front.stream.connect(to.daemon.tcp)
    end
    loop.sleep(0.2)
    for _, conn in pairs(conns) do
      conn:close()
    end
    assert.is_truthy(loop.until_true(function()
      local response = to:ask(ping, 1)
      return response and response.status == 200
    end, 10), to.daemon:log())
  end)

  it("takes new clients when idle connections to the engine hold the last descriptors", function()
    start({ "-shutdowngracetime=1", "-maxperclient=48" }, { files = 128 })
    to.upstream:use(function(conn)
      while true do
        local request = message.read_request(conn)
        if not request then
          return
        end
        loop.sleep(request.method == "POST" and 30 or 0.2)
        conn:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
      end
    end)
    local conns = {}
    for i = 1, 44 do -- all at once, so that each needs a connection to the engine
      conns[i] = to:connect()
      conns[i]:send(ping)
    end
    for _, conn in ipairs(conns) do
      assert.equal(200, message.read_response(conn, 5).status)
      conn:send(front.request("POST /containers/x/wait")) -- on a fresh one
    end
    loop.sleep(0.5)
    local response = to:ask(ping, 3)
    assert.equal(200, response and response.status)
    for _, conn in ipairs(conns) do
      conn:close()
    end
  end)

  it("works with the most descriptors that the kernel gives, and takes no time or memory for them", function()
    local most = tonumber((folder.read("/proc/sys/fs/nr_open")))
    start({}, { files = most })
    assert.equal(200, to:ask(ping).status)
    assert.is_true(to.daemon:rss() < 32 * 1024 * daemon.memory_factor, to.daemon:rss() .. " KiB")
  end)

  it("raises its soft limit of descriptors to the hard one, as far as it can use them", function()
    start({ "-maxconnections=1000" }, { prefix = { "prlimit", "--nofile=64:4096" } })
    local limits = folder.read(("/proc/%d/limits"):format(to.daemon:workers()[1]))
    assert.equal("2064", limits:match("Max open files%s+(%d+)"))
  end)

  it("does not leak descriptors", function()
    start()
    for _ = 1, 20 do
      to:ask(ping)
    end
    loop.sleep(0.1)
    local before = to.daemon:descriptors()
    for _ = 1, 200 do
      to:ask(ping)
      to:ask(front.request("GET /../x"))
      local conn = to:connect()
      conn:send("GET /half")
      conn:close()
    end
    loop.sleep(0.2)
    assert.is_true(to.daemon:descriptors() <= before + 2)
  end)

  it("ends with exit 10 when the watchdog loses the engine and is told to stop", function()
    start({ "-watchdoginterval=1", "-stoponwatchdog" })
    to.upstream:stop()
    local result = to.daemon.process:wait(8)
    assert.equal(10, result.code)
    assert.is_truthy(result.stdout:find("socket is unavailable", 1, true))
    to = nil
  end)

  it("goes on when the watchdog loses the engine and is not told to stop", function()
    start({ "-watchdoginterval=1" })
    to.upstream:stop()
    assert.is_truthy(to.daemon:logs("socket is unavailable", 5))
    assert.equal(502, to:ask(ping).status)
    to.daemon:stop()
    to = nil
  end)
end)

-- Port 55555 is the default, so each of these runs in a network of its own.
local in_own_network = sys.uid() == 0 and it
  or function(name) pending(name .. " (needs root)", function() end) end

describe("the health check", function()
  local engine

  local function run(script, words)
    return process.run({ "unshare", "--net", "sh", "-c", "ip link set lo up\n" .. script, daemon.binary,
      "-socketpath=" .. engine.path, table.unpack(words or {}) }, { timeout = 20 })
  end

  local background = [["$0" "$@" & pid=$!; sleep 0.5; ]]

  setup(function() engine = require("spec.support.upstream").start(folder.new() .. "/engine.sock") end)
  teardown(function() engine:stop() end)

  in_own_network("is fine while the engine answers", function()
    local result = run(background .. [["$0" healthcheck; code=$?; kill $pid; exit $code]], { "-allowhealthcheck" })
    assert.equal(0, result.code, result.stdout .. result.stderr)
  end)

  in_own_network("fails without -allowhealthcheck, and says what to do", function()
    local result = run(background .. [["$0" healthcheck; code=$?; kill $pid; exit $code]])
    assert.equal(1, result.code)
    assert.is_truthy(result.stderr:find("-allowhealthcheck", 1, true), result.stderr)
  end)

  in_own_network("is no failure where it was turned off, and says so", function()
    for _, name in ipairs { "SP_ALLOWHEALTHCHECK", "MOONWARD_ALLOWHEALTHCHECK" } do
      local result = run(("%s=false\nexport %s\n"):format(name, name) .. background
        .. [["$0" healthcheck; code=$?; kill $pid; exit $code]])
      assert.equal(0, result.code, result.stderr)
      assert.is_truthy(result.stdout:find("the health check is off", 1, true), result.stdout)
    end
  end)

  in_own_network("has a port of one's own, so that two proxies fit one network", function()
    local result = run([[
      "$0" "$@" & one=$!
      MOONWARD_HEALTHPORT=1234 "$0" "$@" -proxyport=2376 & other=$!; sleep 0.5
      "$0" healthcheck && "$0" healthcheck -healthport=1234 && MOONWARD_HEALTHPORT=1234 "$0" healthcheck; code=$?
      kill $other; sleep 0.5; "$0" healthcheck || code=5; "$0" healthcheck -healthport=1234 && code=6
      kill $one; exit $code]], { "-allowhealthcheck" })
    assert.equal(0, result.code, result.stdout .. result.stderr)
  end)

  in_own_network("names the option that moves it where the port is taken", function()
    local result = run([["$0" "$@" & one=$!; sleep 0.3; "$0" "$@" -proxyport=2376 & other=$!; sleep 0.5
      kill $one $other; wait]], { "-allowhealthcheck" })
    assert.is_truthy((result.stdout .. result.stderr):find("MOONWARD_HEALTHPORT chooses another port", 1, true))
  end)

  for _, case in ipairs {
    { { "-nonsense" }, "", 2, "unknown option -nonsense" },
    { { "now" }, "", 2, "healthcheck takes no arguments" },
    { { "-healthport=0" }, "", 1, "-healthport: expected 1 to 65535, got \"0\"" },
    { {}, "MOONWARD_HEALTHPORT=x ", 1, "MOONWARD_HEALTHPORT: expected a whole number" },
  } do
    in_own_network("does not ask with " .. case[2] .. table.concat(case[1]), function()
      local result = process.run({ "sh", "-c", case[2] .. '"$0" healthcheck "$@"', daemon.binary, table.unpack(case[1]) })
      assert.equal(case[3], result.code)
      assert.is_truthy(result.stderr:find(case[4], 1, true), result.stderr)
    end)
  end

  in_own_network("fails once the engine is gone", function()
    local path = folder.new() .. "/other.sock"
    local other = require("spec.support.upstream").start(path)
    local result = run(background .. ("rm %s\n"):format(path)
      .. [["$0" healthcheck; code=$?; kill $pid; exit $code]], { "-allowhealthcheck", "-socketpath=" .. path })
    other:stop()
    assert.equal(1, result.code, result.stdout .. result.stderr)
  end)

  in_own_network("answers HEAD /health only", function()
    local result = run(background .. [[
      for what in "-I /health" "/health" "-I /other"; do
        set -- $what
        if [ $# = 2 ]; then flag=$1; path=$2; else flag=; path=$1; fi
        curl -s $flag -o /dev/null -w '%{http_code} ' http://127.0.0.1:55555$path
      done; kill $pid]], { "-allowhealthcheck" })
    assert.is_truthy(result.stdout:find("200 405 404 ", 1, true), result.stdout .. result.stderr)
  end)
end)
