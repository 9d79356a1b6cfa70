-- Where moonward listens, and what its sockets look like.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local message = require "spec.support.message"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"
local upstream = require "spec.support.upstream"

local ping = front.request("GET /_ping")

describe("a listener", function()
  local engine, place, running

  setup(function()
    place = folder.new()
    engine = upstream.start(place .. "/engine.sock")
  end)
  teardown(function() engine:stop() end)
  after_each(function()
    if running then
      running:stop()
      running = nil
    end
  end)

  local function start(words, await, options)
    options = options or {}
    options.listen, options.await = false, await
    running = daemon.start(daemon.flatten("-socketpath=" .. engine.path, daemon.allow_all, words), options)
    return running
  end

  local function status(address)
    local conn = assert(stream.connect(address))
    local response = message.ask(conn, ping, 5)
    conn:close()
    return response and response.status
  end

  it("is made by -listenip and -proxyport, as in wollomatic's proxy", function()
    local port = daemon.free_port()
    local address = "tcp://127.0.0.1:" .. port
    start({ "-listenip=127.0.0.1", "-proxyport=" .. port }, address)
    assert.equal(200, status(address))
  end)

  it("is made by SP_LISTENIP and SP_PROXYPORT", function()
    local port = daemon.free_port()
    local address = "tcp://127.0.0.1:" .. port
    start({}, address, { env = { "SP_LISTENIP=127.0.0.1", "SP_PROXYPORT=" .. port } })
    assert.equal(200, status(address))
  end)

  it("is a Unix socket of mode 0600 by -proxysocketendpoint", function()
    local path = place .. "/mw.sock"
    start({ "-proxysocketendpoint=" .. path }, "unix://" .. path)
    assert.equal(200, status("unix://" .. path))
    assert.equal(tonumber("600", 8), sys.stat(path).mode)
  end)

  it("is a Unix socket with the mode, owner and group that it is told", function()
    local path = place .. "/mw.sock"
    start({ "-listen=unix://" .. path .. "?mode=0640&owner=1234&group=4321" }, "unix://" .. path)
    local st = sys.stat(path)
    assert.equal("socket", st.kind)
    assert.equal(tonumber("640", 8), st.mode)
    assert.equal(1234, st.uid)
    assert.equal(4321, st.gid)
  end)

  it("is gone when the daemon has stopped", function()
    local path = place .. "/mw.sock"
    start({ "-proxysocketendpoint=" .. path }, "unix://" .. path)
    running:stop()
    running = nil
    assert.is_nil(sys.stat(path))
  end)

  it("replaces a socket file that nobody listens on", function()
    local path = place .. "/stale.sock"
    sys.close(sys.listen_unix(path))
    start({ "-proxysocketendpoint=" .. path }, "unix://" .. path)
    assert.equal(200, status("unix://" .. path))
  end)

  it("does not take a socket from a program that listens on it", function()
    local path = place .. "/busy.sock"
    local fd = sys.listen_unix(path)
    local result = daemon.run({ "-socketpath=" .. engine.path, "-proxysocketendpoint=" .. path }, { timeout = 5 })
    assert.equal(2, result.code)
    assert.is_truthy((result.stdout .. result.stderr):find("another program listens", 1, true))
    assert.equal("socket", sys.stat(path).kind)
    sys.close(fd)
  end)

  for _, kind in ipairs({ "file", "directory" }) do
    it("does not replace a " .. kind, function()
      local path = place .. "/precious-" .. kind
      os.execute((kind == "file" and "echo data >" or "mkdir ") .. path)
      local result = daemon.run({ "-socketpath=" .. engine.path, "-proxysocketendpoint=" .. path }, { timeout = 5 })
      assert.equal(2, result.code)
      assert.is_truthy((result.stdout .. result.stderr):find(path .. " exists and is not a socket", 1, true))
      assert.equal(kind, sys.stat(path).kind)
    end)
  end

  it("that cannot be opened ends the start with exit 2 and a message", function()
    local fd, port = sys.listen_tcp("127.0.0.1", "0")
    local result = daemon.run({ "-socketpath=" .. engine.path, "-proxyport=" .. port }, { timeout = 5 })
    assert.equal(2, result.code)
    assert.is_truthy(result.stdout:find("127.0.0.1:" .. port
      .. ": Address already in use; another program listens there; `ss -ltnp` names it", 1, true), result.stdout)
    sys.close(fd)
  end)

  it("that cannot be there says why, and what to do", function()
    local cases = {
      { "-listen=unix://" .. place .. "/none/x.sock", "No such file or directory; make its folder first" },
      { "-listen=tcp://192.0.2.1:1", "Cannot assign requested address; this host has no such address" },
    }
    for _, case in ipairs(cases) do
      local result = daemon.run({ "-socketpath=" .. engine.path, case[1] }, { timeout = 5 })
      assert.equal(2, result.code)
      assert.is_truthy(result.stdout:find(case[2], 1, true), result.stdout)
    end
  end)

  it("may be one of several, each with its own mode", function()
    local tcp = "tcp://127.0.0.1:" .. daemon.free_port()
    local one, two = place .. "/one.sock", place .. "/two.sock"
    start({ "-listen=" .. tcp, "-listen=unix://" .. one .. "?mode=0600", "-listen=unix://" .. two .. "?mode=0666" },
      "unix://" .. two)
    for _, address in ipairs({ tcp, "unix://" .. one, "unix://" .. two }) do
      assert.equal(200, status(address))
    end
    assert.equal(tonumber("600", 8), sys.stat(one).mode)
    assert.equal(tonumber("666", 8), sys.stat(two).mode)
  end)

  local has_ipv6 = sys.stat("/proc/net/if_inet6") and pcall(daemon.free_port, "::1");
  (has_ipv6 and it or function(name) pending(name .. " (needs IPv6)", function() end) end)(
    "may be on IPv6", function()
      local address = ("tcp://[::1]:%d"):format(daemon.free_port("::1"))
      start({ "-listen=" .. address, "-allowfrom=::1/128" }, address)
      assert.equal(200, status(address))
    end)

  it("on :: also takes IPv4 clients, under their IPv4 address", function()
    local port = daemon.free_port()
    start({ "-listenip=::", "-proxyport=" .. port, "-allowfrom=127.0.0.1/32" }, "tcp://127.0.0.1:" .. port)
    assert.equal(200, status("tcp://127.0.0.1:" .. port))
    assert.is_falsy(running:log():find("::ffff:", 1, true))
  end)

  it("refuses a client that is not allowed, with 403", function()
    local port = daemon.free_port()
    start({ "-listenip=127.0.0.1", "-proxyport=" .. port, "-allowfrom=192.0.2.0/24" }, "tcp://127.0.0.1:" .. port)
    assert.equal(403, status("tcp://127.0.0.1:" .. port))
  end)
end)
