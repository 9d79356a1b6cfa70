-- What somebody at a terminal sees of a denial, and of an engine that is away.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local process = require "spec.support.process"

local it = engine.it(it, pending)

describe("docker shows", function()
  local proxy

  setup(function()
    if engine.unavailable() then
      return
    end
    proxy = daemon.start({ "-socketpath=" .. engine.get().socket, "-allowbindmountfrom=/srv",
      "-allowHEAD=(/v[0-9.]+)?/_ping", "-allowGET=(/v[0-9.]+)?/(version|containers/json|images/.*)",
      "-allowPOST=(/v[0-9.]+)?/containers/create" })
  end)
  teardown(function()
    if proxy then
      proxy:stop()
    end
  end)

  local function docker(...)
    return process.run({ "docker", ... }, { env = engine.env(proxy.tcp), timeout = 20 })
  end

  -- {arguments, exit code, what standard error begins with}
  for _, case in ipairs({
    { { "rm", "-f", "x" }, 1, "Error response from daemon: moonward: " },
    { { "info" }, 1, "Error response from daemon: moonward: ", anywhere = true },
    { { "network", "ls" }, 1, "Error response from daemon: moonward: " },
    { { "volume", "create", "x" }, 1, "Error response from daemon: moonward: " },
    { { "pull", "busybox" }, 1, "Error response from daemon: moonward: " },
    { { "exec", "x", "true" }, 1, "Error response from daemon: moonward: " },
    { { "logs", "x" }, 1, "Error response from daemon: moonward: " },
    { { "events" }, 1, "Error response from daemon: moonward: " },
    { { "build", "-" }, 1, "moonward: ", anywhere = true },
    { { "create", "-v", "/etc:/etc", "busybox" }, 1, "Error response from daemon: moonward: " },
    { { "run", "--rm", "-v", "/:/host", "busybox" }, 125, "docker: Error response from daemon: moonward: " },
  }) do
    it("a denial of docker " .. table.concat(case[1], " "), function()
      local result = docker(table.unpack(case[1]))
      assert.equal(case[2], result.code, result.stderr)
      local shown = case.anywhere and result.stdout .. result.stderr or result.stderr
      local at = shown:find(case[3], 1, true)
      assert.is_true(case.anywhere and at ~= nil or at == 1, shown)
    end)
  end

  it("the bind that was refused, by its path", function()
    local result = docker("create", "-v", "/etc/../root:/r", "busybox")
    assert.is_truthy(result.stderr:find("/root", 1, true), result.stderr)
  end)

  it("what is allowed, as ever", function()
    assert.equal(0, docker("ps").code)
    assert.equal(0, docker("version").code)
    assert.equal(0, docker("create", "-v", "/srv/x:/x", "busybox").code)
  end)
end)
