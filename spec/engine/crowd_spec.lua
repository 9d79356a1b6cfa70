-- Many streams at once, and what is left of them on the engine's side when their clients go.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local loop = require "spec.support.loop"
local process = require "spec.support.process"

local it = engine.it(it, pending)

local many = 100

-- Connections that the engine holds open.
local function engine_side()
  local count = 0
  for line in process.shell("ss -x -H state connected src " .. engine.get().socket):gmatch("[^\n]+") do
    count = count + (line:find("ESTAB", 1, true) and 1 or 0)
  end
  return count
end

describe(many .. " times docker logs -f at once", function()
  local proxy

  setup(function()
    if not engine.unavailable() then
      proxy = daemon.start(daemon.flatten("-socketpath=" .. engine.get().socket, daemon.allow_all))
    end
  end)
  teardown(function()
    if proxy then
      proxy:stop()
    end
  end)

  it("all get everything, cost little, and are gone on the engine's side after Ctrl-C", function()
    local env = engine.env(engine.get().straight)
    process.shell([[docker run -d --name crowd busybox \
      sh -c 'echo first; until [ -e /go ]; do sleep 0.2; done; echo second; sleep 600']], { env = env })
    local idle = engine_side()
    local before = proxy:rss()
    local followers = {}
    for i = 1, many do
      followers[i] = process.start({ "docker", "logs", "-f", "crowd" },
        { env = engine.env(i % 2 == 0 and proxy.tcp or proxy.unix) })
    end
    for i = 1, many do
      assert.is_truthy(followers[i]:shows("first\n", 60))
    end
    assert.is_true(engine_side() >= many)
    local each = (proxy:rss() - before) / many
    assert.is_true(each < 64 * daemon.memory_factor, each .. " KiB for each stream")
    process.shell("docker exec crowd touch /go", { env = env })
    for i = 1, many do
      assert.is_truthy(followers[i]:shows("first\nsecond\n", 20))
    end
    for i = 1, many do
      followers[i]:kill("INT")
    end
    assert.is_truthy(loop.until_true(function() return engine_side() <= idle + 4 end, 10),
      ("the engine had %d connections before and has %d"):format(idle, engine_side()))
    for i = 1, many do
      followers[i]:wait(10)
    end
    process.shell("docker rm -f crowd", { env = env })
  end)
end)
