-- When the engine cannot be reached, the answer says why and what to do.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local sys = require "spec.support.sys"
local upstream = require "spec.support.upstream"

local ping = front.request("GET /_ping")

describe("the engine's socket", function()
  local to, path

  before_each(function()
    to = front.start()
    path = to.upstream.path
    assert.equal(200, to:ask(ping).status)
    to.upstream:stop()
  end)
  after_each(function()
    to.daemon:stop()
    os.execute("rm -rf '" .. path .. "'")
  end)

  local function says(text)
    local response = to:ask(ping)
    assert.equal(502, response and response.status)
    assert.is_truthy(response.body:find('"moonward: ', 1, true), response.body)
    assert.is_truthy(response.body:find(text, 1, true), response.body)
  end

  it("that is missing is told", function() says("does not exist") end)

  it("that nobody listens on is told", function()
    sys.close(sys.listen_unix(path))
    says("nobody listens")
  end)

  it("that is a directory is told", function()
    os.execute("mkdir '" .. path .. "'")
    says("is a directory")
  end)

  it("that is an ordinary file is told", function()
    os.execute("touch '" .. path .. "'")
    says("is not a socket")
  end)

  it("that comes back is used again, without a restart", function()
    says("does not exist")
    local again = upstream.start(path)
    assert.equal(200, to:ask(ping).status)
    again:stop()
  end)

  it("that breaks a kept connection does not break the next request", function()
    local again = upstream.start(path, function(conn)
      message.read_request(conn)
      conn:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK") -- and the connection ends
    end)
    for _ = 1, 10 do
      assert.equal(200, to:ask(ping).status)
    end
    again:stop()
  end)

  it("that breaks does not get a request twice that may have had an effect", function()
    local asked = 0
    local again = upstream.start(path, function(conn)
      while message.read_request(conn, 60) do
        asked = asked + 1
        if asked == 1 then
          conn:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
        else
          return
        end
      end
    end)
    assert.equal(200, to:ask(ping).status)
    assert.equal(502, to:ask(front.request("POST /containers/x/start")).status)
    to.upstream:settle(0.2)
    assert.equal(2, asked)
    again:stop()
  end)
end)

local unprivileged = sys.uid() == 0 and it or function(name)
  pending(name .. " (needs root, to start as another user)", function() end)
end

describe("an engine's socket without permission", function()
  -- What a start as user 65534 says of a path.
  local function said_of(path)
    local result = daemon.run({ "-socketpath=" .. path, "-proxyport=" .. daemon.free_port() },
      { uid = 65534, timeout = 5 })
    assert.equal(2, result.code)
    return result.stdout .. result.stderr
  end

  local function place_of()
    local place = folder.new()
    os.execute("chmod 755 " .. place)
    return place
  end

  -- mode, what is said, what is not
  for _, case in ipairs {
    { "660", { "permission denied", "user 4320, group 4321, mode 0660", "group_add: [\\\"4321\\\"]", "65534:4321" }, nil },
    { "600", { "mode 0600", "only its owner may connect", 'user: \\"4320:4321\\"' }, "group_add" },
    { "640", { "mode 0640", "only its owner may connect" }, "group_add" },
    { "440", { "mode 0440", "nobody but root may connect" }, "user: " },
  } do
    unprivileged("is told with its owner, group, mode " .. case[1] .. ", and the line that helps", function()
      local path = place_of() .. "/engine.sock"
      local engine = upstream.start(path)
      sys.chown(path, 4320, 4321)
      sys.chmod(path, tonumber(case[1], 8))
      local said = said_of(path)
      engine:stop()
      for _, text in ipairs(case[2]) do
        assert.is_truthy(said:find(text, 1, true), said)
      end
      assert.is_nil(case[3] and said:find(case[3], 1, true), said)
    end)
  end

  unprivileged("is a directory first of all, if it is one that nobody may write to", function()
    local path = place_of() .. "/docker.sock"
    os.execute("mkdir -m 755 " .. path)
    local said = said_of(path)
    assert.is_truthy(said:find(path .. " is a directory and no socket: Docker makes one", 1, true), said)
  end)

  unprivileged("is no socket first of all, if it is a file", function()
    local path = folder.write(place_of() .. "/docker.sock", "x")
    os.execute("chmod 600 " .. path)
    local said = said_of(path)
    assert.is_truthy(said:find(path .. " is not a socket", 1, true), said)
  end)
end)

describe("an engine over TCP", function()
  it("works, and is 502 with a message when it is away", function()
    local port = daemon.free_port()
    local running = daemon.start(daemon.flatten(daemon.allow_all, "-upstream=tcp://127.0.0.1:" .. port))
    local conn = running:connect()
    local response = message.ask(conn, ping)
    assert.equal(502, response.status)
    assert.is_truthy(response.body:find(tostring(port), 1, true), response.body)
    conn:close()
    local fd = sys.listen_tcp("127.0.0.1", tostring(port))
    require("spec.support.loop").spawn(function()
      local side = front.stream.of((function()
        while true do
          require("spec.support.loop").readable(fd, 60)
          local accepted = sys.accept(fd)
          if accepted then
            return accepted
          end
        end
      end)())
      message.read_request(side)
      side:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
    end)
    conn = running:connect()
    assert.equal(200, message.ask(conn, ping).status)
    conn:close()
    running:stop()
    sys.close(fd)
  end)
end)

describe("an engine with a name", function()
  local root_only = sys.uid() == 0 and it
    or function(name) pending(name .. " (needs root)", function() end) end

  root_only("is found again when /etc/hosts has changed", function()
    local fd, port = sys.listen_tcp("127.0.0.1", "0")
    local serving = loop.spawn(function()
      while true do
        loop.readable(fd, 60)
        local accepted = sys.accept(fd)
        if accepted then
          local side = front.stream.of(accepted)
          message.read_request(side)
          side:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
          side:close()
        end
      end
    end)
    local hosts = folder.write(folder.new() .. "/hosts", "127.0.0.9 engine.test\n")
    local to = daemon.start(daemon.flatten(daemon.allow_all, "-upstream=tcp://engine.test:" .. port), {
      prefix = { "unshare", "--mount", "sh", "-c", "mount --bind " .. hosts .. ' /etc/hosts && exec "$@"', "sh" },
    })
    local function status()
      local conn = to:connect()
      local response = message.ask(conn, ping, 5)
      conn:close()
      return response and response.status
    end
    assert.equal(502, status())
    local file = assert(io.open(hosts, "w")) -- in its place, as Docker does it
    file:write("127.0.0.1 engine.test\n")
    file:close()
    assert.is_truthy(loop.until_true(function() return status() == 200 end, 5), to:log())
    to:stop()
    loop.cancel(serving)
    sys.close(fd)
  end)
end)
