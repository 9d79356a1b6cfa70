-- A host of several listeners from one file: each has policies of its own, also after a reload, and a file that
-- has become wrong changes nothing.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local stream = require "spec.support.stream"
local upstream = require "spec.support.upstream"

describe("a file of -config", function()
  local place = folder.new()
  local engine, running
  local tcp = "tcp://127.0.0.1:" .. daemon.free_port()
  local by_path = "unix://" .. place .. "/a.sock"
  local other = "unix://" .. place .. "/b.sock"

  -- The labels of 'label' are read by one policy of the file: the same one twice, with options of its own.
  local function write(first, second, rest)
    folder.write(place .. "/host.lua", ([[return {
  upstream = "%s/engine.sock",
  listeners = {
    first = { listen = { "%s", "%s" }, policy = { "default", allowfrom = "127.0.0.1", allowGET = %s } },
    second = { listen = "%s", policy = { "default", allowGET = %s } },
  }, %s
}]]):format(place, tcp, by_path, first, other, second, rest or ""))
  end

  setup(function()
    engine = upstream.start(place .. "/engine.sock")
    write('"/first"', '{ "/second" }')
    running = daemon.start({ "-config=" .. place .. "/host.lua" }, { listen = false, await = other })
  end)
  teardown(function()
    local result = running:stop()
    engine:stop()
    assert.is_falsy((result.stdout .. result.stderr):find("Sanitizer", 1, true), result.stderr)
  end)

  local function status(address, path)
    local conn = assert(stream.connect(address))
    local response = message.ask(conn, front.request("GET " .. path), 5)
    conn:close()
    return response and response.status
  end

  -- listener, path, status
  local cases = {
    { tcp, "/first", 200 }, { tcp, "/second", 403 },
    { by_path, "/first", 200 }, { by_path, "/second", 403 },
    { other, "/first", 403 }, { other, "/second", 200 },
  }
  for _, case in ipairs(cases) do
    it(("gives a listener its own policy: %d for %s at %s"):format(case[3], case[2], case[1]:gsub(place, "")), function()
      assert.equal(case[3], status(case[1], case[2]))
    end)
  end

  it("is named in the log with each policy and its listener", function()
    assert.is_truthy(running:logs { "policy loaded", "policy=default", "listener=first" }, running:log())
    assert.is_truthy(running:logs { "policy loaded", "policy=default", "listener=second" }, running:log())
  end)

  it("changes nothing at a reload when it has become wrong", function()
    write('"/first"', '{ "/second", 1.5 }')
    running:signal "HUP"
    local why = "host.lua:5: listeners.second.policy.allowGET[2]: expected a text"
    assert.is_truthy(running:logs { "reload failed", why }, running:log())
    assert.equal(200, status(other, "/second"))
  end)

  it("takes other listeners only at a restart", function()
    write('"/first"', '"/second"', "maxheaders = 100")
    folder.write(place .. "/host.lua", (folder.read(place .. "/host.lua"):gsub("second =", "third =")))
    running:signal "HUP"
    assert.is_truthy(running:logs { "reload failed", "take a restart" }, running:log())
    assert.equal(200, status(other, "/second"))
  end)

  it("is read anew at a reload", function()
    write('"/first"', '{ "/second", "/third" }')
    running:signal "HUP"
    assert.is_truthy(running:logs "policies reloaded", running:log())
    -- An old worker may take one more connection before it hears of it.
    assert.is_truthy(loop.until_true(function() return status(other, "/third") == 200 end, 5))
    assert.equal(403, status(tcp, "/third"))
  end)
end)
