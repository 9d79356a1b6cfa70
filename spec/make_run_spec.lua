-- What `make run` does beside building: tools/run looks for an engine, says what it found, and serves it.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local process = require "spec.support.process"
local sys = require "spec.support.sys"
local upstream = require "spec.support.upstream"

-- Nobody else's engine is looked for: DOCKER_HOST comes first, and there is nothing at the other places but
-- on a machine with an engine, where the first has to answer or be denied.
local function start(socket, ...)
  local port = daemon.free_port()
  local arguments = { "tools/run", daemon.binary, "-listen", "tcp://127.0.0.1:" .. port, ... }
  return process.start(arguments, { env = { "DOCKER_HOST=unix://" .. socket } }), port
end

local function finish(running)
  running:kill("TERM")
  running:wait(10)
end

describe("tools/run", function()
  it("serves the engine at hand and says where", function()
    local socket = folder.new() .. "/docker.sock"
    local engine = upstream.start(socket, function(conn) conn:read_all(10) end)
    local running, port = start(socket)
    assert.is_truthy(running:shows("running and listening", 10), running.stdout() .. running.stderr())
    finish(running)
    engine:stop()
    assert.is_truthy(running.stdout():find("docker -H tcp://127.0.0.1:" .. port .. " version", 1, true), running.stdout())
    assert.is_truthy(running.stdout():find("-socketpath=" .. socket, 1, true), running.stdout())
  end)

  it("serves a recorded engine where none answers", function()
    local running = start "/nonexistent/docker.sock"
    assert.is_truthy(running:shows("running and listening", 30), running.stdout() .. running.stderr())
    finish(running)
    assert.is_truthy(running.stdout():find("No Docker Engine answers here", 1, true), running.stdout())
  end)

  local test = sys.uid() == 0 and it or pending
  test("says what helps a user who may not open the engine's socket", function()
    local home = folder.new()
    local socket = home .. "/docker.sock"
    local engine = upstream.start(socket, function(conn) conn:read_all(10) end)
    process.shell(("chmod 755 %s && chmod 600 %s"):format(home, socket))
    -- Not the whole of tools/run, which would write into this tree: the user may not.
    local result = process.run({ "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "tools/run", "--engine" },
      { env = { "DOCKER_HOST=unix://" .. socket }, timeout = 10 })
    engine:stop()
    assert.equal(1, result.code)
    assert.is_truthy(result.stdout:find("Permission denied: nobody may not open the Docker Engine's socket " .. socket, 1,
      true), result.stdout .. result.stderr)
    assert.is_truthy(result.stdout:find("sudo make run", 1, true), result.stdout)
  end)
end)
