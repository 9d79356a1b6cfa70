-- The image: built by a real engine with the tools of the tree, run as a compose file would run it,
-- and used by name from another container on its network.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local loop = require "spec.support.loop"
local process = require "spec.support.process"
local sys = require "spec.support.sys"

-- The image is built in the image, so with another binary there is nothing else to see.
if daemon.binary ~= "build/release/moonward" then
  return
end

local it = engine.it(it, pending)

local image = "moonward:spec"

describe("the image", function()
  local env

  local function docker(line, timeout)
    return process.run({ "sh", "-c", "docker " .. line }, { env = env, timeout = timeout or 60 })
  end

  local function must(line, timeout)
    local result = docker(line, timeout)
    assert(result.code == 0, ("docker %s: exit %s\n%s%s"):format(line, result.code, result.stdout, result.stderr))
    return result.stdout:match("^(.-)%s*$")
  end

  setup(function()
    if engine.unavailable() then
      return
    end
    env = engine.env(engine.get().straight)
    -- No registry is needed: the base is made of Debian's packages once, and kept in build/.
    local packages = process.shell("tools/deps list build | cksum"):match("%d+")
    local base = daemon.flatten(env, "BASE_TAR=build/base-" .. packages .. ".tar")
    local made = process.run({ "tools/base-image", "debian:bookworm-slim" }, { env = base, timeout = 900 })
    assert(made.code == 0, made.stdout .. made.stderr)
    local built = process.run({ "tools/image", "1.2.3" },
      { env = daemon.flatten(env, "IMAGE=" .. image), timeout = 600 })
    assert(built.code == 0, built.stdout .. built.stderr)
  end)

  it("has less than 5 MB", function()
    local size = tonumber(must("image inspect -f '{{.Size}}' " .. image))
    assert.is_true(size > 1000000 and size < 5000000, size .. " bytes")
  end)

  it("runs as nobody, by a program without a shell", function()
    assert.equal("65534:65534", must("image inspect -f '{{.Config.User}}' " .. image))
    assert.equal("[/moonward]", must("image inspect -f '{{.Config.Entrypoint}}' " .. image))
  end)

  it("says its version", function()
    assert.is_truthy(must("run --rm " .. image .. " version"):find("1.2.3", 1, true))
  end)

  it("has the programs of wollomatic's image at their places", function()
    for _, path in ipairs({ "/socket-proxy", "/healthcheck" }) do
      local result = docker(("run --rm --entrypoint %s %s -help"):format(path, image), 20)
      assert.is_true(result.code ~= 127, path .. ": " .. result.stderr)
    end
  end)

  describe("in a network, read-only, without capabilities,", function()
    setup(function()
      if engine.unavailable() then
        return
      end
      local socket = engine.get().socket
      must("network create front")
      must(([[run -d --name proxy --network front --read-only --cap-drop ALL --security-opt no-new-privileges \
        --group-add %d --health-interval 1s -v %s:/var/run/docker.sock:ro \
        -e SP_LISTENIP=0.0.0.0 -e SP_ALLOWFROM=0.0.0.0/0 -e 'SP_ALLOW_GET=(/v[0-9.]+)?/(version|containers/json)' \
        -e 'SP_ALLOW_HEAD=/_ping' %s]]):format(sys.stat(socket).gid, socket, image))
    end)

    local function log()
      return docker("logs proxy").stdout
    end

    it("becomes healthy", function()
      local healthy = loop.until_true(function()
        return docker("inspect -f '{{.State.Health.Status}}' proxy").stdout:find("^healthy")
      end, 30)
      assert.is_truthy(healthy, log() .. must("inspect -f '{{json .State.Health}}' proxy"))
    end)

    it("is used by its name from another container", function()
      local answer = must("run --rm --network front busybox wget -q -O - http://proxy:2375/v1.41/version")
      assert.is_truthy(answer:find('"ApiVersion"', 1, true), answer)
    end)

    it("denies what is not allowed, and logs who asked", function()
      local result = docker("run --rm --network front busybox wget -q -O - http://proxy:2375/v1.41/info")
      assert.is_true(result.code ~= 0)
      assert.is_truthy(result.stderr:find("403", 1, true), result.stderr)
      assert.is_truthy(log():find("path=/v1.41/info", 1, true), log())
    end)

    it("has one process that listens and little memory", function()
      local top = must("top proxy -o pid,rss,args")
      local memory = 0
      for rss in top:gmatch("\n%s*%d+%s+(%d+)") do
        memory = memory + tonumber(rss)
      end
      assert.is_true(memory > 0 and memory < 24 * 1024, top)
    end)

    it("listens at a Unix socket in a shared volume", function()
      local socket = engine.get().socket
      must("volume create door")
      must(([[run -d --name unix --network none --read-only --cap-drop ALL --security-opt no-new-privileges \
        --group-add %d -v %s:/var/run/docker.sock:ro -v door:/run/moonward \
        -e 'MOONWARD_LISTEN=unix:///run/moonward/docker.sock?mode=0666' -e MOONWARD_POLICY=read-only %s]])
        :format(sys.stat(socket).gid, socket, image))
      -- The volume is a folder of the engine's, so a client outside reaches it as one inside would.
      local place = engine.get().folder .. "/data/volumes/door/_data"
      assert.is_truthy(loop.until_true(function() return sys.stat(place .. "/docker.sock") end, 10), docker("logs unix").stdout)
      assert.equal("65534:65534\n", process.shell("stat -c %u:%g " .. place))
      local answer = process.run { "curl", "-s", "--unix-socket", place .. "/docker.sock", "http://moonward/_ping" }
      local inside = must "run --rm --user 4242 -v door:/run/moonward busybox test -w /run/moonward/docker.sock && echo writable"
      assert.equal("OK writable", answer.stdout .. " " .. inside)
    end)

    it("stops at docker stop with exit 0, soon", function()
      local before = sys.now()
      must("stop -t 10 proxy")
      assert.is_true(sys.now() - before < 4)
      assert.equal("0", must("inspect -f '{{.State.ExitCode}}' proxy"))
    end)

    it("tells what helps when it may not use the socket", function()
      local result = docker(("run --rm -v %s:/var/run/docker.sock:ro %s"):format(engine.get().socket, image), 20)
      assert.equal(2, result.code)
      assert.is_truthy(result.stdout:find("group_add", 1, true), result.stdout .. result.stderr)
    end)
  end)
end)
