-- The engine is killed under load and started again; moonward stays.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local quiet = require "spec.support.quiet"
local shared = require "spec.support.shared"

local it = engine.it(it, pending)

describe("an engine that is killed and started again", function()
  it("is 502 with a message meanwhile, and works again without a restart of moonward", function()
    if shared.get("quiet") then -- those streams would end with the engine
      for _, stream in pairs(quiet.begin()) do
        loop.until_true(function() return stream:ended() end, quiet.seconds + 30)
      end
    end
    local proxy = daemon.start(daemon.flatten("-socketpath=" .. engine.get().socket, daemon.allow_all))
    local statuses, asking = {}, true
    local asked = 0
    for i = 1, 8 do
      loop.spawn(function()
        while asking do
          local conn = front.stream.connect(i % 2 == 0 and proxy.tcp or proxy.unix)
          for _ = 1, 5 do
            local response = conn and message.ask(conn, front.request("GET /v1.41/containers/json?all=1"), 20)
            local status = response and response.status or 0
            statuses[status] = (statuses[status] or 0) + 1
            asked = asked + 1
            if status == 502 then
              assert(response.body:find('"moonward: ', 1, true), response.body)
            end
            if status ~= 200 then
              loop.sleep(0.02)
              break
            end
          end
          if conn then
            conn:close()
          end
        end
      end)
    end
    local follower = process.start({ "docker", "events" }, { env = engine.env(proxy.tcp) })
    loop.until_true(function() return (statuses[200] or 0) > 100 end, 20)
    engine.kill()
    assert.is_truthy(loop.until_true(function() return (statuses[502] or 0) > 20 end, 10))
    assert.is_truthy(follower:wait(10).code, "docker events did not end with the engine")
    local shown = process.run({ "docker", "ps" }, { env = engine.env(proxy.tcp), timeout = 20 })
    assert.is_true(shown.code ~= 0)
    assert.is_truthy(shown.stderr:find("moonward: ", 1, true), shown.stderr)
    engine.start_again()
    local good = statuses[200]
    assert.is_truthy(loop.until_true(function() return statuses[200] > good + 100 end, 20))
    asking = false
    loop.sleep(0.5)
    assert.equal(1, #proxy:workers())
    assert.is_falsy(proxy:log():find("a worker died", 1, true))
    for status in pairs(statuses) do -- 0: the answer was cut, or the connection ended
      assert.is_true(status == 200 or status == 502 or status == 0, "status " .. status)
    end
    assert.is_true((statuses[0] or 0) <= 16, (statuses[0] or 0) .. " requests without an answer of " .. asked)
    local run = process.run({ "docker", "run", "--rm", "busybox", "echo", "alive" }, { env = engine.env(proxy.tcp) })
    assert.equal("alive\n", run.stdout, run.stderr)
    proxy:stop()
  end)
end)
