-- Volumes that a mount makes, as Testcontainers for Go writes it, through the policy testcontainers.
local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local process = require "spec.support.process"

local it = engine.it(it, pending)

local LABEL = "org.testcontainers=true"

local function docker(address, ...)
  return process.run({ "docker", ... }, { env = engine.env(address), timeout = 30 })
end

describe("a volume that a mount makes", function()
  local running

  setup(function()
    if not engine.unavailable() then
      running = daemon.start { "-policy=testcontainers", "-socketpath=" .. engine.get().socket }
    end
  end)
  teardown(function()
    if running then
      running:stop()
      docker(engine.get().straight, "rm", "-f", "mounts")
      docker(engine.get().straight, "volume", "rm", "-f", "made-by-mount", "of-others")
    end
  end)

  local function create(mount)
    return docker(running.unix, "create", "--name", "mounts", "--label", LABEL, "--mount", "type=volume,target=/d," .. mount,
      "busybox", "true")
  end

  it("is the client's own with its label: it mounts and removes it", function()
    local made = create("source=made-by-mount,volume-label=" .. LABEL)
    assert.equal(0, made.code, made.stderr)
    local labels = docker(engine.get().straight, "volume", "inspect", "-f", "{{json .Labels}}", "made-by-mount").stdout
    assert.equal('{"org.testcontainers":"true"}\n', labels)
    assert.equal(0, docker(running.unix, "rm", "mounts").code)
    assert.equal(0, docker(running.unix, "volume", "rm", "made-by-mount").code)
  end)

  it("is refused without it, and so is another's under its name", function()
    assert.equal(0, docker(engine.get().straight, "volume", "create", "of-others").code)
    for _, mount in ipairs { "source=made-by-mount", "source=of-others,volume-label=" .. LABEL } do
      local refused = create(mount)
      assert.is_truthy(refused.stderr:find("not allowed: volume ", 1, true), refused.stderr)
    end
    assert.not_equal(0, docker(engine.get().straight, "volume", "inspect", "made-by-mount").code)
  end)
end)
